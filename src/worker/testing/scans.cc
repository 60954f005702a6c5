#include "worker/testing/scans.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numbers>
#include <random>

#include <fmt/format.h>
#include <fontconfig/fontconfig.h>
#include <leptonica/allheaders.h>
#include <poppler-document.h>
#include <poppler-page-renderer.h>
#include <poppler-page.h>

#include "text/utf8.h"
#include "worker/extract_raster.h"

namespace sekisho::worker::testing {
namespace {

/// The machine's fonts for as long as it lives; a reader of this process has none.
class Fonts {
 public:
  Fonts() : before_(FcConfigReference(nullptr)) {
    static FcConfig* const kAll = FcInitLoadConfigAndFonts();
    FcConfigSetCurrent(kAll);
  }
  ~Fonts() {
    FcConfigSetCurrent(before_);
    FcConfigDestroy(before_);
  }
  Fonts(const Fonts&) = delete;
  Fonts& operator=(const Fonts&) = delete;

 private:
  FcConfig* before_;
};

Raster drawn(std::string_view pdf, double dots_an_inch) {
  const Fonts fonts;
  const std::unique_ptr<poppler::document> document(poppler::document::load_from_raw_data(pdf.data(), static_cast<int>(pdf.size())));
  const std::unique_ptr<poppler::page> page(document == nullptr ? nullptr : document->create_page(0));
  if (page == nullptr) return nullptr;
  poppler::page_renderer renderer;
  renderer.set_image_format(poppler::image::format_rgb24);
  renderer.set_render_hints(poppler::page_renderer::antialiasing | poppler::page_renderer::text_antialiasing);
  const poppler::image image = renderer.render_page(page.get(), dots_an_inch, dots_an_inch);
  if (!image.is_valid()) return nullptr;
  return raster_of(reinterpret_cast<const std::uint8_t*>(image.const_data()), static_cast<std::size_t>(image.width()), static_cast<std::size_t>(image.height()),
                   static_cast<std::size_t>(image.bytes_per_row()), true);
}

/// Red ink over what is there: the paper's white becomes red and black stays black.
void stamp(const Raster& raster, double dots_an_inch) {
  const double middle_x = pixGetWidth(raster.get()) * 0.45;
  const double middle_y = pixGetHeight(raster.get()) * 0.14;
  const double radius = dots_an_inch * 0.5;
  for (auto y = static_cast<l_int32>(middle_y - radius); y <= static_cast<l_int32>(middle_y + radius); ++y) {
    for (auto x = static_cast<l_int32>(middle_x - radius); x <= static_cast<l_int32>(middle_x + radius); ++x) {
      const double away = std::hypot(x - middle_x, y - middle_y) / radius;
      const bool ring = away > 0.9 && away <= 1;
      const bool cross = away < 0.9 && (std::fabs(x - middle_x) < 0.05 * radius || std::fabs(y - middle_y) < 0.05 * radius);
      if (!ring && !cross) continue;
      l_int32 red = 0, green = 0, blue = 0;
      pixGetRGBPixel(raster.get(), x, y, &red, &green, &blue);
      pixSetRGBPixel(raster.get(), x, y, red * 215 / 255, green * 45 / 255, blue * 50 / 255);
    }
  }
}

void darken_one_edge(const Raster& raster) {
  for (l_int32 y = 0; y < pixGetHeight(raster.get()); ++y) {
    for (l_int32 x = 0; x < pixGetWidth(raster.get()); ++x) {
      l_int32 red = 0, green = 0, blue = 0;
      pixGetRGBPixel(raster.get(), x, y, &red, &green, &blue);
      const l_int32 light = 255 - 110 * x / pixGetWidth(raster.get());
      pixSetRGBPixel(raster.get(), x, y, red * light / 255, green * light / 255, blue * light / 255);
    }
  }
}

void strew_dust(const Raster& raster, double share) {
  std::mt19937 chance(20'240'715);
  const auto width = static_cast<std::uint32_t>(pixGetWidth(raster.get()));
  const auto height = static_cast<std::uint32_t>(pixGetHeight(raster.get()));
  for (auto left = static_cast<std::int64_t>(share * width * height); left > 0; --left) {
    const auto x = static_cast<l_int32>(chance() % width);
    const auto y = static_cast<l_int32>(chance() % height);
    const l_int32 shade = chance() % 2 == 0 ? 0 : 255;
    pixSetRGBPixel(raster.get(), x, y, shade, shade, shade);
  }
}

std::string file_of(const Raster& raster, const std::string& format) {
  const l_int32 type = format == "jpeg" ? IFF_JFIF_JPEG : format == "tiff" ? IFF_TIFF_LZW : format == "bmp" ? IFF_BMP : format == "gif" ? IFF_GIF : format == "webp" ? IFF_WEBP : IFF_PNG;
  l_uint8* data = nullptr;
  size_t size = 0;
  const Raster few(raster != nullptr && format == "gif" ? pixConvertTo8(raster.get(), 1) : nullptr);
  if (raster == nullptr || pixWriteMem(&data, &size, few != nullptr ? few.get() : raster.get(), type) != 0) return {};
  std::string bytes(reinterpret_cast<const char*>(data), size);
  lept_free(data);
  return bytes;
}

Raster read(std::string_view picture) { return Raster(pixReadMem(reinterpret_cast<const l_uint8*>(picture.data()), picture.size())); }

std::u32string letters(std::string_view text) {
  std::u32string letters;
  text::for_each_character(text, [&](const text::Character& c) {
    if (!text::is_space(c.value)) letters += c.value >= 0xFF01 && c.value <= 0xFF5E ? c.value - 0xFEE0 : c.value;
  });
  return letters;
}

}  // namespace

std::string scan_of(std::string_view pdf, const ScanOptions& options) {
  Raster raster = drawn(pdf, options.dots_an_inch);
  if (raster == nullptr) return {};
  if (options.stamp) stamp(raster, options.dots_an_inch);
  if (options.shadow) darken_one_edge(raster);
  if (options.skew_degrees != 0) {
    raster.reset(pixRotate(raster.get(), static_cast<l_float32>(options.skew_degrees * std::numbers::pi / 180), L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0));
  }
  if (options.quarters != 0) raster.reset(pixRotateOrth(raster.get(), options.quarters));
  if (options.dust > 0) strew_dust(raster, options.dust);
  const auto resolution = static_cast<l_int32>(options.dots_an_inch);
  pixSetResolution(raster.get(), resolution, resolution);
  return file_of(raster, options.format);
}

std::string picture_without_text() {
  const Raster raster(pixCreate(800, 600, 32));
  for (l_int32 y = 0; y < 600; ++y) {
    for (l_int32 x = 0; x < 800; ++x) {
      const l_int32 shade = std::clamp(static_cast<l_int32>(128 + 90 * std::sin(x / 31.0) * std::cos(y / 47.0)), 0, 255);
      pixSetRGBPixel(raster.get(), x, y, shade, 255 - shade / 2, shade / 2);
    }
  }
  return file_of(raster, "png");
}

std::string tiff_of(const std::vector<std::string>& pictures) {
  Pixa* pages = pixaCreate(static_cast<l_int32>(pictures.size()));
  for (const std::string& picture : pictures) pixaAddPix(pages, read(picture).release(), L_INSERT);
  l_uint8* data = nullptr;
  size_t size = 0;
  pixaWriteMemMultipageTiff(&data, &size, pages);
  pixaDestroy(&pages);
  std::string bytes(reinterpret_cast<const char*>(data), size);
  lept_free(data);
  return bytes;
}

std::string scanned_pdf(const std::vector<std::string>& pictures) {
  std::vector<std::string> objects{"<< /Type /Catalog /Pages 2 0 R >>", ""};
  std::string kids;
  for (const std::string& picture : pictures) {
    const Raster raster = read(picture);
    const std::string jpeg = file_of(raster, "jpeg");
    const l_int32 width = pixGetWidth(raster.get());
    const l_int32 height = pixGetHeight(raster.get());
    objects.push_back(fmt::format("<< /Type /XObject /Subtype /Image /Width {} /Height {} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length {} >>\nstream\n{}\nendstream",
                                  width, height, jpeg.size(), jpeg));
    const std::string content = fmt::format("q {} 0 0 {} 0 0 cm /I Do Q", width * 72 / 200, height * 72 / 200);
    objects.push_back(fmt::format("<< /Length {} >>\nstream\n{}\nendstream", content.size(), content));
    objects.push_back(fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {} {}] /Contents {} 0 R /Resources << /XObject << /I {} 0 R >> >> >>", width * 72 / 200, height * 72 / 200,
                                  objects.size(), objects.size() - 1));
    kids += fmt::format("{} 0 R ", objects.size());
  }
  objects[1] = fmt::format("<< /Type /Pages /Kids [{}] /Count {} >>", kids, pictures.size());
  std::string pdf = "%PDF-1.4\n";
  for (std::size_t i = 0; i < objects.size(); ++i) pdf += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  return pdf + fmt::format("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n0\n%%EOF\n", objects.size() + 1);
}

double character_errors(std::string_view expected, std::string_view found) {
  const std::u32string right = letters(expected);
  const std::u32string read = letters(found);
  std::vector<std::size_t> above(read.size() + 1);
  std::vector<std::size_t> row(read.size() + 1);
  for (std::size_t j = 0; j <= read.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= right.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= read.size(); ++j) row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (right[i - 1] == read[j - 1] ? 0U : 1U)});
    std::swap(above, row);
  }
  return right.empty() ? 0 : static_cast<double>(above.back()) / static_cast<double>(right.size());
}

}  // namespace sekisho::worker::testing

#ifdef __SANITIZE_ADDRESS__
/// What fontconfig knows of the machine's fonts it keeps until the end of the process.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig.so\n"; }
#endif
