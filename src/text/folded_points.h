#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/normalize.h"
#include "text/sentences.h"

namespace sekisho::text {

/// Text in index form as code points, for readers that look ahead, with the way back to the original bytes.
struct FoldedPoints {
  explicit FoldedPoints(std::string_view original);

  /// The byte in the original from which code point `at` came; the end for points.size().
  [[nodiscard]] std::size_t origin(std::size_t at) const { return form.origin[offsets[at]]; }
  /// The original bytes of code points [begin, end).
  [[nodiscard]] ByteRange original(std::size_t begin, std::size_t end) const;

  IndexForm form;
  std::u32string points;
  std::vector<std::size_t> offsets;  ///< Byte offset in form.text of each code point, and one more for the end.
};

}  // namespace sekisho::text
