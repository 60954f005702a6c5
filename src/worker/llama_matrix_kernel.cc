#include "worker/llama_matrix_kernel.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"

#ifdef __x86_64__
// GCC 12's own header warns of what it leaves undefined on purpose (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#define SEKISHO_VNNI __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define SEKISHO_VNNI_INLINE SEKISHO_VNNI inline
#endif

namespace sekisho::worker {

std::size_t bytes_of_256(WeightType type) {
  switch (type) {
    case WeightType::kQ4_0: return 8 * 18;
    case WeightType::kQ5_0: return 8 * 22;
    case WeightType::kQ8_0: return 8 * 34;
    case WeightType::kQ4_K: return 144;
    case WeightType::kQ5_K: return 176;
    case WeightType::kQ6_K: return 210;
  }
  return 0;
}

std::size_t weights_together(WeightType type) {
  return type == WeightType::kQ4_K || type == WeightType::kQ5_K || type == WeightType::kQ6_K ? kWeightBlock : 32;
}

QuantizedRows::QuantizedRows(std::size_t rows, std::size_t columns)
    : rows_(rows), columns_(columns), numbers_(rows * blocks() * kWeightBlock), scales_(rows * blocks()), sums_(rows * blocks() * 16) {}

#ifdef __x86_64__

bool matrix_kernel_runs_here() {
  static const bool runs = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("fma");
  return runs;
}

namespace {

/// 16 rows × 256 weights as the multiplication wants them.
struct Tile {
  /// [64][16 rows][4]: four neighbours of each row side by side, numbers from 0 on.
  alignas(64) std::uint8_t numbers[kWeightBlock * kPanelRows];
  alignas(64) float scales[16][kPanelRows];  ///< Of a group of weights (16 or 8 groups), a number a row.
  alignas(64) float minima[8][kPanelRows];   ///< Subtracted from each weight of the group (K types of 4 and 5 bits).
};

/// One row of 256 weights, before its dwords are put beside those of the other rows.
struct Row {
  alignas(64) std::uint8_t numbers[kWeightBlock];
};

SEKISHO_VNNI_INLINE float half(const std::uint8_t* at) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, at, 2);
  return _cvtsh_ss(bits);
}

SEKISHO_VNNI_INLINE __m256i load(const std::uint8_t* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }
SEKISHO_VNNI_INLINE void put(std::uint8_t* at, __m256i value) { _mm256_store_si256(reinterpret_cast<__m256i*>(at), value); }
SEKISHO_VNNI_INLINE __m256i low_nibbles(__m256i bytes) { return _mm256_and_si256(bytes, _mm256_set1_epi8(15)); }
SEKISHO_VNNI_INLINE __m256i high_nibbles(__m256i bytes) { return low_nibbles(_mm256_srli_epi16(bytes, 4)); }
/// Bits [shift, shift + count) of each byte, moved to bit 4 and up.
SEKISHO_VNNI_INLINE __m256i bits_above_4(__m256i bytes, int shift, int count) {
  const __m256i low = _mm256_and_si256(_mm256_srli_epi16(bytes, shift), _mm256_set1_epi8(static_cast<char>((1 << count) - 1)));
  return _mm256_slli_epi16(low, 4);
}

/// The scale and the minimum of group j of a K block, six bits each in twelve bytes.
SEKISHO_VNNI_INLINE void six_bits(int j, const std::uint8_t* packed, int& scale, int& minimum) {
  if (j < 4) {
    scale = packed[j] & 63;
    minimum = packed[j + 4] & 63;
  } else {
    scale = (packed[j + 4] & 15) | ((packed[j - 4] >> 6) << 4);
    minimum = (packed[j + 4] >> 4) | ((packed[j] >> 6) << 4);
  }
}

