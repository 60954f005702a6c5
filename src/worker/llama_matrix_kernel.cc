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
#define SEKISHO_VNNI_INLINE SEKISHO_VNNI __attribute__((always_inline)) inline
#endif

namespace sekisho::worker {

QuantizedRows::QuantizedRows(std::size_t rows, std::size_t columns)
    : rows_(rows), columns_(columns), numbers_(rows * blocks() * kTileWeights), scales_(rows * blocks()), sums_(rows * blocks() * kSums) {}

#ifdef __x86_64__

bool matrix_kernel_runs_here() {
  static const bool runs = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("fma");
  return runs;
}

namespace {

// A packed tile is read as vectors of 16 words, one a row. `place` counts the words of four weights within a row's 256: 0 to 63.

SEKISHO_VNNI_INLINE __m512i words_at(const std::uint8_t* tile, int index) { return _mm512_loadu_si512(tile + 64 * index); }
SEKISHO_VNNI_INLINE __m512i both(__m512i words, int mask) { return _mm512_and_si512(words, _mm512_set1_epi32(mask)); }
SEKISHO_VNNI_INLINE __m512i low_nibbles(__m512i words) { return both(words, 0x0f0f0f0f); }
SEKISHO_VNNI_INLINE __m512i nibbles(__m512i words, bool high) { return low_nibbles(high ? _mm512_srli_epi32(words, 4) : words); }
SEKISHO_VNNI_INLINE __m512 halves_at(const std::uint8_t* at) { return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at))); }
SEKISHO_VNNI_INLINE __m512 half_of(__m512i words) { return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(words)); }
SEKISHO_VNNI_INLINE __m512 byte_of(__m512i words, int byte) { return _mm512_cvtepi32_ps(both(_mm512_srli_epi32(words, static_cast<unsigned>(8 * byte)), 255)); }

// A type says how a tile of its own becomes numbers from 0 on, each group of them with a scale and a minimum:
// weight = number × scale − minimum. kGroups are those of 256 weights; a narrower tile has `parts` of 32 weights.

/// d, dmin, twelve bytes of scales and minima of six bits, (fifth bits,) nibbles.
template <bool kFifthBit>
struct K45 {
  static constexpr int kGroups = 8;
  static constexpr int kTileBytes = kFifthBit ? 2816 : 2304;
  __m512 d, d_minimum;
  __m512i scales[2], minima[2];

  SEKISHO_VNNI_INLINE explicit K45(const std::uint8_t* tile, int) {
    const __m512i both_d = words_at(tile, 0), first = words_at(tile, 1), second = words_at(tile, 2), third = words_at(tile, 3);
    d = half_of(both_d);
    d_minimum = half_of(_mm512_srli_epi32(both_d, 16));
    scales[0] = both(first, 0x3f3f3f3f);
    minima[0] = both(second, 0x3f3f3f3f);
    scales[1] = _mm512_or_si512(low_nibbles(third), both(_mm512_srli_epi32(first, 2), 0x30303030));
    minima[1] = _mm512_or_si512(nibbles(third, true), both(_mm512_srli_epi32(second, 2), 0x30303030));
  }
  SEKISHO_VNNI_INLINE __m512 scale(const std::uint8_t*, int group) const { return _mm512_mul_ps(d, byte_of(scales[group / 4], group % 4)); }
  SEKISHO_VNNI_INLINE __m512 minimum(__m512, int group) const { return _mm512_mul_ps(d_minimum, byte_of(minima[group / 4], group % 4)); }
  SEKISHO_VNNI_INLINE static __m512i numbers(const std::uint8_t* tile, int place) {
    const int group = place / 8;
    const __m512i four = nibbles(words_at(tile, (kFifthBit ? 12 : 4) + group / 2 * 8 + place % 8), group % 2 == 1);
    if constexpr (!kFifthBit) return four;
    const __m512i fifth = both(_mm512_srli_epi32(words_at(tile, 4 + place % 8), static_cast<unsigned>(group)), 0x01010101);
    return _mm512_or_si512(four, _mm512_slli_epi32(fifth, 4));
  }
};

/// Nibbles, two more bits, sixteen scales of eight bits; d.
struct K6 {
  static constexpr int kGroups = 16;
  static constexpr int kTileBytes = 3360;
  __m512 d;

