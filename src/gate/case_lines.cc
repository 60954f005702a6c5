#include "gate/case_lines.h"

#include <algorithm>

#include <fmt/format.h>

namespace sekisho::gate {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

Result<void> for_each_case_line(std::string_view text,
                                const std::function<Result<void>(int number, std::string_view name, std::string_view value)>& take) {
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return fail(ErrorCode::kInvalid, fmt::format("{}行目: 「名前: 値」の形でない", number));
    const Result<void> taken = take(number, trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    if (!taken) return fail(ErrorCode::kInvalid, fmt::format("{}行目: {}", number, taken.error().detail));
  }
  return {};
}

}  // namespace sekisho::gate