/// Q4_K and Q5_K: d, dmin, packed scales, (a fifth bit,) nibbles.
SEKISHO_VNNI void unpack_k(const std::uint8_t* block, bool fifth_bit, std::size_t row, Row& out, Tile& tile) {
  const float d = half(block);
  const float d_minimum = half(block + 2);
  for (int j = 0; j < 8; ++j) {
    int scale = 0;
    int minimum = 0;
    six_bits(j, block + 4, scale, minimum);
    tile.scales[j][row] = d * static_cast<float>(scale);
    tile.minima[j][row] = d_minimum * static_cast<float>(minimum);
  }
  const std::uint8_t* nibbles = block + 16 + (fifth_bit ? 32 : 0);
  const __m256i fifth = fifth_bit ? load(block + 16) : _mm256_setzero_si256();
  for (int j = 0; j < 4; ++j) {
    const __m256i bytes = load(nibbles + 32 * j);
    put(out.numbers + 64 * j, _mm256_or_si256(low_nibbles(bytes), bits_above_4(fifth, 2 * j, 1)));
    put(out.numbers + 64 * j + 32, _mm256_or_si256(high_nibbles(bytes), bits_above_4(fifth, 2 * j + 1, 1)));
  }
}

SEKISHO_VNNI void unpack_q6_k(const std::uint8_t* block, std::size_t row, Row& out, Tile& tile) {
  const float d = half(block + 208);
  for (int j = 0; j < 16; ++j) tile.scales[j][row] = d * static_cast<float>(static_cast<std::int8_t>(block[192 + j]));
  for (int n = 0; n < 2; ++n) {
    const __m256i first = load(block + 64 * n);
    const __m256i second = load(block + 64 * n + 32);
    const __m256i high = load(block + 128 + 32 * n);
    std::uint8_t* numbers = out.numbers + 128 * n;
    put(numbers, _mm256_or_si256(low_nibbles(first), bits_above_4(high, 0, 2)));
    put(numbers + 32, _mm256_or_si256(low_nibbles(second), bits_above_4(high, 2, 2)));
    put(numbers + 64, _mm256_or_si256(high_nibbles(first), bits_above_4(high, 4, 2)));
    put(numbers + 96, _mm256_or_si256(high_nibbles(second), bits_above_4(high, 6, 2)));
  }
}

/// The types whose scale stands with each 32 weights: `parts` of them.
SEKISHO_VNNI void unpack_32(WeightType type, const std::uint8_t* block, int parts, std::size_t row, Row& out, Tile& tile) {
  for (int j = 0; j < parts; ++j, block += bytes_of_256(type) / 8) {
    tile.scales[j][row] = half(block);
    std::uint8_t* numbers = out.numbers + 32 * j;
    if (type == WeightType::kQ8_0) {
      put(numbers, _mm256_xor_si256(load(block + 2), _mm256_set1_epi8(-128)));
      continue;
    }
    std::uint32_t fifth_bits = 0;
    if (type == WeightType::kQ5_0) std::memcpy(&fifth_bits, block + 2, 4);
    const std::uint8_t* nibbles = block + (type == WeightType::kQ5_0 ? 6 : 2);
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(nibbles));
    const __m256i both = low_nibbles(_mm256_set_m128i(_mm_srli_epi16(bytes, 4), bytes));
    put(numbers, _mm256_or_si256(both, _mm256_maskz_set1_epi8(fifth_bits, 16)));
  }
  for (int j = parts; j < 8; ++j) tile.scales[j][row] = 0;  // What stands there is multiplied with nothing.
}

SEKISHO_VNNI void unpack(WeightType type, const std::uint8_t* block, std::size_t weights, std::size_t row, Row& out, Tile& tile) {
  switch (type) {
    case WeightType::kQ4_0:
    case WeightType::kQ5_0:
    case WeightType::kQ8_0: return unpack_32(type, block, static_cast<int>(weights / 32), row, out, tile);
    case WeightType::kQ4_K: return unpack_k(block, false, row, out, tile);
    case WeightType::kQ5_K: return unpack_k(block, true, row, out, tile);
    case WeightType::kQ6_K: return unpack_q6_k(block, row, out, tile);
  }
}

