#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace sekisho::text {

/// A range of bytes [begin, end) of a text.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
  [[nodiscard]] std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
  bool operator==(const ByteRange&) const = default;
};

/// The sentences of `text` in order, without the white space around them; none is empty. A sentence ends after
/// 。！？ (and ．!? before a space or the end) outside 「」『』（）, and at a line end. The mark and closing brackets that
/// follow it belong to the sentence. A bracket that its own line does not close protects nothing.
/// Threads: pure. Cost: linear.
[[nodiscard]] std::vector<ByteRange> sentences(std::string_view text);

}  // namespace sekisho::text