  SEKISHO_VNNI_INLINE explicit K6(const std::uint8_t* tile, int) : d(halves_at(tile + 52 * 64)) {}
  SEKISHO_VNNI_INLINE __m512 scale(const std::uint8_t* tile, int group) const {
    const __m512i up = _mm512_slli_epi32(words_at(tile, 48 + group / 4), static_cast<unsigned>(24 - group % 4 * 8));
    return _mm512_mul_ps(d, _mm512_cvtepi32_ps(_mm512_srai_epi32(up, 24)));
  }
  SEKISHO_VNNI_INLINE __m512 minimum(__m512 scale, int) const { return _mm512_mul_ps(scale, _mm512_set1_ps(32)); }
  SEKISHO_VNNI_INLINE static __m512i numbers(const std::uint8_t* tile, int place) {
    const int half = place / 32, quarter = place % 32 / 8, word = place % 8;
    const __m512i low = nibbles(words_at(tile, half * 16 + quarter % 2 * 8 + word), quarter >= 2);
    const __m512i high = both(_mm512_srli_epi32(words_at(tile, 32 + half * 8 + word), static_cast<unsigned>(2 * quarter)), 0x03030303);
    return _mm512_or_si512(low, _mm512_slli_epi32(high, 4));
  }
};

/// The types whose scale stands with each 32 weights, and behind the words of a tile: nibbles (four words each 32 weights), a word
/// of fifth bits and nibbles (five), or bytes (eight). The middle of their range is kMiddle.
template <int kWords, int kMiddle>
struct By32 {
  static constexpr int kGroups = 8;
  static constexpr int kTileBytes = 8 * (kWords * 64 + 32);
  int parts;

  SEKISHO_VNNI_INLINE explicit By32(const std::uint8_t*, int parts_in) : parts(parts_in) {}
  SEKISHO_VNNI_INLINE __m512 scale(const std::uint8_t* tile, int group) const { return halves_at(tile + parts * kWords * 64 + group * 32); }
  SEKISHO_VNNI_INLINE __m512 minimum(__m512 scale, int) const { return _mm512_mul_ps(scale, _mm512_set1_ps(kMiddle)); }
  SEKISHO_VNNI_INLINE static __m512i numbers(const std::uint8_t* tile, int place) {
    const int first = place / 8 * kWords, word = place % 8;
    if constexpr (kWords == 8) return _mm512_xor_si512(words_at(tile, first + word), _mm512_set1_epi32(static_cast<int>(0x80808080)));
    const __m512i four = nibbles(words_at(tile, first + kWords - 4 + word % 4), word >= 4);
    if constexpr (kWords == 4) return four;
    // Four neighbours' fifth bits, one into each byte.
    const __m512i bits = both(_mm512_srli_epi32(words_at(tile, first), static_cast<unsigned>(word * 4)), 15);
    const __m512i fifth = both(_mm512_mullo_epi32(bits, _mm512_set1_epi32(0x00204081)), 0x01010101);
    return _mm512_or_si512(four, _mm512_slli_epi32(fifth, 4));
  }
};

/// A block of neighbouring rows of the right side.
struct Right {
  const std::int8_t* numbers;
  const float* scales;
  const float* sums;
};
SEKISHO_VNNI_INLINE Right right_at(const QuantizedRows& right, std::size_t row, std::size_t block) {
  return {right.numbers(row, block), right.scales(row, block), right.sums(row, block)};
}

SEKISHO_VNNI_INLINE __m512i word_of(const Right& right, int row, int place) {
  std::int32_t word = 0;
  std::memcpy(&word, right.numbers + row * static_cast<int>(kTileWeights) + place * 4, 4);
  return _mm512_set1_epi32(word);
}
template <int kGroups>
SEKISHO_VNNI_INLINE __m512 sum_of(const Right& right, int row, int group) {
  return _mm512_set1_ps(right.sums[row * static_cast<int>(QuantizedRows::kSums) + (kGroups == 16 ? 0 : 16) + group]);
}

/// A tile's products with kRows rows: the order in which every product is added up, group by group and block by block.
template <int kGroups, int kRows>
struct Products {
  __m512 products[kRows];

  SEKISHO_VNNI_INLINE Products() {
    for (__m512& product : products) product = _mm512_setzero_ps();
  }
  SEKISHO_VNNI_INLINE void add_group(const __m512i (&whole)[kRows], __m512 scale, __m512 minimum, const Right& right, int group) {
    for (int r = 0; r < kRows; ++r) {
      products[r] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole[r]), scale, products[r]);
      products[r] = _mm512_fnmadd_ps(minimum, sum_of<kGroups>(right, r, group), products[r]);
    }
  }
  /// `sums`: 16 a row.
  SEKISHO_VNNI_INLINE void add_to(float* sums, const Right& right) const {
    for (int r = 0; r < kRows; ++r) {
      float* sum = sums + r * static_cast<int>(kPanelRows);
      _mm512_storeu_ps(sum, _mm512_fmadd_ps(products[r], _mm512_set1_ps(right.scales[r]), _mm512_loadu_ps(sum)));
    }
  }
};

constexpr int kTilesAhead = 4;

