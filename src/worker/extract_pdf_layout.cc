#include "worker/extract_pdf_layout.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "text/utf8.h"
#include "worker/extract_lines.h"

namespace sekisho::worker {

void BodySize::add(const std::vector<PdfWord>& words) {
  for (const PdfWord& word : words) characters_[std::lround(word.size * 2)] += text::count_characters(word.text);
}

double BodySize::points() const {
  const auto most = std::max_element(characters_.begin(), characters_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == characters_.end() ? 0 : static_cast<double>(most->first) / 2;
}

namespace {

// All of these are in widths of a full character of the type at hand.
constexpr double kCellGap_em = 1.6;      ///< A wider gap may separate cells or columns.
constexpr double kGutter_em = 1.2;       ///< Between columns of prose.
constexpr std::size_t kColumnRows = 3;   ///< Fewer rows side by side are no columns.
constexpr double kSpaceGap_em = 0.7;     ///< A wider gap between Japanese characters was typed as a space.
constexpr double kWordGap_em = 0.15;     ///< A wider gap between Latin words is a space.
constexpr double kCell_em = 8;           ///< Narrower pieces side by side look like cells.
constexpr double kTiny_points = 2;       ///< Smaller type is not for eyes.
constexpr double kHeading_ratio = 1.18;  ///< Type this much larger than the body's is a heading.
constexpr double kTitle_ratio = 1.5;
constexpr double kRuby_ratio = 0.62;
constexpr std::size_t kHeadingCharacters = 60;

/// A piece of a line in reading coordinates: u runs along the line, v from line to line.
struct Piece {
  std::vector<const PdfWord*> words;
  std::string text;
  double u0 = 0, u1 = 0, v0 = 0, v1 = 0;
  double size = 0;
  bool starts_block = false;
};

struct Span {
  double u0, u1, v0, v1;
};

/// Vertical text is turned so that its columns, right to left, become lines, top to bottom.
Span span_of(const PdfWord& word, bool vertical) {
  if (vertical) return {word.top, word.bottom, -word.right, -word.left};
  return {word.left, word.right, word.top, word.bottom};
}

bool same_line(const Piece& piece, const Span& span) {
  const double overlap = std::min(piece.v1, span.v1) - std::max(piece.v0, span.v0);
  return overlap > 0.5 * std::min(piece.v1 - piece.v0, span.v1 - span.v0);
}

bool is_lone_kanji(const std::string& text) {
  return !text.empty() && text::is_kanji(first_character(text)) && text::character_at(text, 0).size == text.size();
}

/// 均等割付: kanji spread over a field at even distances are one word, 「氏　名」 = 氏名.
bool is_spread(const Piece& piece, bool vertical) {
  if (piece.words.size() < 2) return false;
  double least = 1e9;
  double most = 0;
  for (std::size_t i = 0; i < piece.words.size(); ++i) {
    if (!is_lone_kanji(piece.words[i]->text)) return false;
    if (i == 0) continue;
    const double gap = span_of(*piece.words[i], vertical).u0 - span_of(*piece.words[i - 1], vertical).u1;
    least = std::min(least, gap);
    most = std::max(most, gap);
  }
  return most - least < 0.3 * piece.size;
}

std::string spelled(const Piece& piece, bool vertical) {
  const bool spread = is_spread(piece, vertical);
  std::string text;
  double end = 0;
  for (const PdfWord* word : piece.words) {
    const Span span = span_of(*word, vertical);
    const double gap_em = (span.u0 - end) / std::max(1.0, piece.size);
    if (!text.empty() && !spread) {
      const bool japanese = is_space_needless(last_character(text), first_character(word->text));
      if (japanese && gap_em > kSpaceGap_em) text += "　";
      if (!japanese && gap_em > kWordGap_em) text += ' ';
    }
    text += word->text;
    end = span.u1;
  }
  return text;
}

/// Words that follow each other on one line without a wide gap.
std::vector<Piece> pieces_of(const std::vector<PdfWord>& words, bool vertical) {
  std::vector<Piece> pieces;
  for (const PdfWord& word : words) {
    const Span span = span_of(word, vertical);
    const bool goes_on = !pieces.empty() && same_line(pieces.back(), span) && span.u0 > pieces.back().u1 - 0.3 * word.size &&
                         span.u0 < pieces.back().u1 + kCellGap_em * std::max(word.size, pieces.back().size);
    if (!goes_on) {
      pieces.push_back({.words = {}, .text = {}, .u0 = span.u0, .u1 = span.u1, .v0 = span.v0, .v1 = span.v1, .size = word.size, .starts_block = false});
    }
    Piece& piece = pieces.back();
    piece.words.push_back(&word);
    piece.u1 = std::max(piece.u1, span.u1);
    piece.v0 = std::min(piece.v0, span.v0);
    piece.v1 = std::max(piece.v1, span.v1);
    piece.size = std::max(piece.size, word.size);
  }
  for (Piece& piece : pieces) piece.text = spelled(piece, vertical);  // For ruby and page numbers; lines are spelled again.
  return pieces;
}

/// Poppler leaves vertical text in disorder. Tiers (段) are parted by a gap that no column crosses; within a tier the
/// columns go from right to left.
void order_vertical(std::vector<PdfWord>& words) {
  std::sort(words.begin(), words.end(), [](const PdfWord& a, const PdfWord& b) { return a.top < b.top; });
  std::vector<std::size_t> tier(words.size(), 0);
  double reach = words.empty() ? 0 : words[0].bottom;
  for (std::size_t i = 1; i < words.size(); ++i) {
    tier[i] = tier[i - 1] + (words[i].top > reach + 1.2 * words[i].size ? 1 : 0);
    reach = std::max(reach, words[i].bottom);
  }
  std::vector<std::size_t> order(words.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  // Columns are told apart by their middle, rounded to half a character of the body so that the order is a strict one.
  BodySize body;
  body.add(words);
  const double em = std::max(1.0, body.points());
  const auto column = [&](std::size_t i) { return std::lround(-(words[i].left + words[i].right) / em); };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (tier[a] != tier[b]) return tier[a] < tier[b];
    if (column(a) != column(b)) return column(a) < column(b);
    return words[a].top < words[b].top;
  });
  std::vector<PdfWord> sorted;
  sorted.reserve(words.size());
  for (const std::size_t i : order) sorted.push_back(std::move(words[i]));
  words = std::move(sorted);
}

bool is_ruby(const Piece& piece, double body_size) {
  if (piece.size > kRuby_ratio * body_size) return false;
  bool kana = !piece.text.empty();
  text::for_each_character(piece.text, [&](const text::Character& c) {
    kana = kana && (text::is_hiragana(c.value) || text::is_katakana(c.value) || text::is_space(c.value));
  });
  return kana;
}

/// 「- 3 -」, 「3 / 12」, 「３ページ」 alone at the upper or lower edge.
bool is_page_number(const Piece& piece, double page_height) {
  if (piece.v0 > 0.09 * page_height && piece.v1 < 0.91 * page_height) return false;
  bool digit = false;
  bool other = false;
  text::for_each_character(piece.text, [&](const text::Character& c) {
    constexpr std::u32string_view kMarks = U" 　-－‐―—–/／()（）pPページ頁";
    if (text::is_ascii_digit(c.value) || (c.value >= U'０' && c.value <= U'９')) {
      digit = true;
    } else if (kMarks.find(c.value) == std::u32string_view::npos) {
      other = true;
    }
  });
  return digit && !other && text::count_characters(piece.text) <= 12;
}

/// Pieces that share a line, left to right.
struct Row {
  std::vector<Piece> pieces;
  bool in_table = false;
  [[nodiscard]] double v0() const { return pieces.front().v0; }
  [[nodiscard]] double v1() const { return pieces.front().v1; }
  [[nodiscard]] double size() const { return pieces.front().size; }
};

std::vector<Row> rows_of(std::vector<Piece> pieces) {
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.v0 + a.v1 < b.v0 + b.v1; });
  std::vector<Row> rows;
  for (Piece& piece : pieces) {
    if (rows.empty() || !same_line(rows.back().pieces.front(), {piece.u0, piece.u1, piece.v0, piece.v1})) rows.emplace_back();
    rows.back().pieces.push_back(std::move(piece));
  }
  for (Row& row : rows) std::stable_sort(row.pieces.begin(), row.pieces.end(), [](const Piece& a, const Piece& b) { return a.u0 < b.u0; });
  return rows;
}

