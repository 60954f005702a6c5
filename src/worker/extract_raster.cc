#include "worker/extract_raster.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <leptonica/allheaders.h>

#include "worker/extract_gif.h"

namespace sekisho::worker {
namespace {

using namespace std::string_view_literals;

const l_uint8* data_of(std::string_view bytes) { return reinterpret_cast<const l_uint8*>(bytes.data()); }

struct Size {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

tl::unexpected<Note> damaged(const char* what) { return cannot_read("damaged", what); }

/// Nothing where a picture of this size may be unpacked.
tl::expected<void, Note> check(Size size) {
  if (size.width < 1 || size.height < 1) return damaged("a picture without a size");
  const auto most = static_cast<std::int64_t>(kRasterEdge_dots);
  if (size.width > most || size.height > most || size.width * size.height > static_cast<std::int64_t>(kRasterDots)) {
    return cannot_read("bomb", fmt::format("a picture of {} x {} dots", size.width, size.height));
  }
  return {};
}

std::uint32_t little(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(at + i < bytes.size() ? bytes[at + i] : 0);
  return value;
}

/// Leptonica would unpack a BMP to learn its size.
Size bmp_size(std::string_view bytes) {
  const auto height = static_cast<std::int32_t>(little(bytes, 22, 4));
  return {static_cast<std::int32_t>(little(bytes, 18, 4)), height < 0 ? -static_cast<std::int64_t>(height) : height};
}

Size declared_size(std::string_view bytes, const std::string& format) {
  if (format == "bmp") return bmp_size(bytes);
  l_int32 width = 0;
  l_int32 height = 0;
  if (pixReadHeaderMem(data_of(bytes), bytes.size(), nullptr, &width, &height, nullptr, nullptr, nullptr) != 0) return {};
  return {width, height};
}

/// 8 bits of grey or 32 of colour, what is transparent white.
Raster plain(Pix* read) {
  Raster raw(read);
  if (raw == nullptr) return nullptr;
  const l_int32 x_dots = pixGetXRes(raw.get());
  Raster opaque(pixGetSpp(raw.get()) == 4 || pixGetColormap(raw.get()) != nullptr ? pixRemoveAlpha(raw.get()) : pixClone(raw.get()));
  Raster mapped(opaque == nullptr ? nullptr : pixRemoveColormap(opaque.get(), REMOVE_CMAP_BASED_ON_SRC));
  if (mapped == nullptr) return nullptr;
  Raster result(pixGetDepth(mapped.get()) == 32 ? pixClone(mapped.get()) : pixConvertTo8(mapped.get(), 0));
  if (result != nullptr) pixSetResolution(result.get(), x_dots, x_dots);
  return result;
}

}  // namespace

void DropPix::operator()(Pix* pix) const { pixDestroy(&pix); }

void prepare_rasters() { setMsgSeverity(L_SEVERITY_NONE); }

std::string ImageFile::format_of(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1A\n"sv)) return "png";
  if (bytes.starts_with("\xFF\xD8\xFF"sv)) return "jpeg";
  if (bytes.starts_with("GIF87a"sv) || bytes.starts_with("GIF89a"sv)) return "gif";
  if (bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv)) return "tiff";
  if (bytes.starts_with("RIFF"sv) && bytes.substr(0, 16).substr(std::min<std::size_t>(8, bytes.size())).starts_with("WEBP"sv)) return "webp";
  // Two letters are no proof: the length of the head is one of few.
  const std::uint32_t head = little(bytes, 14, 4);
  if (bytes.starts_with("BM"sv) && (head == 40 || head == 108 || head == 124)) return "bmp";
  return "";
}

tl::expected<ImageFile, Note> ImageFile::open(std::string_view bytes) {
  std::string format = format_of(bytes);
  if (format.empty()) return damaged("no picture that is known");
  return ImageFile(bytes, std::move(format));
}

tl::expected<Raster, Note> ImageFile::tiff_page() {
  l_int32 width = 0;
  l_int32 height = 0;
  const auto number = static_cast<l_int32>(page_);
  if (readHeaderMemTiff(data_of(bytes_), bytes_.size(), number, &width, &height, nullptr, nullptr, nullptr, nullptr, nullptr) != 0) {
    ended_ = true;
    return page_ == 0 ? tl::expected<Raster, Note>(damaged("a TIFF without a picture")) : Raster();
  }
  if (const auto fits = check({width, height}); !fits) {
    ++page_;
    return tl::unexpected(fits.error());
  }
  // By its number, not by where the one before ended: that one may have been left out.
  Raster raster = plain(pixReadMemTiff(data_of(bytes_), bytes_.size(), number));
  ++page_;
  ended_ = page_ >= kRasterPages;
  if (raster == nullptr) return damaged("a picture of a TIFF cannot be unpacked");
  return raster;
}

tl::expected<Raster, Note> ImageFile::next() {
  if (ended_) return Raster();
  if (format_ == "tiff") return tiff_page();
  ended_ = true;
  std::string first;
  if (format_ == "gif") {
    auto picture = first_gif_picture(bytes_);
    if (!picture) return damaged("a GIF that ends early");
    if (const auto fits = check({picture->width, picture->height}); !fits) return tl::unexpected(fits.error());
    first = std::move(picture->bytes);
  } else if (const auto fits = check(declared_size(bytes_, format_)); !fits) {
    return tl::unexpected(fits.error());
  }
  const std::string_view bytes = format_ == "gif" ? std::string_view(first) : bytes_;
  Raster raster = plain(format_ == "bmp" ? pixReadMemBmp(data_of(bytes), bytes.size()) : pixReadMem(data_of(bytes), bytes.size()));
  if (raster == nullptr) return damaged("the picture cannot be unpacked");
  return raster;
}

Raster raster_of(const std::uint8_t* rows, std::size_t width, std::size_t height, std::size_t row_bytes, bool colour) {
  Raster raster(pixCreateNoInit(static_cast<l_int32>(width), static_cast<l_int32>(height), colour ? 32 : 8));
  if (raster == nullptr) return nullptr;
  for (std::size_t y = 0; y < height; ++y) {
    l_uint32* line = pixGetData(raster.get()) + y * static_cast<std::size_t>(pixGetWpl(raster.get()));
    const std::uint8_t* row = rows + y * row_bytes;
    for (std::size_t x = 0; x < width; ++x) {
      if (colour) {
        line[x] = static_cast<l_uint32>(row[3 * x]) << L_RED_SHIFT | static_cast<l_uint32>(row[3 * x + 1]) << L_GREEN_SHIFT | static_cast<l_uint32>(row[3 * x + 2]) << L_BLUE_SHIFT;
      } else {
        SET_DATA_BYTE(line, x, row[x]);
      }
    }
  }
  return raster;
}

Picture picture_of(const Raster& raster, double height, double most) {
  const double longest = std::max(pixGetWidth(raster.get()), pixGetHeight(raster.get()));
  const auto scale = static_cast<l_float32>(std::min({1.0, height / pixGetHeight(raster.get()), most / longest}));
  Raster scaled(scale < 1 ? pixScale(raster.get(), scale, scale) : pixClone(raster.get()));
  Raster colours(scaled == nullptr ? nullptr : pixConvertTo32(scaled.get()));
  if (colours == nullptr) return {};
  Picture picture{.width = static_cast<std::size_t>(pixGetWidth(colours.get())), .height = static_cast<std::size_t>(pixGetHeight(colours.get())), .dots = {}};
  picture.dots.reserve(picture.width * picture.height * 3);
  for (std::size_t y = 0; y < picture.height; ++y) {
    const l_uint32* line = pixGetData(colours.get()) + y * static_cast<std::size_t>(pixGetWpl(colours.get()));
    for (std::size_t x = 0; x < picture.width; ++x) {
      for (const int shift : {L_RED_SHIFT, L_GREEN_SHIFT, L_BLUE_SHIFT}) picture.dots.push_back(static_cast<std::uint8_t>(line[x] >> shift & 0xFF));
    }
  }
  return picture;
}

}  // namespace sekisho::worker
