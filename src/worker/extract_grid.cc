#include "worker/extract_grid.h"

#include <algorithm>
#include <utility>

#include "text/utf8.h"
#include "worker/extract_grid_table.h"
#include "worker/extract_lines.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kRepeatedCharacters = 60;  ///< A longer text in a merged cell is told once.
constexpr std::size_t kFilledCells = 500'000;
constexpr std::size_t kMergedRanges = 200'000;
constexpr std::int64_t kCoveredColumns = 1'000;

bool lies_in(const std::vector<std::pair<std::int64_t, std::int64_t>>& ranges, std::int64_t column) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) { return column >= range.first && column <= range.second; });
}

/// Marks that answer something by themselves; a row of them is no word.
bool is_mark(std::string_view text) {
  constexpr std::u32string_view kMarks = U"○◯〇●◎×✕△▲□■☐☑✓✔レ✗-－―—ー…・/／*＊";
  return kMarks.find(first_character(text)) != std::u32string_view::npos;
}

bool is_one_character(std::string_view text) { return !text.empty() && text::character_at(text, 0).size == text.size(); }

}  // namespace

void Grid::put(std::int64_t row, std::int64_t column, std::string text, bool strong) {
  if (is_full() || without_outer_space(text).empty()) return;
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  Row& cells = rows_[row];
  ++cells_;
  GridCell cell{.column = column, .text = std::string(without_outer_space(text)), .strong = strong};
  if (cells.empty() || cells.back().column < column) {
    cells.push_back(std::move(cell));
    return;
  }
  const auto at = std::lower_bound(cells.begin(), cells.end(), column, [](const GridCell& a, std::int64_t b) { return a.column < b; });
  if (at == cells.end() || at->column != column) cells.insert(at, std::move(cell));
}

void Grid::merge(const GridRange& range) {
  if (merged_.size() < kMergedRanges && range.last_row >= range.first_row && range.last_column >= range.first_column) merged_.push_back(range);
}

void Grid::fill_merged() {
  std::size_t filled = 0;
  for (const GridRange& range : merged_) {
    const auto first = rows_.find(range.first_row);
    if (first == rows_.end()) continue;
    Row& cells = first->second;
    const auto by_column = [](const GridCell& a, std::int64_t b) { return a.column < b; };
    const auto anchor = std::lower_bound(cells.begin(), cells.end(), range.first_column, by_column);
    if (anchor == cells.end() || anchor->column != range.first_column) continue;
    anchor->width = std::min(range.last_column - range.first_column + 1, kCoveredColumns);
    GridCell copy = *anchor;
    copy.repeated = true;
    if (text::count_characters(copy.text) > kRepeatedCharacters) continue;
    for (auto row = std::next(first); row != rows_.end() && row->first <= range.last_row && filled < kFilledCells; ++row, ++filled) {
      const auto at = std::lower_bound(row->second.begin(), row->second.end(), range.first_column, by_column);
      if (at == row->second.end() || at->column > range.last_column) row->second.insert(at, copy);
    }
  }
}

void Grid::drop_hidden() {
  for (const std::int64_t row : hidden_rows_) rows_dropped_ += rows_.erase(row);
  if (hidden_columns_.empty()) return;
  std::set<std::int64_t> dropped;
  for (auto& [number, row] : rows_) {
    std::erase_if(row, [&](const GridCell& cell) {
      // What is merged into columns that are seen is seen.
      for (std::int64_t column = cell.column; column < cell.column + cell.width; ++column) {
        if (!lies_in(hidden_columns_, column)) return false;
      }
      dropped.insert(cell.column);
      return true;
    });
  }
  std::erase_if(rows_, [](const auto& row) { return row.second.empty(); });
  columns_dropped_ = dropped.size();
}

/// 方眼紙: 「青」「葉」「町」 in three narrow cells side by side are one word; an empty cell between two such words is a space.
void Grid::join_characters(Row& row) const {
  const auto joins = [&](const GridCell& cell) { return cell.width == 1 && is_one_character(cell.text) && lies_in(narrow_, cell.column); };
  Row joined;
  for (std::size_t begin = 0; begin < row.size();) {
    std::size_t end = begin;
    bool only_marks = true;
    while (end < row.size() && joins(row[end]) && (end == begin || row[end].column - row[end - 1].column <= 2)) {
      only_marks = only_marks && is_mark(row[end].text);
      ++end;
    }
    if (end < begin + 2 || only_marks) {
      joined.push_back(std::move(row[begin]));
      ++begin;
      continue;
    }
    GridCell word = std::move(row[begin]);
    for (std::size_t i = begin + 1; i < end; ++i) {
      if (row[i].column - (word.column + word.width) == 1) word.text += "　";
      word.text += row[i].text;
      word.width = row[i].column - word.column + 1;
    }
    joined.push_back(std::move(word));
    begin = end;
  }
  row = std::move(joined);
}

std::vector<Line> Grid::lines() {
  fill_merged();
  drop_hidden();
  std::vector<Line> lines;
  std::vector<GridRow> block;
  const auto end_block = [&] {
    append_block(block, header_rows_, lines);
    block.clear();
  };
  for (auto& [number, row] : rows_) {
    std::int64_t before = block.empty() ? number : block.back().number;
    while (before + 1 < number && hidden_rows_.contains(before + 1)) ++before;  // A hidden row parts no table.
    if (!block.empty() && before + 1 < number) end_block();
    if (!narrow_.empty()) join_characters(row);
    block.push_back({.number = number, .cells = std::exchange(row, {})});
  }
  end_block();
  rows_.clear();
  return lines;
}

}  // namespace sekisho::worker
