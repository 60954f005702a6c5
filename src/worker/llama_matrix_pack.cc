#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "worker/llama_matrix_kernel.h"

namespace sekisho::worker {
namespace {

/// Where in a block of a GGUF its four-byte words and its lone two-byte scale stand.
struct BlockForm {
  std::size_t bytes;
  std::size_t weights;
  std::size_t words_at;
  std::size_t words;
  std::size_t half_at;
  bool half;
};

BlockForm form_of(WeightType type) {
  switch (type) {
    case WeightType::kQ4_0: return {.bytes = 18, .weights = 32, .words_at = 2, .words = 4, .half_at = 0, .half = true};
    case WeightType::kQ5_0: return {.bytes = 22, .weights = 32, .words_at = 2, .words = 5, .half_at = 0, .half = true};
    case WeightType::kQ8_0: return {.bytes = 34, .weights = 32, .words_at = 2, .words = 8, .half_at = 0, .half = true};
    case WeightType::kQ4_K: return {.bytes = 144, .weights = 256, .words_at = 0, .words = 36, .half_at = 0, .half = false};
    case WeightType::kQ5_K: return {.bytes = 176, .weights = 256, .words_at = 0, .words = 44, .half_at = 0, .half = false};
    case WeightType::kQ6_K: return {.bytes = 210, .weights = 256, .words_at = 0, .words = 52, .half_at = 208, .half = true};
  }
  CHECK(false);
}

/// One tile: `blocks` blocks of each of the 16 rows, which are `row_bytes` apart.
std::uint8_t* pack_tile(const BlockForm& form, const std::uint8_t* from, std::size_t row_bytes, std::size_t blocks, std::uint8_t* to) {
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::uint8_t* words = from + block * form.bytes + form.words_at;
    for (std::size_t word = 0; word < form.words; ++word) {
      for (std::size_t row = 0; row < kPanelRows; ++row, to += 4) std::memcpy(to, words + row * row_bytes + word * 4, 4);
    }
  }
  if (!form.half) return to;
  for (std::size_t block = 0; block < blocks; ++block) {
    for (std::size_t row = 0; row < kPanelRows; ++row, to += 2) std::memcpy(to, from + row * row_bytes + block * form.bytes + form.half_at, 2);
  }
  return to;
}

}  // namespace

std::size_t bytes_of_256(WeightType type) { return form_of(type).bytes * (kTileWeights / form_of(type).weights); }

std::size_t weights_together(WeightType type) { return form_of(type).weights; }

void pack_weights(WeightType type, const std::uint8_t* plain, std::size_t rows, std::size_t columns, std::uint8_t* packed) {
  const BlockForm form = form_of(type);
  CHECK(rows % kPanelRows == 0 && columns % form.weights == 0);
  const std::size_t row_blocks = columns / form.weights;
  const std::size_t tile_blocks = kTileWeights / form.weights;
  for (std::size_t row = 0; row < rows; row += kPanelRows) {
    const std::uint8_t* panel = plain + row * row_blocks * form.bytes;
    for (std::size_t block = 0; block < row_blocks; block += tile_blocks) {
      packed = pack_tile(form, panel + block * form.bytes, row_blocks * form.bytes, std::min(tile_blocks, row_blocks - block), packed);
    }
  }
}

}  // namespace sekisho::worker