/// 16 rows of 16 dwords become 16 dwords of each of 16 rows.
SEKISHO_VNNI void transpose(__m512i (&row)[16]) {
  __m512i by_two[16];
  for (int i = 0; i < 16; i += 2) {
    by_two[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
    by_two[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
  }
  __m512i by_four[16];
  for (int i = 0; i < 16; i += 4) {
    by_four[i] = _mm512_unpacklo_epi64(by_two[i], by_two[i + 2]);
    by_four[i + 1] = _mm512_unpackhi_epi64(by_two[i], by_two[i + 2]);
    by_four[i + 2] = _mm512_unpacklo_epi64(by_two[i + 1], by_two[i + 3]);
    by_four[i + 3] = _mm512_unpackhi_epi64(by_two[i + 1], by_two[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    const __m512i a = _mm512_shuffle_i32x4(by_four[i], by_four[i + 4], 0x88);
    const __m512i b = _mm512_shuffle_i32x4(by_four[i + 8], by_four[i + 12], 0x88);
    const __m512i c = _mm512_shuffle_i32x4(by_four[i], by_four[i + 4], 0xDD);
    const __m512i d = _mm512_shuffle_i32x4(by_four[i + 8], by_four[i + 12], 0xDD);
    row[i] = _mm512_shuffle_i32x4(a, b, 0x88);
    row[i + 4] = _mm512_shuffle_i32x4(c, d, 0x88);
    row[i + 8] = _mm512_shuffle_i32x4(a, b, 0xDD);
    row[i + 12] = _mm512_shuffle_i32x4(c, d, 0xDD);
  }
}

SEKISHO_VNNI void fill_tile(const Panel& panel, std::size_t block, std::size_t weights, Row (&rows)[kPanelRows], Tile& tile) {
  for (std::size_t row = 0; row < panel.rows; ++row) {
    unpack(panel.type, panel.weights + row * panel.row_bytes + block * bytes_of_256(panel.type), weights, row, rows[row], tile);
  }
  for (std::size_t part = 0; part < kWeightBlock; part += 64) {
    __m512i dwords[16];
    for (std::size_t row = 0; row < kPanelRows; ++row) dwords[row] = _mm512_load_si512(rows[row].numbers + part);
    transpose(dwords);
    for (std::size_t i = 0; i < 16; ++i) _mm512_store_si512(tile.numbers + (part / 4 + i) * 64, dwords[i]);
  }
}

/// How a type's numbers become weights: (number - kOffset) × scale, or number × scale - minimum.
template <int kGroupsIn, bool kMinimaIn, int kOffsetIn>
struct Form {
  static constexpr int kGroups = kGroupsIn;
  static constexpr bool kMinima = kMinimaIn;
  static constexpr int kOffset = kOffsetIn;
};

/// Adds the products of one block of `kRows` rows of the right side, from `first` on, to `sums` (16 a row).
template <typename F, int kRows>
SEKISHO_VNNI void add_products(const Tile& tile, const QuantizedRows& right, std::size_t first, std::size_t block, float* sums) {
  constexpr int kSteps = static_cast<int>(kWeightBlock) / F::kGroups / 4;
  constexpr int kSumsOfGroup = 16 / F::kGroups;
  const std::int8_t* numbers[kRows];
  const std::int32_t* parts[kRows];
  __m512 products[kRows];
  for (int r = 0; r < kRows; ++r) {
    numbers[r] = right.numbers(first + static_cast<std::size_t>(r), block);
    parts[r] = right.sums(first + static_cast<std::size_t>(r), block);
    products[r] = _mm512_setzero_ps();
  }
  for (int group = 0; group < F::kGroups; ++group) {
    std::int32_t group_sums[kRows];
    __m512i whole[kRows];
    for (int r = 0; r < kRows; ++r) {
      group_sums[r] = 0;
      for (int i = 0; i < kSumsOfGroup; ++i) group_sums[r] += parts[r][group * kSumsOfGroup + i];
      whole[r] = F::kMinima ? _mm512_setzero_si512() : _mm512_set1_epi32(-F::kOffset * group_sums[r]);
    }
    for (int step = 0; step < kSteps; ++step) {
      const int place = group * kSteps + step;
      const __m512i weights = _mm512_load_si512(tile.numbers + place * 64);
      for (int r = 0; r < kRows; ++r) {
        std::int32_t four = 0;
        std::memcpy(&four, numbers[r] + place * 4, 4);
        whole[r] = _mm512_dpbusd_epi32(whole[r], weights, _mm512_set1_epi32(four));
      }
    }
    const __m512 scales = _mm512_load_ps(tile.scales[group]);
    for (int r = 0; r < kRows; ++r) products[r] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole[r]), scales, products[r]);
    if constexpr (F::kMinima) {
      const __m512 minima = _mm512_load_ps(tile.minima[group]);
      for (int r = 0; r < kRows; ++r) products[r] = _mm512_fnmadd_ps(minima, _mm512_set1_ps(static_cast<float>(group_sums[r])), products[r]);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    float* sum = sums + (first + static_cast<std::size_t>(r)) * kPanelRows;
    const __m512 scale = _mm512_set1_ps(right.scale(first + static_cast<std::size_t>(r), block));
    _mm512_storeu_ps(sum, _mm512_fmadd_ps(products[r], scale, _mm512_loadu_ps(sum)));
  }
}

template <typename F>
SEKISHO_VNNI void add_all_products(const Tile& tile, const QuantizedRows& right, std::size_t block, float* sums) {
  std::size_t first = 0;
  for (; first + 8 <= right.rows(); first += 8) add_products<F, 8>(tile, right, first, block, sums);
  for (; first + 2 <= right.rows(); first += 2) add_products<F, 2>(tile, right, first, block, sums);
  for (; first < right.rows(); ++first) add_products<F, 1>(tile, right, first, block, sums);
}

SEKISHO_VNNI void add_block(WeightType type, const Tile& tile, const QuantizedRows& right, std::size_t block, float* sums) {
  switch (type) {
    case WeightType::kQ4_0: return add_all_products<Form<8, false, 8>>(tile, right, block, sums);
    case WeightType::kQ5_0: return add_all_products<Form<8, false, 16>>(tile, right, block, sums);
    case WeightType::kQ8_0: return add_all_products<Form<8, false, 128>>(tile, right, block, sums);
    case WeightType::kQ4_K:
    case WeightType::kQ5_K: return add_all_products<Form<8, true, 0>>(tile, right, block, sums);
    case WeightType::kQ6_K: return add_all_products<Form<16, false, 32>>(tile, right, block, sums);
  }
}

SEKISHO_VNNI void quantize_block(const float* values, std::int8_t* numbers, float& scale, std::int32_t* sums) {
  __m512 most = _mm512_setzero_ps();
  for (std::size_t i = 0; i < kWeightBlock; i += 16) most = _mm512_max_ps(most, _mm512_abs_ps(_mm512_loadu_ps(values + i)));
  const float largest = _mm512_reduce_max_ps(most);
  scale = largest / 127.0F;
  const __m512 factor = _mm512_set1_ps(largest > 0 ? 127.0F / largest : 0.0F);
  for (std::size_t i = 0; i < kWeightBlock; i += 16) {
    const __m512i whole = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(values + i), factor));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(numbers + i), _mm512_cvtsepi32_epi8(whole));
    sums[i / 16] = _mm512_reduce_add_epi32(whole);
  }
}

}  // namespace

