#include "worker/extract_png.h"

#include <string_view>

#include <zlib.h>

namespace sekisho::worker {
namespace {

void append_number(std::string& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift & 0xFF);
}

void append_chunk(std::string& to, std::string_view type, std::string_view content) {
  append_number(to, static_cast<std::uint32_t>(content.size()));
  const std::size_t begin = to.size();
  to.append(type).append(content);
  append_number(to, static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(to.data() + begin), static_cast<uInt>(to.size() - begin))));
}

/// Rows as differences from the one above: paper is white from edge to edge, so that most of them are zeros.
std::string filtered(const Picture& picture) {
  constexpr char kUp = 2;
  const std::size_t row_bytes = picture.width * 3;
  std::string rows;
  rows.reserve((row_bytes + 1) * picture.height);
  for (std::size_t y = 0; y < picture.height; ++y) {
    rows += kUp;
    for (std::size_t x = 0; x < row_bytes; ++x) {
      const unsigned above = y == 0 ? 0U : picture.dots[(y - 1) * row_bytes + x];
      rows += static_cast<char>((picture.dots[y * row_bytes + x] - above) & 0xFF);
    }
  }
  return rows;
}

}  // namespace

std::string png_of(const Picture& picture) {
  if (picture.width == 0 || picture.height == 0 || picture.dots.size() != picture.width * picture.height * 3) return {};
  const std::string rows = filtered(picture);
  uLongf packed_bytes = compressBound(static_cast<uLong>(rows.size()));
  std::string packed(packed_bytes, '\0');
  constexpr int kLevel = 4;  // Somebody waits for it.
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &packed_bytes, reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()), kLevel) != Z_OK) return {};
  packed.resize(packed_bytes);
  std::string head;
  append_number(head, static_cast<std::uint32_t>(picture.width));
  append_number(head, static_cast<std::uint32_t>(picture.height));
  head.append("\x08\x02\x00\x00\x00", 5);  // 8 bits, red green blue.
  std::string png("\x89PNG\r\n\x1A\n", 8);
  append_chunk(png, "IHDR", head);
  append_chunk(png, "IDAT", packed);
  append_chunk(png, "IEND", "");
  return png;
}

}  // namespace sekisho::worker
