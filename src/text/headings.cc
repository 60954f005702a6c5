#include "text/headings.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "text/folded_points.h"
#include "text/numerals.h"
#include "text/utf8.h"

namespace sekisho::text {
namespace {

/// A line longer than this after its marker is text, not the name of a part.
constexpr std::size_t kTitleCharacters = 40;

struct Division {
  std::u32string_view unit;
  HeadingKind kind;
  int level;
};
constexpr std::array<Division, 9> kDivisions = {{{U"編", HeadingKind::kPart, 1},
                                                 {U"部", HeadingKind::kPart, 1},
                                                 {U"章", HeadingKind::kChapter, 2},
                                                 {U"節", HeadingKind::kSection, 3},
                                                 {U"款", HeadingKind::kSection, 3},
                                                 {U"目", HeadingKind::kSection, 3},
                                                 {U"条", HeadingKind::kArticle, 4},
                                                 {U"項", HeadingKind::kParagraph, 5},
                                                 {U"号", HeadingKind::kItem, 6}}};

bool is_numeral_character(char32_t c) { return is_ascii_digit(c) || std::u32string_view(U"〇一二三四五六七八九十百千").find(c) != std::u32string_view::npos; }

/// Reads the marker of one line in index form.
class MarkerReader {
 public:
  explicit MarkerReader(std::string_view line) : line_(line), folded_(line), points_(folded_.points) { skip_spaces(); }

