#include "worker/extract_grid_table.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "text/utf8.h"
#include "worker/extract_lines.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kLookRows = 50;
constexpr std::size_t kTitleCharacters = 60;
constexpr std::size_t kHeaderRows = 3;

/// The header of a block: rows from `begin` up to `end`.
struct Head {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::size_t own_cells(const GridRow& row) {
  return static_cast<std::size_t>(std::count_if(row.cells.begin(), row.cells.end(), [](const GridCell& cell) { return !cell.repeated; }));
}

bool covers(const GridCell& cell, std::int64_t column) { return column >= cell.column && column < cell.column + cell.width; }

/// A header of several rows: a wide cell above narrower ones, or one that reaches down.
std::size_t head_end(const std::vector<GridRow>& block, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < block.size() && end < begin + kHeaderRows) {
    const GridRow& above = block[end - 1];
    const GridRow& row = block[end];
    const bool goes_on = std::any_of(above.cells.begin(), above.cells.end(), [&](const GridCell& cell) {
      if (cell.width < 2) return false;
      return std::count_if(row.cells.begin(), row.cells.end(), [&](const GridCell& below) { return !below.repeated && below.width < cell.width && covers(cell, below.column); }) >= 2;
    });
    const bool figures = std::any_of(row.cells.begin(), row.cells.end(), [](const GridCell& cell) { return is_figure(cell.text); });
    if (!goes_on || figures) break;
    ++end;
  }
  return end;
}

bool all_strong(const GridRow& row) {
  return std::all_of(row.cells.begin(), row.cells.end(), [](const GridCell& cell) { return cell.strong; });
}

/// Set off from what is below: bold or coloured where most of that is not.
bool stands_out(const std::vector<GridRow>& block, const Head& head) {
  if (!all_strong(block[head.end - 1])) return false;
  const std::size_t last = std::min(block.size(), head.end + kLookRows);
  std::size_t strong = 0;
  for (std::size_t i = head.end; i < last; ++i) strong += all_strong(block[i]) ? 1U : 0U;
  return strong * 2 < last - head.end;
}

/// Words above columns of figures.
bool stands_above_figures(const std::vector<GridRow>& block, const Head& head) {
  constexpr std::size_t kWidth = 3;
  constexpr std::size_t kRows = 3;
  const GridRow& names = block[head.end - 1];
  if (names.cells.size() < kWidth || block.size() - head.end < kRows) return false;
  if (std::any_of(names.cells.begin(), names.cells.end(), [](const GridCell& cell) { return is_figure(cell.text); })) return false;
  std::map<std::int64_t, std::pair<std::size_t, std::size_t>> columns;  // Filled cells, figures among them.
  std::size_t most = 0;
  for (std::size_t i = head.end; i < std::min(block.size(), head.end + kLookRows); ++i) {
    most = std::max(most, block[i].cells.size());
    for (const GridCell& cell : block[i].cells) {
      auto& [filled, figures] = columns[cell.column];
      ++filled;
      figures += is_figure(cell.text) ? 1U : 0U;
    }
  }
  if (names.cells.size() * 10 < most * 6) return false;
  return std::any_of(names.cells.begin(), names.cells.end(), [&](const GridCell& cell) {
    const auto column = columns.find(cell.column);
    return column != columns.end() && column->second.first >= kRows && column->second.second * 10 >= column->second.first * 8;
  });
}

Head head_of(const std::vector<GridRow>& block, std::size_t begin, const std::set<std::int64_t>& header_rows) {
  Head none{.begin = begin, .end = begin};
  if (begin + 1 >= block.size()) return none;
  Head head{.begin = begin, .end = head_end(block, begin)};
  if (head.end >= block.size()) return none;
  const bool declared = header_rows.contains(block[begin].number) || header_rows.contains(block[head.end - 1].number);
  return declared || stands_out(block, head) || stands_above_figures(block, head) ? head : none;
}

/// What the header says of a column: its rows' words from above, each once.
std::string name_of_column(const std::vector<GridRow>& block, const Head& head, std::int64_t column) {
  std::string name;
  std::string_view last;
  for (std::size_t i = head.begin; i < head.end; ++i) {
    for (const GridCell& cell : block[i].cells) {
      if (!covers(cell, column) || cell.text == last) continue;
      if (!name.empty()) name += "・";
      name += cell.text;
      last = cell.text;
      break;
    }
  }
  return name;
}

std::string record(const std::map<std::int64_t, std::string>& names, const GridRow& row) {
  std::string line;
  for (const GridCell& cell : row.cells) {
    if (!line.empty()) line += " / ";
    const auto name = names.find(cell.column);
    if (name != names.end() && !name->second.empty()) line.append(name->second).append(": ");
    line += cell.text;
  }
  return line;
}

/// Cells with tabs between them. In a table that is filled mostly, empty cells keep their place.
void append_plain(const std::vector<GridRow>& block, std::size_t begin, std::vector<Line>& lines) {
  std::map<std::int64_t, std::size_t> columns;
  std::size_t cells = 0;
  for (std::size_t i = begin; i < block.size(); ++i) {
    cells += block[i].cells.size();
    for (const GridCell& cell : block[i].cells) columns.emplace(cell.column, 0);
  }
  std::size_t place = 0;
  for (auto& [column, index] : columns) index = place++;
  const bool keeps_places = columns.size() <= 100 && cells * 10 >= columns.size() * (block.size() - begin) * 6;
  for (std::size_t i = begin; i < block.size(); ++i) {
    std::string line;
    std::size_t at = 0;
    for (const GridCell& cell : block[i].cells) {
      const std::size_t to = keeps_places ? columns[cell.column] : at + (line.empty() ? 0 : 1);
      line.append(to - at, '\t');
      at = to;
      line += cell.text;
    }
    lines.push_back({.text = std::move(line), .level = 0});
  }
}

}  // namespace

void append_block(const std::vector<GridRow>& block, const std::set<std::int64_t>& header_rows, std::vector<Line>& lines) {
  std::size_t at = 0;
  // Rows of one cell above the table: its name, its date, its unit.
  while (at < block.size() && own_cells(block[at]) == 1) {
    const std::string& text = block[at].cells[0].text;
    const bool title = at == 0 && at + 1 < block.size() && text::count_characters(text) <= kTitleCharacters && !text.ends_with("。");
    lines.push_back({.text = text, .level = title ? 2 : 0});
    ++at;
  }
  if (at >= block.size()) return;
  const Head head = head_of(block, at, header_rows);
  if (head.end == head.begin) {
    append_plain(block, at, lines);
    return;
  }
  std::map<std::int64_t, std::string> names;
  for (std::size_t i = head.end; i < block.size(); ++i) {
    for (const GridCell& cell : block[i].cells) {
      if (!names.contains(cell.column)) names.emplace(cell.column, name_of_column(block, head, cell.column));
    }
  }
  for (std::size_t i = head.end; i < block.size(); ++i) {
    // A row of one cell within a table parts it.
    const bool parts = block[i].cells.size() == 1 && block[i].cells[0].width > 1;
    lines.push_back({.text = parts ? block[i].cells[0].text : record(names, block[i]), .level = 0});
  }
}

}  // namespace sekisho::worker
