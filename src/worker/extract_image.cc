#include "worker/extract_image.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fontconfig/fontconfig.h>
#include <poppler-document.h>
#include <poppler-page-renderer.h>
#include <poppler-page.h>

#include "worker/extract_marks.h"
#include "worker/extract_ocr.h"
#include "worker/extract_pdf_document.h"
#include "worker/extract_pdf_unseen.h"
#include "worker/extract_png.h"
#include "worker/extract_type.h"

namespace sekisho::worker {
namespace {

constexpr double kHeight_dots = 1'300;
constexpr double kMost_dots = 3'000;
constexpr double kPoints_inch = 72;
constexpr std::size_t kImageBytes = 8 * 1024 * 1024;

/// Whether this machine has a font with Japanese letters, for pages that bring none along.
bool has_japanese_font() {
  FcPattern* pattern = FcNameParse(reinterpret_cast<const FcChar8*>(":lang=ja"));
  FcObjectSet* wanted = FcObjectSetBuild(FC_FILE, nullptr);
  FcFontSet* found = FcFontList(nullptr, pattern, wanted);
  const bool any = found != nullptr && found->nfont > 0;
  if (found != nullptr) FcFontSetDestroy(found);
  FcObjectSetDestroy(wanted);
  FcPatternDestroy(pattern);
  return any;
}

Picture picture_of(const poppler::image& image) {
  Picture picture{.width = static_cast<std::size_t>(image.width()), .height = static_cast<std::size_t>(image.height()), .dots = {}};
  picture.dots.reserve(picture.width * picture.height * 3);
  for (int y = 0; y < image.height(); ++y) {
    const auto* row = reinterpret_cast<const std::uint8_t*>(image.const_data()) + static_cast<std::ptrdiff_t>(y) * image.bytes_per_row();
    picture.dots.insert(picture.dots.end(), row, row + picture.width * 3);
  }
  return picture;
}

/// Paper under a marker: white becomes yellow and black stays black.
void mark(Picture& picture, const Box& box, double scale) {
  constexpr double kMargin_dots = 2;
  const auto dot = [](double value, std::size_t most) { return static_cast<std::size_t>(std::clamp(value, 0.0, static_cast<double>(most))); };
  const std::size_t left = dot(box.left * scale - kMargin_dots, picture.width);
  const std::size_t right = dot(box.right * scale + kMargin_dots, picture.width);
  const std::size_t bottom = dot(box.bottom * scale + kMargin_dots, picture.height);
  for (std::size_t y = dot(box.top * scale - kMargin_dots, picture.height); y < bottom; ++y) {
    for (std::size_t x = left; x < right; ++x) {
      std::uint8_t& blue = picture.dots[(y * picture.width + x) * 3 + 2];
      blue = static_cast<std::uint8_t>(blue * 2 / 5);
    }
  }
}

tl::expected<std::string, Note> packed(const Picture& picture) {
  std::string png = png_of(picture);
  if (png.empty() || png.size() > kImageBytes) return cannot_read("too_large", "the picture has too many bytes");
  return png;
}

/// A scan as it was read: upright and straight, so that what is marked lies under its letters. Nothing where none of it could be read.
std::optional<Picture> read_scan(Raster scan, double dots_an_inch, std::string_view marked) {
  const auto recogniser = Recogniser::create();
  if (recogniser == nullptr) return std::nullopt;
  const Scan found = recogniser->read(std::move(scan), dots_an_inch);
  if (found.words.empty()) return std::nullopt;
  Picture picture = picture_of(found.upright, kHeight_dots, kMost_dots);
  const double scale = static_cast<double>(picture.height) / found.height;
  for (const Box& box : marked_boxes(found.words, marked)) mark(picture, box, scale);
  return picture;
}

/// A page of a file of pictures.
tl::expected<std::string, Note> drawn_picture(std::string_view bytes, const ImageRequest& request) {
  auto file = ImageFile::open(bytes);
  if (!file) return tl::unexpected(file.error());
  for (std::int64_t page = 1;; ++page) {
    auto raster = file->next();
    if (page < request.page && (!raster || *raster != nullptr)) continue;
    if (!raster) return tl::unexpected(raster.error());
    if (*raster == nullptr) return cannot_read("unsupported", "no such page");
    Picture plain = picture_of(*raster, kHeight_dots, kMost_dots);
    if (request.marked.empty()) return packed(plain);
    return packed(read_scan(std::move(*raster), 0, request.marked).value_or(std::move(plain)));
  }
}

tl::expected<std::string, Note> drawn(const poppler::document& document, const ImageRequest& request) {
  const auto index = static_cast<int>(request.page - 1);
  if (request.page > document.pages()) return cannot_read("unsupported", "no such page");
  if (needs_fonts(document, index) && !has_japanese_font()) return cannot_read("font_missing", "the page needs a font that this machine lacks");
  const std::unique_ptr<poppler::page> page(document.create_page(index));
  if (page == nullptr) return cannot_read("damaged", "the page cannot be opened");
  const poppler::rectf paper = page->page_rect();
  const double longest = std::max(paper.width(), paper.height());
  if (!(longest >= 1) || !std::isfinite(longest)) return cannot_read("damaged", "the page has no size");
  const double scale = std::min(kHeight_dots / std::max(1.0, paper.height()), kMost_dots / longest);
  poppler::page_renderer renderer;
  renderer.set_image_format(poppler::image::format_rgb24);
  renderer.set_render_hints(poppler::page_renderer::antialiasing | poppler::page_renderer::text_antialiasing);
  const std::vector<PdfWord> words = request.marked.empty() ? std::vector<PdfWord>() : words_of(*page);
  if (!request.marked.empty() && (words.empty() || garble_share(words) > kGarbled)) {
    double dots_an_inch = 0;
    Raster scan = drawn_for_ocr(*page, dots_an_inch);
    const auto picture = scan == nullptr ? std::nullopt : read_scan(std::move(scan), dots_an_inch, request.marked);
    if (picture) return packed(*picture);
  }
  const poppler::image image = renderer.render_page(page.get(), scale * kPoints_inch, scale * kPoints_inch);
  if (!image.is_valid() || image.width() > 2 * kMost_dots || image.height() > 2 * kMost_dots) return cannot_read("damaged", "the page cannot be drawn");
  Picture picture = picture_of(image);
  for (const Box& box : marked_boxes(words, request.marked)) mark(picture, box, scale);
  return packed(picture);
}

}  // namespace

tl::expected<std::string, Note> page_image(std::string_view bytes, const ImageRequest& request) {
  const DocumentKind kind = document_type(bytes, request.file_name).kind;
  if (kind == DocumentKind::kPicture) return drawn_picture(bytes, request);
  if (kind != DocumentKind::kPdf) return cannot_read("unsupported", "only a PDF and pictures have pages that can be drawn");
  try {  // Whatever poppler throws is this document's failure.
    const auto document = open_pdf(bytes, request.password);
    if (!document) return tl::unexpected(document.error());
    return drawn(**document, request);
  } catch (const std::exception& error) {
    return cannot_read("damaged", fmt::format("poppler gave up: {}", error.what()));
  }
}

}  // namespace sekisho::worker
