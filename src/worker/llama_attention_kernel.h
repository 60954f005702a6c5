#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sekisho::worker {

/// Rows of numbers of half precision, `row_bytes` apart: keys, or values turned round.
struct HalfRows {
  const std::uint8_t* first = nullptr;
  std::size_t row_bytes = 0;
  std::size_t rows = 0;
  std::size_t columns = 0;
};

/// A row of the right side, and where its products with all rows of the left side go.
struct FloatRow {
  const float* values = nullptr;
  float* out = nullptr;
};

/// out[l] = the product of row l of `left` and each of `right`. Each product is added up in one order, whatever stands beside
/// it. Only where matrix_kernel_runs_here(). Threads: any, on different rows.
void multiply_halves(const HalfRows& left, std::span<const FloatRow> right);

}  // namespace sekisho::worker
