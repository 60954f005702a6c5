#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "worker/extract_output.h"
#include "worker/extract_png.h"

struct Pix;

/// Pictures in memory, as they come from scanners and cameras.
namespace sekisho::worker {

struct DropPix {
  void operator()(Pix* pix) const;
};
/// Leptonica's picture: 8 bits of grey or 32 bits of colour a dot, on white. Never empty where it was given as a result.
using Raster = std::unique_ptr<Pix, DropPix>;

inline constexpr std::size_t kRasterDots = 100'000'000;  ///< Of one picture: A3 at 600 dots an inch has 70 million.
inline constexpr std::size_t kRasterEdge_dots = 30'000;
inline constexpr std::size_t kRasterPages = 2'000;       ///< Of one file.

/// A file of one picture, or of several (TIFF). What it says of its size is checked before anything is unpacked.
/// Threads: one.
class ImageFile {
 public:
  /// "png", "jpeg", "gif", "tiff", "bmp", "webp" by the first bytes; "" for anything else.
  [[nodiscard]] static std::string format_of(std::string_view bytes);

  /// `bytes`, of one of these formats, must outlive it. Failures: damaged.
  [[nodiscard]] static tl::expected<ImageFile, Note> open(std::string_view bytes);

  /// The next picture; a null pointer after the last one. An animated GIF counts as its first picture.
  /// Failures, after which there may be further pictures: damaged, bomb (more dots than a picture may have).
  [[nodiscard]] tl::expected<Raster, Note> next();

 private:
  explicit ImageFile(std::string_view bytes, std::string format) : bytes_(bytes), format_(std::move(format)) {}
  [[nodiscard]] tl::expected<Raster, Note> tiff_page();

  std::string_view bytes_;
  std::string format_;
  std::size_t page_ = 0;    ///< How many were given.
  std::size_t offset_ = 0;  ///< Of the next one in a TIFF.
  bool ended_ = false;
};

/// Makes leptonica silent, which would complain on standard error.
void prepare_rasters();

/// From rows of grey or of red, green and blue; null without memory.
[[nodiscard]] Raster raster_of(const std::uint8_t* rows, std::size_t width, std::size_t height, std::size_t row_bytes, bool colour);
/// In red, green and blue, at most `height` dots high and `most` dots wide or high. Nothing (no dots) without memory.
[[nodiscard]] Picture picture_of(const Raster& raster, double height, double most);

}  // namespace sekisho::worker
