#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text/encoding.h"
#include "text/utf8.h"
#include "worker/extract_decode.h"
#include "worker/extract_lines.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + (text.substr(end, 2) == "\r\n" ? 2 : 1);
  }
  return lines;
}

/// The width that a text was wrapped at, in columns; 0 where it was not. Wrapped texts have many lines of (almost) one
/// greatest width, from 30 characters of mail to 60.
std::size_t wrap_width(const std::vector<std::string_view>& lines) {
  constexpr std::size_t kNarrowest = 40;
  constexpr std::size_t kWidest = 130;
  std::size_t widest = 0;
  std::size_t full = 0;
  std::size_t filled = 0;
  for (const std::string_view line : lines) widest = std::max(widest, display_width(line));
  if (widest < kNarrowest || widest > kWidest) return 0;
  for (const std::string_view line : lines) {
    const std::size_t width = display_width(line);
    if (width > 0) ++filled;
    if (width + 3 >= widest) ++full;
  }
  return full >= 3 && full * 5 >= filled ? widest : 0;
}

std::vector<Line> plain_lines(std::string_view page) {
  const std::vector<std::string_view> lines = lines_of(page);
  std::vector<Line> result;
  if (wrap_width(lines) == 0) {
    for (const std::string_view line : lines) result.push_back({.text = std::string(line), .level = 0});
    return result;
  }
  std::vector<PlacedLine> placed;
  bool gap = true;
  for (const std::string_view line : lines) {
    const std::string_view inner = without_outer_space(line);
    if (!inner.empty()) {
      const auto indent = static_cast<double>(display_width(line.substr(0, static_cast<std::size_t>(inner.data() - line.data()))));
      const auto width = static_cast<double>(display_width(inner));
      placed.push_back({.text = std::string(line), .begin = indent, .end = indent + width, .em = 2, .level = 0, .starts_block = gap});
    }
    gap = inner.empty();
  }
  for (Paragraph& paragraph : unwrapped(placed)) result.push_back({.text = std::move(paragraph.text), .level = 0});
  return result;
}

/// The level of an ATX heading (## 見出し), 0 where the line is none.
int markdown_level(std::string_view line) {
  const std::size_t marks = std::min(line.find_first_not_of('#'), line.size());
  const bool spaced = marks < line.size() && (line[marks] == ' ' || line[marks] == '\t' || line.substr(marks).starts_with("　"));
  return marks >= 1 && marks <= 6 && spaced ? static_cast<int>(marks) : 0;
}

bool is_only(std::string_view line, std::string_view characters) {
  return !line.empty() && line.find_first_not_of(characters) == std::string_view::npos;
}

/// | 区分 | 金額 | → "区分\t金額".
std::string table_row(std::string_view line) {
  std::string row;
  line = without_outer_space(line);
  if (line.ends_with('|')) line.remove_suffix(1);
  if (line.starts_with('|')) line.remove_prefix(1);
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find('|', begin), line.size());
    if (begin > 0) row += '\t';
    row += without_outer_space(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return row;
}

std::string_view heading_text(std::string_view line, int level) {
  line.remove_prefix(static_cast<std::size_t>(level));
  line = without_outer_space(line);
  while (line.ends_with('#')) line.remove_suffix(1);
  return without_outer_space(line);
}

std::vector<Line> markdown_lines(std::string_view page) {
  std::vector<Line> result;
  bool in_code = false;
  for (const std::string_view line : lines_of(page)) {
    const std::string_view inner = without_outer_space(line);
    if (inner.starts_with("```") || inner.starts_with("~~~")) {
      in_code = !in_code;
    } else if (in_code) {
      result.push_back({.text = std::string(line), .level = 0});
    } else if (const int level = markdown_level(inner); level > 0) {
      result.push_back({.text = std::string(heading_text(inner, level)), .level = level});
    } else if (is_only(inner, "=") && inner.size() > 2 && !result.empty()) {
      result.back().level = 1;
    } else if (is_only(inner, "-") && inner.size() > 2 && !result.empty() && !result.back().text.empty() && result.back().level == 0) {
      result.back().level = 2;
    } else if (inner.starts_with('|')) {
      if (!is_only(inner, "|-: \t")) result.push_back({.text = table_row(inner), .level = 0});
    } else {
      result.push_back({.text = std::string(line), .level = 0});  // An empty line stays, so that --- below it makes no heading.
    }
  }
  return result;
}

std::string title_of(const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    if (line.level == 1) return line.text;
  }
  return {};
}

}  // namespace

Outcome read_text(std::string_view bytes, DocumentKind kind, const Request& request, ExtractOutput& output) {
  const text::Decoded decoded = decode_document(bytes, request, "", output);
  const bool markdown = kind == DocumentKind::kMarkdown;
  End end{.kind = markdown ? "markdown" : "text", .encoding = std::string(name_of(decoded.encoding)), .title = "", .pages = 0};
  std::string_view rest = decoded.text;
  if (const std::size_t eof = rest.find('\x1A'); eof != std::string_view::npos && eof + 1 == rest.size()) rest.remove_suffix(1);
  for (bool more = true; more && !rest.empty();) {
    const std::size_t feed = std::min(rest.find('\f'), rest.size());
    const std::vector<Line> lines = markdown ? markdown_lines(rest.substr(0, feed)) : plain_lines(rest.substr(0, feed));
    if (end.title.empty() && markdown) end.title = text::first_characters(title_of(lines), 200);
    more = output.page(++end.pages, lines);
    rest.remove_prefix(std::min(rest.size(), feed + 1));
  }
  if (output.characters() == 0) output.note(0, "empty_page", "no text");
  return end;
}

}  // namespace sekisho::worker