/// Memory gives all it has only to who asks early: a group's share of the tile that comes later. Past the end it is only a hint.
template <typename Type>
SEKISHO_VNNI_INLINE void fetch_ahead(const std::uint8_t* tile, int group) {
  constexpr int kLines = Type::kTileBytes / 64 / Type::kGroups + 1;
  const std::uint8_t* later = tile + kTilesAhead * Type::kTileBytes + group * kLines * 64;
  for (int line = 0; line < kLines; ++line) _mm_prefetch(reinterpret_cast<const char*>(later + 64 * line), _MM_HINT_T1);
}

/// For a few rows: numbers are taken from the packed tile as they are needed.
template <typename Type, int kRows>
SEKISHO_VNNI void add_packed(const std::uint8_t* tile, int parts, const Right& right, float* sums) {
  constexpr int kSteps = 64 / Type::kGroups;
  const Type type(tile, parts);
  const int groups = parts * Type::kGroups / 8;
  Products<Type::kGroups, kRows> products;
#pragma GCC unroll 16
  for (int group = 0; group < Type::kGroups; ++group) {
    if (group >= groups) break;
    fetch_ahead<Type>(tile, group);
    __m512i whole[kRows];
    for (__m512i& each : whole) each = _mm512_setzero_si512();
#pragma GCC unroll 8
    for (int step = 0; step < kSteps; ++step) {
      const __m512i numbers = Type::numbers(tile, group * kSteps + step);
      for (int r = 0; r < kRows; ++r) whole[r] = _mm512_dpbusd_epi32(whole[r], numbers, word_of(right, r, group * kSteps + step));
    }
    const __m512 scale = type.scale(tile, group);
    products.add_group(whole, scale, type.minimum(scale, group), right, group);
  }
  products.add_to(sums, right);
}

/// A tile whose numbers stand ready.
struct Tile {
  alignas(64) std::uint8_t numbers[64 * 64];  ///< [place][16 rows][4]
  alignas(64) float scales[16][kPanelRows];
  alignas(64) float minima[16][kPanelRows];
};

template <typename Type>
SEKISHO_VNNI void unpack(const std::uint8_t* packed, int parts, Tile& tile) {
  const Type type(packed, parts);
#pragma GCC unroll 16
  for (int group = 0; group < Type::kGroups; ++group) {
    if (group >= parts * Type::kGroups / 8) break;
    const __m512 scale = type.scale(packed, group);
    _mm512_store_ps(tile.scales[group], scale);
    _mm512_store_ps(tile.minima[group], type.minimum(scale, group));
  }
#pragma GCC unroll 64
  for (int place = 0; place < 64; ++place) {
    if (place >= parts * 8) break;
    _mm512_store_si512(tile.numbers + place * 64, Type::numbers(packed, place));
  }
}

template <int kGroups, int kRows>
SEKISHO_VNNI void add_unpacked(const Tile& tile, int groups, const Right& right, float* sums) {
  constexpr int kSteps = 64 / kGroups;
  Products<kGroups, kRows> products;
  for (int group = 0; group < groups; ++group) {
    __m512i whole[kRows];
    for (__m512i& each : whole) each = _mm512_setzero_si512();
#pragma GCC unroll 8
    for (int step = 0; step < kSteps; ++step) {
      const int place = group * kSteps + step;
      const __m512i numbers = _mm512_load_si512(tile.numbers + place * 64);
      for (int r = 0; r < kRows; ++r) whole[r] = _mm512_dpbusd_epi32(whole[r], numbers, word_of(right, r, place));
    }
    products.add_group(whole, _mm512_load_ps(tile.scales[group]), _mm512_load_ps(tile.minima[group]), right, group);
  }
  products.add_to(sums, right);
}

constexpr std::size_t kFewRows = 12;  ///< Up to which unpacking first does not pay.

template <typename Type>
SEKISHO_VNNI void add_few_rows(const std::uint8_t* packed, int parts, const QuantizedRows& right, std::size_t block, float* sums) {
  std::size_t row = 0;
  for (; row + 4 <= right.rows(); row += 4) add_packed<Type, 4>(packed, parts, right_at(right, row, block), sums + row * kPanelRows);
  if (row == right.rows()) return;
  const Right rest = right_at(right, row, block);
  switch (right.rows() - row) {
    case 1: return add_packed<Type, 1>(packed, parts, rest, sums + row * kPanelRows);
    case 2: return add_packed<Type, 2>(packed, parts, rest, sums + row * kPanelRows);
    default: return add_packed<Type, 3>(packed, parts, rest, sums + row * kPanelRows);
  }
}

