#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sekisho::worker {

/// Weights as a GGUF holds them: rows of blocks of small integers with scales.
enum class WeightType { kQ4_0, kQ5_0, kQ8_0, kQ4_K, kQ5_K, kQ6_K };

inline constexpr std::size_t kTileWeights = 256;  ///< Of a row that are computed together; the last tile of a row may be narrower.
inline constexpr std::size_t kPanelRows = 16;     ///< Rows of weights that are computed together.

/// Bytes of 256 weights, as a GGUF holds them and packed.
[[nodiscard]] std::size_t bytes_of_256(WeightType type);
/// A row's length is a multiple of this: 256 for the K types, 32 for the others.
[[nodiscard]] std::size_t weights_together(WeightType type);

/// Puts the same bytes into the order in which they are used: 16 rows side by side, tile after tile of up to 256 columns; in each
/// the four-byte words of the blocks, word by word of all 16 rows, and behind them the two-byte scales where blocks begin or
/// end with one. `rows` is a multiple of kPanelRows, `columns` of weights_together; `packed` is as long as `plain`.
void pack_weights(WeightType type, const std::uint8_t* plain, std::size_t rows, std::size_t columns, std::uint8_t* packed);

/// Rows of numbers, each block of 256 as integers of 8 bits and one scale, as llama.cpp rounds them for such weights.
/// A last block that is shorter is filled up with zeros.
class QuantizedRows {
 public:
  QuantizedRows(std::size_t rows, std::size_t columns);
  /// Takes in rows [first, last) of `values`, which are `columns` apart. Different rows: from different threads.
  void quantize(const float* values, std::size_t first, std::size_t last);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t blocks() const { return (columns_ + kTileWeights - 1) / kTileWeights; }
  /// Of rows that follow: kTileWeights, 1 and kSums apart.
  [[nodiscard]] const std::int8_t* numbers(std::size_t row, std::size_t block) const { return numbers_.data() + place(row, block) * kTileWeights; }
  [[nodiscard]] const float* scales(std::size_t row, std::size_t block) const { return scales_.data() + place(row, block); }
  /// Sums of 16 numbers each, 16 of them; behind them sums of 32, 8 of them.
  [[nodiscard]] const float* sums(std::size_t row, std::size_t block) const { return sums_.data() + place(row, block) * kSums; }
  static constexpr std::size_t kSums = 24;

 private:
  /// Block after block, each of all rows: in the order in which they are used.
  [[nodiscard]] std::size_t place(std::size_t row, std::size_t block) const { return block * rows_ + row; }

  std::size_t rows_;
  std::size_t columns_;
  std::vector<std::int8_t> numbers_;
  std::vector<float> scales_;
  std::vector<float> sums_;
};

/// Whether this processor has what the kernels need (AVX-512 with VNNI).
[[nodiscard]] bool matrix_kernel_runs_here();

/// out[r * out_stride + p] = the product of row r of `right` and row p of the panel: kPanelRows packed rows of
/// right.columns() weights.
///
/// Each product is added up in one order, whatever stands beside it: it is bitwise the same for one row and in a batch of
/// any size. Only where matrix_kernel_runs_here(). Threads: any, on different panels.
void multiply_panel(WeightType type, const std::uint8_t* packed_panel, const QuantizedRows& right, float* out, std::size_t out_stride);

}  // namespace sekisho::worker
