#include "process/frame.h"

#include <concepts>

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"

namespace sekisho::process {
namespace {

template <std::unsigned_integral T>
void put(std::string& bytes, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
}

template <std::unsigned_integral T>
T get(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[at + i])) << (8 * i)));
  }
  return value;
}

}  // namespace

std::string encode_header(const Frame& frame) {
  CHECK(frame.payload.size() <= limits::kFrameBytes);
  std::string bytes;
  bytes.reserve(kFrameHeaderBytes);
  put(bytes, static_cast<std::uint32_t>(frame.payload.size()));
  put(bytes, frame.type);
  put(bytes, std::uint16_t{0});
  put(bytes, frame.id);
  return bytes;
}

Result<FrameHeader> decode_header(std::string_view bytes) {
  if (bytes.size() != kFrameHeaderBytes) return fail(ErrorCode::kCorrupt, fmt::format("a frame header of {} bytes", bytes.size()));
  const FrameHeader header{.payload_bytes = get<std::uint32_t>(bytes, 0), .type = get<std::uint16_t>(bytes, 4), .id = get<std::uint64_t>(bytes, 8)};
  if (get<std::uint16_t>(bytes, 6) != 0) return fail(ErrorCode::kCorrupt, "a frame header whose reserved bytes are not zero");
  if (header.payload_bytes > limits::kFrameBytes) {
    return fail(ErrorCode::kCorrupt, fmt::format("a frame that announces {} bytes, more than {}", header.payload_bytes, limits::kFrameBytes));
  }
  return header;
}

}  // namespace sekisho::process