/// Short pieces side by side: what a row of a table looks like, and columns of prose do not.
bool is_tabular(const Row& row) {
  if (row.pieces.size() < 2) return false;
  double narrowest = 1e9;
  for (const Piece& piece : row.pieces) narrowest = std::min(narrowest, (piece.u1 - piece.u0) / piece.size);
  return narrowest <= kCell_em;
}

/// Three such rows in a row make a table, or two of three cells and more.
void find_tables(std::vector<Row>& rows) {
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin;
    std::size_t cells = 0;
    while (end < rows.size() && is_tabular(rows[end])) cells += rows[end++].pieces.size();
    const std::size_t count = end - begin;
    const bool table = count >= 3 || (count == 2 && cells >= 6);
    for (std::size_t i = begin; i < end; ++i) rows[i].in_table = table;
    begin = std::max(end, begin + 1);
  }
}

/// A run of rows with a strip between them that no piece crosses.
struct Gutter {
  std::size_t begin = 0;
  std::size_t end = 0;
  double left = 0;
  double right = 0;
};

/// Moves the edges of the strip so that `row` keeps out of it; false where it cannot.
bool keeps_out(const Row& row, Gutter& gutter) {
  const double middle = (gutter.left + gutter.right) / 2;
  for (const Piece& piece : row.pieces) {
    if (piece.u0 < middle && piece.u1 > middle) return false;
    if (piece.u1 <= middle) gutter.left = std::max(gutter.left, piece.u1);
    if (piece.u0 >= middle) gutter.right = std::min(gutter.right, piece.u0);
  }
  return gutter.right - gutter.left >= kGutter_em * row.size();
}

