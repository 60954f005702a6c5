#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sekisho::worker {

/// 256 code points: `high` × 256 … + 255, one bit each.
struct JisBlock {
  std::uint32_t high;
  std::array<std::uint64_t, 4> bits;
};
inline constexpr std::size_t kJisBlocks = 257;
/// Sorted by `high`. JIS X 0201, 0208, 0213 and what Windows adds to them (llama_jis_table.cc is generated).
extern const std::array<JisBlock, kJisBlocks> kJisTable;

/// The characters that a Japanese answer may hold: ASCII, the JIS sets, and those of the prompt itself.
/// Threads: any, once made.
class CharacterSet {
 public:
  /// `prompt` is UTF-8; what is broken in it adds nothing.
  explicit CharacterSet(std::string_view prompt = {});

  [[nodiscard]] bool contains(char32_t character) const;
  /// Whether there is a member whose UTF-8 starts with `bytes` and is longer.
  [[nodiscard]] bool continues(std::string_view bytes) const;
  /// The prompt brought characters that the standards lack.
  [[nodiscard]] bool has_extra() const { return !extra_.empty(); }

 private:
  std::vector<char32_t> extra_;  ///< Sorted.
  std::unordered_set<std::uint32_t> extra_beginnings_;
};

/// Goes on with `bytes` after `pending`, an incomplete character. Gives what is incomplete afterwards; nothing where a
/// character outside `set`, broken UTF-8 or a beginning that no member has would come out.
[[nodiscard]] std::optional<std::string> continue_within(const CharacterSet& set, std::string_view pending, std::string_view bytes);

/// How many bytes at the end of `text` are the beginning of a character that is not complete (0–3).
[[nodiscard]] std::size_t incomplete_tail_bytes(std::string_view text);

}  // namespace sekisho::worker