template <typename Type>
SEKISHO_VNNI void add_many_rows(const std::uint8_t* packed, int parts, const QuantizedRows& right, std::size_t block, float* sums) {
  thread_local Tile tile{};
  unpack<Type>(packed, parts, tile);
  const int groups = parts * Type::kGroups / 8;
  std::size_t row = 0;
  for (; row + 12 <= right.rows(); row += 12) add_unpacked<Type::kGroups, 12>(tile, groups, right_at(right, row, block), sums + row * kPanelRows);
  for (; row + 4 <= right.rows(); row += 4) add_unpacked<Type::kGroups, 4>(tile, groups, right_at(right, row, block), sums + row * kPanelRows);
  for (; row < right.rows(); ++row) add_unpacked<Type::kGroups, 1>(tile, groups, right_at(right, row, block), sums + row * kPanelRows);
}

template <typename Type>
SEKISHO_VNNI void multiply(const std::uint8_t* packed, std::size_t part_bytes, const QuantizedRows& right, float* sums) {
  for (std::size_t block = 0; block < right.blocks(); ++block) {
    const std::size_t parts = std::min(kTileWeights, right.columns() - block * kTileWeights) / 32;
    const std::size_t tile_bytes = parts * part_bytes;
    const auto add = right.rows() <= kFewRows ? add_few_rows<Type> : add_many_rows<Type>;
    add(packed, static_cast<int>(parts), right, block, sums);
    packed += tile_bytes;
  }
}

void multiply(WeightType type, const std::uint8_t* packed, const QuantizedRows& right, float* sums) {
  const std::size_t part_bytes = bytes_of_256(type) * kPanelRows / 8;  // Of 32 columns.
  switch (type) {
    case WeightType::kQ4_0: return multiply<By32<4, 8>>(packed, part_bytes, right, sums);
    case WeightType::kQ5_0: return multiply<By32<5, 16>>(packed, part_bytes, right, sums);
    case WeightType::kQ8_0: return multiply<By32<8, 128>>(packed, part_bytes, right, sums);
    case WeightType::kQ4_K: return multiply<K45<false>>(packed, part_bytes, right, sums);
    case WeightType::kQ5_K: return multiply<K45<true>>(packed, part_bytes, right, sums);
    case WeightType::kQ6_K: return multiply<K6>(packed, part_bytes, right, sums);
  }
}

SEKISHO_VNNI void put_out(const std::vector<float>& sums, float* out, std::size_t out_stride) {
  for (std::size_t at = 0; at < sums.size(); at += kPanelRows, out += out_stride) _mm512_storeu_ps(out, _mm512_loadu_ps(sums.data() + at));
}

SEKISHO_VNNI void quantize_block(const float* values, std::int8_t* numbers, float& scale, float* sums) {
  __m512 most = _mm512_setzero_ps();
  for (std::size_t i = 0; i < kTileWeights; i += 16) most = _mm512_max_ps(most, _mm512_abs_ps(_mm512_loadu_ps(values + i)));
  const float largest = _mm512_reduce_max_ps(most);
  scale = largest / 127.0F;
  const __m512 factor = _mm512_set1_ps(largest > 0 ? 127.0F / largest : 0.0F);
  for (std::size_t i = 0; i < kTileWeights; i += 16) {
    const __m512i whole = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(values + i), factor));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(numbers + i), _mm512_cvtsepi32_epi8(whole));
    sums[i / 16] = static_cast<float>(_mm512_reduce_add_epi32(whole));
  }
  for (std::size_t i = 0; i < 8; ++i) sums[16 + i] = sums[2 * i] + sums[2 * i + 1];
}

}  // namespace

void QuantizedRows::quantize(const float* values, std::size_t first, std::size_t last) {
  for (std::size_t row = first; row < last; ++row) {
    for (std::size_t block = 0; block < blocks(); ++block) {
      const std::size_t at = place(row, block);
      const float* from = values + row * columns_ + block * kTileWeights;
      std::array<float, kTileWeights> filled_up{};
      if (const std::size_t left = columns_ - block * kTileWeights; left < kTileWeights) {
        std::copy_n(from, left, filled_up.begin());
        from = filled_up.data();
      }
      quantize_block(from, numbers_.data() + at * kTileWeights, scales_[at], sums_.data() + at * kSums);
    }
  }
}

void multiply_panel(WeightType type, const std::uint8_t* packed_panel, const QuantizedRows& right, float* out, std::size_t out_stride) {
  CHECK(right.columns() % weights_together(type) == 0);
  thread_local std::vector<float> sums;
  sums.assign(right.rows() * kPanelRows, 0.0F);
  multiply(type, packed_panel, right, sums.data());
  put_out(sums, out, out_stride);
}

#else

bool matrix_kernel_runs_here() { return false; }
void QuantizedRows::quantize(const float*, std::size_t, std::size_t) { CHECK(false); }
void multiply_panel(WeightType, const std::uint8_t*, const QuantizedRows&, float*, std::size_t) { CHECK(false); }

#endif

}  // namespace sekisho::worker
