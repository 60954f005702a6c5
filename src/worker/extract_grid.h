#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "worker/extract_output.h"

namespace sekisho::worker {

/// Rows and columns of cells, from 0, both ends included.
struct GridRange {
  std::int64_t first_row = 0;
  std::int64_t first_column = 0;
  std::int64_t last_row = 0;
  std::int64_t last_column = 0;
};

/// A cell that shows something.
struct GridCell {
  std::int64_t column = 0;
  std::string text;
  bool strong = false;     ///< Bold or on a coloured ground, as headers are.
  std::int64_t width = 1;  ///< Columns that it covers.
  bool repeated = false;   ///< Of a merged cell that began in a row above.
};

/// One sheet of a workbook, of whatever format, and the lines that tell what it says.
///
/// A short text in a cell that is merged downwards stands in each of its rows; characters that stand one a cell in narrow
/// columns (方眼紙) are one word; hidden rows and columns are left out. Rows below a header row become 「見出し: 値 / 見出し: 値」, so
/// that each says by itself what its figures are; others become cells separated by tabs. A header is believed where its cells are set off (bold, coloured,
/// filtered) or stand above figures; forms have neither and keep their order. Memory grows with the cells that are put. Threads: one.
class Grid {
 public:
  static constexpr std::size_t kCells = 4'000'000;  ///< More are dropped (`is_full`).

  /// Cells may come in any order; one place twice keeps the first.
  void put(std::int64_t row, std::int64_t column, std::string text, bool strong = false);
  void merge(const GridRange& range);
  void hide_row(std::int64_t row) { hidden_rows_.insert(row); }
  void hide_columns(std::int64_t first, std::int64_t last) { hidden_columns_.emplace_back(first, last); }
  /// Columns that hold a character or two.
  void narrow_columns(std::int64_t first, std::int64_t last) { narrow_.emplace_back(first, last); }
  /// A row that the workbook itself calls a header.
  void header_row(std::int64_t row) { header_rows_.insert(row); }

  [[nodiscard]] std::vector<Line> lines();

  /// After lines(): what was left out though it held text.
  [[nodiscard]] std::size_t rows_hidden() const { return rows_dropped_; }
  [[nodiscard]] std::size_t columns_hidden() const { return columns_dropped_; }
  [[nodiscard]] bool is_full() const { return cells_ >= kCells; }

 private:
  using Row = std::vector<GridCell>;
  using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

  void fill_merged();
  void drop_hidden();
  void join_characters(Row& row) const;

  std::map<std::int64_t, Row> rows_;
  std::vector<GridRange> merged_;
  std::set<std::int64_t> hidden_rows_;
  std::set<std::int64_t> header_rows_;
  Ranges hidden_columns_;
  Ranges narrow_;
  std::size_t cells_ = 0;
  std::size_t rows_dropped_ = 0;
  std::size_t columns_dropped_ = 0;
};

}  // namespace sekisho::worker
