#pragma once

#include <set>
#include <vector>

#include "worker/extract_grid.h"

namespace sekisho::worker {

/// A row of a sheet with its number.
struct GridRow {
  std::int64_t number = 0;
  std::vector<GridCell> cells;  ///< By column.
};

/// Appends the lines of `block`, rows without an empty one between them. `header_rows` are those that the workbook calls headers.
void append_block(const std::vector<GridRow>& block, const std::set<std::int64_t>& header_rows, std::vector<Line>& lines);

}  // namespace sekisho::worker
