#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sekisho::process {

/// One message between the server and a worker.
/// On the wire, little endian: u32 payload bytes, u16 type, u16 zero, u64 id, payload.
struct Frame {
  std::uint16_t type = 0;  ///< A value of the protocol's own enum (model_protocol.h, extract_protocol.h).
  std::uint64_t id = 0;    ///< The request that it belongs to; 0 where it belongs to none.
  std::string payload;
};

inline constexpr std::size_t kFrameHeaderBytes = 16;

/// The bytes of the header. `frame.payload` must be at most limits::kFrameBytes.
[[nodiscard]] std::string encode_header(const Frame& frame);

struct FrameHeader {
  std::uint32_t payload_bytes = 0;
  std::uint16_t type = 0;
  std::uint64_t id = 0;
};

/// Errors: kCorrupt where the bytes are no header or announce more than limits::kFrameBytes.
[[nodiscard]] Result<FrameHeader> decode_header(std::string_view bytes);

}  // namespace sekisho::process
