#pragma once

#include <string>
#include <string_view>

namespace sekisho::worker {

/// From which day a workbook counts: 1899-12-31 is day 0 (with the 1900-02-29 that never was), or 1904-01-01 is.
enum class DateSystem { k1900, k1904 };

/// Shows a cell's number as a Japanese spreadsheet shows it under `format`, one code of its number formats:
/// `#,##0"円"`, `yyyy/m/d`, `[$-411]ggge"年"m"月"d"日"`, `[h]:mm`, `0.0%`, `000\-0000`, `#,##0;"△ "#,##0`. "" where the format hides it (`;;;`). Spaces that only fill a
/// column and colours are left out; the first year of an era is 元年 before 年. A format that cannot be followed (fractions) shows the plain number. Threads: pure.
[[nodiscard]] std::string shown_number(double value, std::string_view format, DateSystem system);

/// What the same format makes of a text: its fourth part, with @ for the text.
[[nodiscard]] std::string shown_text(std::string_view text, std::string_view format);

/// The code of a format that files name by number alone (ECMA-376 part 1, 18.8.30, Japanese); "General" where there is none.
[[nodiscard]] std::string_view builtin_format(int id);

}  // namespace sekisho::worker
