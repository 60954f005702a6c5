#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Text in index form cut into runs of digits.
namespace sekisho::gate::dlp {

/// Digits, or letters beside digits, without a separator in them. Places are code points of the text.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string digits;    ///< ASCII digits; empty where it is letters.
  std::string letters;   ///< Lower case ASCII; of a piece with both, only where each letter may be a misread digit.
  bool spelled = false;  ///< A numeral with 千 and 万: 九千八百三十二億….
  char32_t before = 0;   ///< What kind of separator parts it from the piece before: ' ', '\n', '-', '<' for a tag, …; 0: nothing.
};

/// Pieces with nothing but separators between them.
using Run = std::vector<Piece>;

/// The runs of `text` that have a digit in them.
[[nodiscard]] std::vector<Run> runs_of(std::u32string_view text);

/// The digits of pieces [first, last], joined.
[[nodiscard]] std::string digits_of(const Run& run, std::size_t first, std::size_t last);

/// How evenly pieces [first, last] are written, from which it is told whether they are one number.
enum class Grouping {
  kOne,       ///< 983205673214
  kEven,      ///< Groups of one size, one separator: 9832-0567-3214, one digit a cell, one digit a line.
  kWrapped,   ///< As kOne or kEven, but for one line end in it.
  kUneven,    ///< 98 3205-673214
};
[[nodiscard]] Grouping grouping_of(const Run& run, std::size_t first, std::size_t last);

}  // namespace sekisho::gate::dlp