/// The rows from `begin` on that a strip at the given place parts into two columns of prose, or nothing.
std::optional<Gutter> gutter_from(const std::vector<Row>& rows, std::size_t begin, double left, double right) {
  Gutter gutter{.begin = begin, .end = begin, .left = left, .right = right};
  std::size_t both = 0;
  for (std::size_t i = begin; i < rows.size() && !rows[i].in_table; ++i) {
    const bool far = i > begin && rows[i].v0() - rows[i - 1].v1() > 3 * rows[i].size();
    if (far || !keeps_out(rows[i], gutter)) break;
    if (rows[i].pieces.front().u1 <= gutter.left && rows[i].pieces.back().u0 >= gutter.right) ++both;
    gutter.end = i + 1;
  }
  if (both < kColumnRows) return std::nullopt;
  return gutter;
}

std::optional<Gutter> first_gutter(const std::vector<Row>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::vector<Piece>& pieces = rows[i].pieces;
    for (std::size_t k = 1; k < pieces.size() && !rows[i].in_table; ++k) {
      if (auto gutter = gutter_from(rows, i, pieces[k - 1].u1, pieces[k].u0)) return gutter;
    }
  }
  return std::nullopt;
}

/// Rows in reading order: columns one after the other, what stands above and below them before and after.
void put_in_order(std::vector<Row> rows, std::vector<Row>& ordered, int depth) {
  constexpr std::size_t kRows = 1'000;  // More on one page are no columns of prose; finding strips costs their square.
  constexpr int kDepth = 4;
  const auto gutter = rows.size() <= kRows && depth < kDepth ? first_gutter(rows) : std::nullopt;
  if (!gutter) {
    for (Row& row : rows) ordered.push_back(std::move(row));
    return;
  }
  std::vector<Row> left;
  std::vector<Row> right;
  std::vector<Row> after;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i < gutter->begin) {
      ordered.push_back(std::move(rows[i]));
    } else if (i >= gutter->end) {
      after.push_back(std::move(rows[i]));
    } else {
      Row sides[2];
      for (Piece& piece : rows[i].pieces) sides[piece.u0 >= gutter->right ? 1 : 0].pieces.push_back(std::move(piece));
      if (!sides[0].pieces.empty()) left.push_back(std::move(sides[0]));
      if (!sides[1].pieces.empty()) right.push_back(std::move(sides[1]));
    }
  }
  put_in_order(std::move(left), ordered, depth + 1);
  put_in_order(std::move(right), ordered, depth + 1);
  put_in_order(std::move(after), ordered, depth + 1);
}

