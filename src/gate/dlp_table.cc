#include "gate/dlp_table.h"

#include <algorithm>
#include <string>

#include "text/normalize.h"
#include "text/utf8.h"

namespace sekisho::gate::dlp {
namespace {

/// How far up the headings of a table are looked for.
constexpr std::size_t kWalkBytes = 1024 * 1024;
/// A longer line is no row of a table that we read.
constexpr std::size_t kLineBytes = 4 * 1024;
constexpr std::size_t kHeadingBytes = 256;

std::size_t begin_of_line(std::string_view text, std::size_t at) {
  const std::size_t floor = at > kLineBytes ? at - kLineBytes : 0;
  while (at > floor && text[at - 1] != '\n') --at;
  return at;
}

std::string_view line_at(std::string_view text, std::size_t begin) {
  return text.substr(begin, std::min(text.find('\n', begin), std::min(text.size(), begin + kLineBytes)) - begin);
}

std::ptrdiff_t count(std::string_view text, char c) { return std::count(text.begin(), text.end(), c); }

std::string_view cell_at(std::string_view line, char delimiter, std::ptrdiff_t column) {
  for (; column > 0; --column) line.remove_prefix(std::min(line.find(delimiter), line.size() - 1) + 1);
  return line.substr(0, line.find(delimiter));
}

}  // namespace

std::size_t TableHeads::head_of(std::size_t line_begin, char delimiter) {
  std::size_t head = line_begin;
  while (head > 0 && line_begin - head < kWalkBytes) {
    if (head == known_line_) return known_head_;
    const std::size_t above = begin_of_line(text_, head - 1);
    if (count(line_at(text_, above), delimiter) == 0) break;
    head = above;
  }
  return head;
}

TableHeads::Place TableHeads::place_of(std::size_t offset) {
  Place place;
  place.line_begin = begin_of_line(text_, offset);
  const std::string_view line = line_at(text_, place.line_begin);
  if (line.size() == kLineBytes || offset - place.line_begin == kLineBytes) return place;
  constexpr std::string_view kDelimiters = "\t|,";
  const auto found = std::find_if(kDelimiters.begin(), kDelimiters.end(), [&](char c) { return count(line, c) > 0; });
  if (found == kDelimiters.end()) return place;
  const std::size_t head = head_of(place.line_begin, *found);
  known_line_ = place.line_begin;
  known_head_ = head;
  const std::string_view headings = line_at(text_, head);
  if (head == place.line_begin || count(headings, *found) != count(line, *found)) return place;
  place.in_table = true;
  const std::ptrdiff_t column = count(text_.substr(place.line_begin, offset - place.line_begin), *found);
  std::u32string heading = text::to_utf32(text::fold(cell_at(headings, *found, column).substr(0, kHeadingBytes)));
  std::erase_if(heading, [](char32_t c) { return text::is_space(c) || c == '"'; });
  place.heading = label_before(heading);
  return place;
}

}  // namespace sekisho::gate::dlp
