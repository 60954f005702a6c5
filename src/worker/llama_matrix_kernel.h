#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sekisho::worker {

/// Weights as a GGUF holds them: rows of blocks of small integers with scales.
enum class WeightType { kQ4_0, kQ5_0, kQ8_0, kQ4_K, kQ5_K, kQ6_K };
/// Bytes of 256 weights.
[[nodiscard]] std::size_t bytes_of_256(WeightType type);
/// A row's length is a multiple of this: 256 for the K types, 32 for the others.
[[nodiscard]] std::size_t weights_together(WeightType type);

inline constexpr std::size_t kWeightBlock = 256;  ///< Weights that are unpacked together; the last block of a row may be shorter.
inline constexpr std::size_t kPanelRows = 16;     ///< Rows of weights that are computed together.

/// Rows of numbers, each block of 256 as integers of 8 bits and one scale, as llama.cpp rounds them for such weights.
/// A last block that is shorter is filled up with zeros.
class QuantizedRows {
 public:
  QuantizedRows(std::size_t rows, std::size_t columns);
  /// Takes in rows [first, last) of `values`, which are `columns` apart. Different rows: from different threads.
  void quantize(const float* values, std::size_t first, std::size_t last);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t blocks() const { return (columns_ + kWeightBlock - 1) / kWeightBlock; }
  [[nodiscard]] const std::int8_t* numbers(std::size_t row, std::size_t block) const { return numbers_.data() + place(row, block) * kWeightBlock; }
  [[nodiscard]] float scale(std::size_t row, std::size_t block) const { return scales_[place(row, block)]; }
  /// Sums of 16 numbers each, 16 of them a block.
  [[nodiscard]] const std::int32_t* sums(std::size_t row, std::size_t block) const { return sums_.data() + place(row, block) * 16; }

 private:
  /// Block after block, each of all rows: in the order in which they are used.
  [[nodiscard]] std::size_t place(std::size_t row, std::size_t block) const { return block * rows_ + row; }

  std::size_t rows_;
  std::size_t columns_;
  std::vector<std::int8_t> numbers_;
  std::vector<float> scales_;
  std::vector<std::int32_t> sums_;
};

/// Whether this processor has what the kernel needs (AVX-512 with VNNI).
[[nodiscard]] bool matrix_kernel_runs_here();

/// A panel's place: `rows` (1 to kPanelRows) of weights, `row_bytes` apart.
struct Panel {
  WeightType type = WeightType::kQ4_K;
  const std::uint8_t* weights = nullptr;
  std::size_t row_bytes = 0;
  std::size_t rows = 0;
};

/// out[r * out_stride + p] = the product of row r of `right` and row p of the panel.
///
/// Each product is added up in one order, whatever stands beside it: it is bitwise the same in a batch of any size. Weights
/// are unpacked on the way, a block of 16 × 256 at a time, and used for all of `right`: nothing is kept. Only where
/// matrix_kernel_runs_here(). Threads: any, on different panels.
void multiply_panel(const Panel& panel, const QuantizedRows& right, float* out, std::size_t out_stride);

}  // namespace sekisho::worker
