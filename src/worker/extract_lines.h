#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::worker {

/// A line as it stands on a page or in a text file, before it is known which lines make a paragraph.
struct PlacedLine {
  std::string text;
  double begin = 0;  ///< Where its first character begins, along the line, in any unit.
  double end = 0;    ///< Where its last character ends.
  double em = 1;     ///< Width of one full-width character in the same unit.
  int level = 0;     ///< Of a heading; 0: plain. A heading joins only headings of its level.
  bool starts_block = false;  ///< Stands apart from the line before (a gap, another column, another page).
};

struct Paragraph {
  std::string text;
  int level = 0;
};

/// Joins lines that a paragraph was wrapped into: a line that reaches the right edge of its surroundings without ending a
/// sentence goes on in the next one, unless that one is indented or opens something of its own (heading, list mark, table row).
[[nodiscard]] std::vector<Paragraph> unwrapped(const std::vector<PlacedLine>& lines);

/// Appends `next` to `text`, with a space only where both sides are written with spaces between words.
void append_joined(std::string& text, std::string_view next);

/// Whether a space between these two characters is a mere effect of typesetting.
[[nodiscard]] bool is_space_needless(char32_t before, char32_t after);

/// Columns of a terminal that `text` takes: 2 for a full-width character, 1 for others.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// Figures, dates, codes: what stands in a table's body and not in its header.
[[nodiscard]] bool is_figure(std::string_view cell);

[[nodiscard]] char32_t first_character(std::string_view text);  ///< 0 where empty.
[[nodiscard]] char32_t last_character(std::string_view text);   ///< 0 where empty.
[[nodiscard]] std::string_view without_outer_space(std::string_view text);

}  // namespace sekisho::worker