/// One line: cells with tabs between them, or pieces that were merely set wide apart.
Piece line_of(Row row, bool vertical) {
  Piece line = std::move(row.pieces.front());
  if (row.in_table) line.text = spelled(line, vertical);
  for (std::size_t i = 1; i < row.pieces.size(); ++i) {
    Piece& piece = row.pieces[i];
    if (row.in_table) line.text.append("\t").append(spelled(piece, vertical));
    line.words.insert(line.words.end(), piece.words.begin(), piece.words.end());
    line.u1 = std::max(line.u1, piece.u1);
    line.size = std::max(line.size, piece.size);
  }
  if (!row.in_table) line.text = spelled(line, vertical);
  return line;
}

std::vector<Piece> lines_of(std::vector<Piece> pieces, bool vertical) {
  std::vector<Row> rows = rows_of(std::move(pieces));
  find_tables(rows);
  std::vector<Row> ordered;
  put_in_order(std::move(rows), ordered, 0);
  std::vector<Piece> lines;
  bool in_table = false;
  for (Row& row : ordered) {
    const bool table = row.in_table;
    lines.push_back(line_of(std::move(row), vertical));
    lines.back().starts_block = table != in_table;
    in_table = table;
  }
  return lines;
}

int heading_level(const Piece& piece, double body_size) {
  if (body_size <= 0 || piece.size < kHeading_ratio * body_size) return 0;
  if (text::count_characters(piece.text) > kHeadingCharacters || piece.text.find('\t') != std::string::npos) return 0;
  return piece.size >= kTitle_ratio * body_size ? 1 : 2;
}

/// Vertical type has its own forms of brackets and dots; the text has the usual ones.
std::string with_usual_forms(const std::string& text) {
  static const std::map<char32_t, char32_t> kForms{
      {0xFE10, U'，'}, {0xFE11, U'、'}, {0xFE12, U'。'}, {0xFE30, U'‥'}, {0xFE31, U'—'}, {0xFE33, U'＿'}, {0xFE35, U'（'}, {0xFE36, U'）'},
      {0xFE37, U'｛'}, {0xFE38, U'｝'}, {0xFE39, U'〔'}, {0xFE3A, U'〕'}, {0xFE3B, U'【'}, {0xFE3C, U'】'}, {0xFE3D, U'《'}, {0xFE3E, U'》'},
      {0xFE3F, U'〈'}, {0xFE40, U'〉'}, {0xFE41, U'「'}, {0xFE42, U'」'}, {0xFE43, U'『'}, {0xFE44, U'』'}};
  std::string out;
  text::for_each_character(text, [&](const text::Character& c) {
    const auto form = kForms.find(c.value);
    text::append_utf8(out, form == kForms.end() ? c.value : form->second);
  });
  return out;
}

}  // namespace

PdfPageText page_text(std::vector<PdfWord> words, double page_height, double body_size) {
  PdfPageText result;
  std::size_t vertical_count = 0;
  const std::size_t before = words.size();
  std::erase_if(words, [](const PdfWord& word) { return word.size < kTiny_points && word.bottom - word.top < kTiny_points; });
  result.tiny = words.size() < before;
  for (PdfWord& word : words) {
    word.size = std::max(word.size, 1.0);
    if (word.vertical) ++vertical_count;
  }
  const bool vertical = vertical_count * 2 > words.size();
  if (vertical) {
    for (PdfWord& word : words) word.text = with_usual_forms(word.text);
    order_vertical(words);
  }
  std::vector<Piece> pieces = pieces_of(words, vertical);
  std::erase_if(pieces, [&](const Piece& piece) { return is_ruby(piece, body_size) || (!vertical && is_page_number(piece, page_height)); });
  if (!vertical) pieces = lines_of(std::move(pieces), vertical);

  std::vector<PlacedLine> lines;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    const bool apart = i > 0 && (piece.v0 < pieces[i - 1].v0 - 0.5 * piece.size || piece.v0 > pieces[i - 1].v1 + 1.6 * piece.size);
    lines.push_back({.text = piece.text,
                     .begin = piece.u0,
                     .end = piece.u1,
                     .em = piece.size,
                     .level = heading_level(piece, body_size),
                     .starts_block = piece.starts_block || apart});
  }
  for (Paragraph& paragraph : unwrapped(lines)) result.lines.push_back({.text = std::move(paragraph.text), .level = paragraph.level});
  return result;
}

}  // namespace sekisho::worker