void QuantizedRows::quantize(const float* values, std::size_t first, std::size_t last) {
  for (std::size_t row = first; row < last; ++row) {
    for (std::size_t block = 0; block < blocks(); ++block) {
      const std::size_t at = place(row, block);
      const float* from = values + row * columns_ + block * kWeightBlock;
      std::array<float, kWeightBlock> filled_up{};
      if (const std::size_t left = columns_ - block * kWeightBlock; left < kWeightBlock) {
        std::copy_n(from, left, filled_up.begin());
        from = filled_up.data();
      }
      quantize_block(from, numbers_.data() + at * kWeightBlock, scales_[at], sums_.data() + at * 16);
    }
  }
}

void multiply_panel(const Panel& panel, const QuantizedRows& right, float* out, std::size_t out_stride) {
  CHECK(panel.rows > 0 && panel.rows <= kPanelRows && right.columns() % weights_together(panel.type) == 0);
  thread_local std::vector<float> sums;
  sums.assign(right.rows() * kPanelRows, 0.0F);
  thread_local Tile tile{};
  thread_local Row rows[kPanelRows] = {};  // Rows that a narrow panel lacks hold what was there: their sums go nowhere.
  for (std::size_t block = 0; block < right.blocks(); ++block) {
    fill_tile(panel, block, std::min(kWeightBlock, right.columns() - block * kWeightBlock), rows, tile);
    add_block(panel.type, tile, right, block, sums.data());
  }
  for (std::size_t row = 0; row < right.rows(); ++row) std::copy_n(sums.data() + row * kPanelRows, panel.rows, out + row * out_stride);
}

#else

bool matrix_kernel_runs_here() { return false; }
void QuantizedRows::quantize(const float*, std::size_t, std::size_t) { CHECK(false); }
void multiply_panel(const Panel&, const QuantizedRows&, float*, std::size_t) { CHECK(false); }

#endif

}  // namespace sekisho::worker
