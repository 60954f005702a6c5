#include "worker/extract_gif.h"

#include <algorithm>
#include <cstddef>

namespace sekisho::worker {
namespace {

constexpr std::size_t kHead = 13;              ///< Signature and screen.
constexpr std::size_t kPictureHead = 10;       ///< Separator, place, size and flags of a picture.
constexpr unsigned char kExtension = 0x21;
constexpr unsigned char kPicture = 0x2C;
constexpr char kTrailer = 0x3B;

unsigned byte_at(std::string_view bytes, std::size_t at) { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U; }
std::int64_t number_at(std::string_view bytes, std::size_t at) { return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8; }

std::size_t colours_bytes(unsigned flags) { return (flags & 0x80) == 0 ? 0 : std::size_t{3} << ((flags & 7) + 1); }

/// Behind the blocks that begin at `at`; past the end where they do not end.
std::size_t after_blocks(std::string_view bytes, std::size_t at) {
  while (at < bytes.size() && byte_at(bytes, at) != 0) at += 1 + byte_at(bytes, at);
  return at + 1;
}

}  // namespace

std::optional<GifPicture> first_gif_picture(std::string_view bytes) {
  std::size_t at = kHead + colours_bytes(byte_at(bytes, 10));
  while (byte_at(bytes, at) == kExtension) at = after_blocks(bytes, at + 2);
  if (byte_at(bytes, at) != kPicture) return std::nullopt;
  const std::size_t codes = at + kPictureHead + colours_bytes(byte_at(bytes, at + 9));
  const std::size_t end = after_blocks(bytes, codes + 1);
  if (end > bytes.size()) return std::nullopt;
  return GifPicture{.width = std::max(number_at(bytes, 6), number_at(bytes, at + 5)),
                    .height = std::max(number_at(bytes, 8), number_at(bytes, at + 7)),
                    .bytes = std::string(bytes.substr(0, end)) + kTrailer};
}

}  // namespace sekisho::worker