  std::optional<Heading> read() {
    if (at_ == points_.size()) return std::nullopt;
    start_ = at_;
    for (const auto reader : {&MarkerReader::read_markdown, &MarkerReader::read_supplement, &MarkerReader::read_annex, &MarkerReader::read_division,
                              &MarkerReader::read_circled, &MarkerReader::read_bracketed, &MarkerReader::read_numbered, &MarkerReader::read_letter,
                              &MarkerReader::read_mark}) {
      at_ = start_;
      if (auto heading = (this->*reader)()) return heading;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] char32_t peek(std::size_t ahead = 0) const { return at_ + ahead < points_.size() ? points_[at_ + ahead] : 0; }
  [[nodiscard]] bool at_end() const { return at_ == points_.size(); }
  [[nodiscard]] bool at_gap() const { return at_end() || is_space(peek()); }
  void skip_spaces() {
    while (!at_end() && is_space(peek())) ++at_;
  }
  bool skip(std::u32string_view word) {
    if (points_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  std::optional<std::int64_t> read_number() {
    std::size_t end = at_;
    while (end < points_.size() && end - at_ < 10 && is_numeral_character(points_[end])) ++end;
    if (end == at_) return std::nullopt;
    const auto value = numeral_value(to_utf8(points_.substr(at_, end - at_)));
    if (value) at_ = end;
    return value;
  }
  [[nodiscard]] std::string taken(std::size_t from) const { return to_utf8(points_.substr(from, at_ - from)); }
  /// The original bytes from here to the end, without white space around them.
  [[nodiscard]] std::string original_rest() const {
    std::string_view rest = line_.substr(folded_.origin(at_));
    while (!rest.empty() && static_cast<unsigned char>(rest.back()) <= ' ') rest.remove_suffix(1);
    return std::string(rest);
  }
  [[nodiscard]] bool rest_is_title() const {
    const std::size_t length = points_.size() - at_;
    return length > 0 && length <= kTitleCharacters && points_.back() != U'。' && points_.back() != U'、';
  }

  Heading finish(HeadingKind kind, int level, std::int64_t number, std::string label) {
    skip_spaces();
    return {kind, level, number, std::move(label), "", folded_.origin(at_)};
  }
  /// As finish(), and the rest of the line is the title where it looks like one.
  Heading finish_titled(HeadingKind kind, int level, std::int64_t number, std::string label) {
    Heading heading = finish(kind, level, number, std::move(label));
    if (!rest_is_title()) return heading;
    heading.title = original_rest();
    heading.body = line_.size();
    return heading;
  }
  /// Takes （見出し） where it stands here; nothing where its bracket does not close.
  std::optional<std::string> read_caption() {
    const auto close = points_.find(U')', at_);
    if (peek() != '(' || close == std::u32string_view::npos) return std::nullopt;
    const std::size_t from = folded_.origin(at_ + 1);
    const std::size_t to = folded_.origin(close);
    at_ = close + 1;
    return std::string(line_.substr(from, to - from));
  }

  std::optional<Heading> read_markdown() {
    std::size_t level = 0;
    while (peek() == '#') ++at_, ++level;
    if (level == 0 || level > 6 || !is_space(peek())) return std::nullopt;
    Heading heading = finish(HeadingKind::kMarkdown, static_cast<int>(level), 0, std::string(level, '#'));
    heading.title = original_rest();
    heading.body = line_.size();
    return heading;
  }

  std::optional<Heading> read_supplement() {
    if (!skip(U"附") && !skip(U"付")) return std::nullopt;
    skip_spaces();
    if (!skip(U"則")) return std::nullopt;
    skip_spaces();
    if (!at_end() && peek() != '(') return std::nullopt;
    Heading heading = finish(HeadingKind::kSupplement, 2, 0, "附則");
    heading.title = original_rest();
    heading.body = line_.size();
    return heading;
  }

  std::optional<Heading> read_annex() {
    bool found = false;
    for (const std::u32string_view name : {U"別表", U"別紙", U"別記様式", U"別記", U"別添", U"様式"}) found = found || skip(name);
    if (!found) return std::nullopt;
    std::string label = taken(start_);
    const bool ordinal = skip(U"第");
    const auto number = read_number();
    if (ordinal && !number) return std::nullopt;
    if (number) label += fmt::format("{}{}", ordinal ? "第" : "", *number);
    if (number && skip(U"号")) label += "号";
    if (!at_gap() && peek() != '(') return std::nullopt;
    Heading heading = finish(HeadingKind::kAnnex, 2, number.value_or(0), std::move(label));
    if (const auto caption = read_caption()) heading.title = *caption;
    return finish_after(std::move(heading));
  }

  /// The title is what follows, where nothing is in it yet.
  Heading finish_after(Heading heading) {
    skip_spaces();
    heading.body = folded_.origin(at_);
    if (!heading.title.empty() || !rest_is_title()) return heading;
    heading.title = original_rest();
    heading.body = line_.size();
    return heading;
  }

  std::optional<Heading> read_division() {
    if (!skip(U"第")) return std::nullopt;
    const auto number = read_number();
    if (!number) return std::nullopt;
    for (const Division& division : kDivisions) {
      if (skip(division.unit)) return read_division_of(division, *number);
    }
    if (!at_gap()) return std::nullopt;
    return finish_titled(HeadingKind::kNumbered, 3, *number, fmt::format("第{}", *number));
  }

  std::optional<Heading> read_division_of(const Division& division, std::int64_t number) {
    std::string label = fmt::format("第{}{}", number, to_utf8(division.unit));
    while (peek() == U'の') {
      ++at_;
      const auto branch = read_number();
      if (!branch) return std::nullopt;  // 第十条の規定により…
      label += fmt::format("の{}", *branch);
    }
    const bool wide = division.level <= 3;
    if (wide) {
      const bool named = !at_gap() && rest_is_title() && is_kanji(peek());
      if (!at_gap() && !named) return std::nullopt;
      return finish_titled(division.kind, division.level, number, std::move(label));
    }
    if (!at_gap() && peek() != '(') return std::nullopt;
    std::string title;
    if (const auto caption = read_caption()) {
      // 第十条（第二項を除く。）の規定 is a reference.
      if (!at_end() && (is_hiragana(peek()) || peek() == U'第' || peek() == U'、')) return std::nullopt;
      title = *caption;
    }
    Heading heading = finish(division.kind, division.level, number, std::move(label));
    heading.title = std::move(title);
    return heading;
  }

  /// ① to ⑳, which the index form turns into plain digits.
  std::optional<Heading> read_circled() {
    const Character first = character_at(line_, folded_.origin(at_));
    if (first.value < U'①' || first.value > U'⑳') return std::nullopt;
    const auto number = read_number();
    return finish(HeadingKind::kParagraph, 6, number.value_or(0), std::string(line_.substr(first.begin, first.size)));
  }

  /// (1), (一), (ア), (a), and 【見出し】.
  std::optional<Heading> read_bracketed() {
    if (peek() == U'【') {
      const auto close = points_.find(U'】', at_);
      if (close == std::u32string_view::npos || close - at_ > kTitleCharacters) return std::nullopt;
      const std::size_t from = folded_.origin(at_ + 1);
      const std::size_t to = folded_.origin(close);
      at_ = close + 1;
      Heading heading = finish(HeadingKind::kMark, 5, 0, "【】");
      heading.title = std::string(line_.substr(from, to - from));
      return heading;
    }
    if (!skip(U"(")) return std::nullopt;
    const auto number = read_number();
    const bool kana = !number && is_katakana(peek());
    const bool letter = !number && is_ascii_letter(peek());
    if (kana || letter) ++at_;
    if ((!number && !kana && !letter) || !skip(U")")) return std::nullopt;
    std::string label = number ? fmt::format("({})", *number) : taken(start_);
    return finish_titled(HeadingKind::kItem, kana ? 8 : letter ? 9 : 6, number.value_or(0), std::move(label));
  }

  /// １ …, 1. …, 1-2 …, 1.2.3 …, 一 ….
  std::optional<Heading> read_numbered() {
    const bool kanji = !is_ascii_digit(peek());
    const auto number = read_number();
    if (!number || *number > 999) return std::nullopt;
    if (kanji) {
      if (!at_gap() && peek() != U'、') return std::nullopt;
      if (peek() == U'、') ++at_;
      return finish(HeadingKind::kItem, 6, *number, kanji_numeral(*number));
    }
    std::string label = std::to_string(*number);
    int depth = 0;
    while ((peek() == '.' || peek() == '-') && is_ascii_digit(peek(1))) {
      label += static_cast<char>(peek());
      ++at_;
      const auto part = read_number();
      if (!part || *part > 999) return std::nullopt;
      label += std::to_string(*part);
      ++depth;
    }
    const bool point = peek() == '.' || peek() == U'、' || peek() == ')';
    if (point) ++at_;
    if (!point && !at_gap()) return std::nullopt;
    skip_spaces();
    if (at_end()) return std::nullopt;  // A page number, or 3.14.
    const bool titled = rest_is_title();
    if (point || depth > 0 || titled) return finish_titled(HeadingKind::kNumbered, std::min(4 + depth, 9), *number, std::move(label));
    return finish(HeadingKind::kParagraph, 5, *number, std::move(label));
  }

  /// ア …, イ …, a …, i ….
  std::optional<Heading> read_letter() {
    const char32_t c = peek();
    if (!is_katakana(c) && !is_ascii_letter(c)) return std::nullopt;
    ++at_;
    if (is_ascii_letter(c)) {
      while (c == 'i' && (peek() == 'i' || peek() == 'v' || peek() == 'x')) ++at_;
      const bool point = peek() == '.' || peek() == ')';
      const std::string label = taken(start_);
      if (point) ++at_;
      if (!point || !at_gap() || at_end()) return std::nullopt;
      return finish_titled(HeadingKind::kItem, 9, 0, label);
    }
    const std::string label = taken(start_);
    const bool point = peek() == '.' || peek() == U'、' || peek() == ')';
    if (point) ++at_;
    if ((!point && !is_space(peek())) || at_end()) return std::nullopt;
    return finish_titled(HeadingKind::kItem, 7, 0, label);
  }

  std::optional<Heading> read_mark() {
    static constexpr std::u32string_view kMarks = U"■◆●◎○□◇▲△▼▽★☆";
    const auto mark = kMarks.find(peek());
    if (mark == std::u32string_view::npos) return std::nullopt;
    ++at_;
    const std::string label = taken(start_);
    if (is_numeral_character(peek()) || at_end()) return std::nullopt;  // ○○市
    if (peek() == kMarks[mark]) return std::nullopt;
    const int level = mark < 2 ? 5 : mark < 4 ? 6 : 7;
    return finish_titled(HeadingKind::kMark, level, 0, label);
  }

  std::string_view line_;
  FoldedPoints folded_;
  std::u32string_view points_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

}  // namespace

std::optional<Heading> heading_of(std::string_view line) { return MarkerReader(line).read(); }

bool is_caption(std::string_view line) {
  const auto all = characters(line);
  std::size_t begin = 0, end = all.size();
  while (begin < end && is_space(all[begin].value)) ++begin;
  while (end > begin && is_space(all[end - 1].value)) --end;
  if (end - begin < 3 || end - begin > kTitleCharacters + 2) return false;
  const auto open = [](char32_t c) { return c == U'（' || c == '('; };
  const auto close = [](char32_t c) { return c == U'）' || c == ')'; };
  if (!open(all[begin].value) || !close(all[end - 1].value)) return false;
  for (std::size_t i = begin + 1; i + 1 < end; ++i) {
    if (open(all[i].value) || close(all[i].value) || all[i].value == U'。') return false;
  }
  return true;
}

}  // namespace sekisho::text
