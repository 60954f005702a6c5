#include "worker/extract_lines.h"

#include <algorithm>
#include <array>

#include "text/headings.h"
#include "text/utf8.h"

namespace sekisho::worker {
namespace {

/// Written without spaces between words: kana, kanji, full-width forms and the marks of Japanese.
bool is_japanese(char32_t c) {
  return text::is_hiragana(c) || text::is_katakana(c) || text::is_kanji(c) || (c >= 0x3000 && c <= 0x303F) || c == 0x30FB ||
         (c >= 0xFF00 && c <= 0xFFEF) || (c >= 0x2460 && c <= 0x24FF) || (c >= 0x3200 && c <= 0x33FF) || c == 0x2025 || c == 0x2026 || c == 0x203B;
}

bool ends_sentence(char32_t c) {
  constexpr std::u32string_view kEnds = U"。．！？!?：:；;";
  return kEnds.find(c) != std::u32string_view::npos;
}

/// Only these can begin a heading; a look at one character spares most lines the search for one.
bool may_open_heading(char32_t c) {
  constexpr std::u32string_view kFirst = U"第附付別様(（【#〇一二三四五六七八九十百千■◆●◎○□◇▲△▼▽★☆";
  return (c < 0x80 && c > 0x20) || text::is_katakana(c) || (c >= 0xFF01 && c <= 0xFF9F) || (c >= 0x2460 && c <= 0x24FF) || (c >= 0x2160 && c <= 0x217F) ||
         kFirst.find(c) != std::u32string_view::npos;
}

bool opens_something(std::string_view line) {
  constexpr std::u32string_view kMarks = U"　 \t・○●◎◇◆□■△▲▽▼※★☆【〔《＜→⇒-*+";
  constexpr std::size_t kLook_characters = 80;
  if (line.find('\t') != std::string_view::npos) return true;  // A table row.
  const char32_t first = first_character(line);
  if (kMarks.find(first) != std::u32string_view::npos) return true;
  const std::string_view look = text::first_characters(line, kLook_characters);
  return may_open_heading(first) && (text::heading_of(look).has_value() || text::is_caption(look));
}

/// The right edge that lines near `at` keep to: the farthest end among the neighbours that lie over it.
double right_edge(const std::vector<PlacedLine>& lines, std::size_t at) {
  constexpr std::size_t kAround = 12;
  const PlacedLine& line = lines[at];
  double edge = line.end;
  const std::size_t first = at > kAround ? at - kAround : 0;
  for (std::size_t i = first; i < std::min(lines.size(), at + kAround); ++i) {
    const bool over = lines[i].begin < line.end && line.begin < lines[i].end;
    const bool alike = lines[i].em < line.em * 1.15 && line.em < lines[i].em * 1.15;
    if (over && alike) edge = std::max(edge, lines[i].end);
  }
  return edge;
}

bool goes_on(const std::vector<PlacedLine>& lines, std::size_t at) {
  constexpr double kRagged_em = 1.6;  // 禁則処理 leaves a character or so free.
  constexpr double kFewest_em = 8;    // Shorter lines are cells, captions and addresses.
  const PlacedLine& line = lines[at];
  const PlacedLine& next = lines[at + 1];
  if (next.starts_block || line.level != next.level || line.end - line.begin < kFewest_em * line.em) return false;
  if (next.begin > line.begin + 0.5 * line.em && line.level == 0) return false;  // An indent opens a paragraph.
  if (ends_sentence(last_character(line.text)) || line.end < right_edge(lines, at) - kRagged_em * line.em) return false;
  if (line.text.find('\t') != std::string::npos || opens_something(next.text)) return false;
  return line.level > 0 || !text::is_caption(line.text);
}

}  // namespace

std::vector<Paragraph> unwrapped(const std::vector<PlacedLine>& lines) {
  std::vector<Paragraph> paragraphs;
  bool joins = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (joins) {
      append_joined(paragraphs.back().text, lines[i].text);
    } else {
      paragraphs.push_back({.text = lines[i].text, .level = lines[i].level});
    }
    joins = i + 1 < lines.size() && goes_on(lines, i);
  }
  return paragraphs;
}

void append_joined(std::string& text, std::string_view next) {
  if (next.empty()) return;
  const char32_t before = last_character(text);
  const char32_t after = first_character(next);
  if (before != 0 && !text::is_space(before) && !text::is_space(after) && !is_space_needless(before, after)) text += ' ';
  text += next;
}

bool is_space_needless(char32_t before, char32_t after) { return is_japanese(before) || is_japanese(after); }

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  text::for_each_character(text, [&](const text::Character& c) {
    const bool half = c.value < 0x1100 || (c.value >= 0xFF61 && c.value <= 0xFF9F);
    width += half ? 1 : 2;
  });
  return width;
}

char32_t first_character(std::string_view text) { return text.empty() ? 0 : text::character_at(text, 0).value; }

char32_t last_character(std::string_view text) {
  return text.empty() ? 0 : text::character_at(text, text::character_boundary_before(text, text.size() - 1)).value;
}

std::string_view without_outer_space(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  text::for_each_character(text, [&](const text::Character& c) {
    if (text::is_space(c.value)) return;
    begin = std::min(begin, c.begin);
    end = c.end();
  });
  return begin < end ? text.substr(begin, end - begin) : std::string_view{};
}

bool is_figure(std::string_view cell) {
  bool digit = false;
  bool other = false;
  text::for_each_character(cell, [&](const text::Character& c) {
    constexpr std::u32string_view kMarks = U" ,.-+/:%¥￥△▲▼()年月日円人件";
    if (text::is_ascii_digit(c.value) || (c.value >= U'０' && c.value <= U'９')) {
      digit = true;
    } else if (kMarks.find(c.value) == std::u32string_view::npos) {
      other = true;
    }
  });
  return digit && !other;
}

}  // namespace sekisho::worker
