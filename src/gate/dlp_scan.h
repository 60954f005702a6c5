#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

/// The first look of the search for personal data: digits are rare in prose, so most of a text is passed over at the speed of memory.
namespace sekisho::gate::dlp {

/// The value of a digit however it is written: 7 ７ 七 漆 ⑦ ❼ ⁷ 𝟕; −1 for what is none.
[[nodiscard]] int digit_value(char32_t c);
/// 十 百 千 万 億 兆 and their 大字: of numerals written out.
[[nodiscard]] bool is_numeral_unit(char32_t c);
/// Letters that stand for a digit where a machine or a person misread: O and 0, l and 1. −1 for all others.
[[nodiscard]] int misread_digit(char32_t c);
/// What may stand between the digits of one number: spaces, line ends, marks, brackets, table rules, characters of no width.
[[nodiscard]] bool is_separator(char32_t c);

/// A place that is worth a closer look.
struct Spot {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const Spot&) const = default;
};

/// Every place that may hold a number of seven digits or more, a mail address, an address with a house number, a date of birth.
/// In order of `begin`; they may touch.
[[nodiscard]] std::vector<Spot> spots_of(std::string_view text);

/// Which instructions do the first look.
enum class Processor {
  kBest,   ///< AVX2 where the processor has it.
  kPlain,  ///< A byte at a time; to test the other.
};
/// Calls `visit(at)` at each byte where a character that may matter begins, and goes on where it says.
void for_each_candidate(std::string_view text, Processor processor, const std::function<std::size_t(std::size_t)>& visit);

}  // namespace sekisho::gate::dlp
