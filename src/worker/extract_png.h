#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sekisho::worker {

/// A picture in memory: three bytes (red, green, blue) a dot, rows from above.
struct Picture {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<std::uint8_t> dots;
};

/// The picture as a PNG (ISO/IEC 15948) of the chunks IHDR, IDAT and IEND alone. "" where it cannot be packed.
[[nodiscard]] std::string png_of(const Picture& picture);

}  // namespace sekisho::worker
