#include "worker/llama_attention_kernel.h"

#include "base/check.h"

#ifdef __x86_64__
// GCC 12's own header warns of what it leaves undefined on purpose (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#define SEKISHO_AVX512 __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl")))
#define SEKISHO_AVX512_INLINE SEKISHO_AVX512 __attribute__((always_inline)) inline
#endif

namespace sekisho::worker {

#ifdef __x86_64__
namespace {

constexpr std::size_t kColumns = 16;  ///< At once.

template <std::size_t kLeft, std::size_t kRight>
SEKISHO_AVX512_INLINE void add_columns(const HalfRows& left, const FloatRow* right, std::size_t column, std::size_t count, __m512 (&sums)[kLeft][kRight]) {
  const auto mask = static_cast<__mmask16>((1U << count) - 1);
  __m512 values[kRight];
  for (std::size_t r = 0; r < kRight; ++r) values[r] = _mm512_maskz_loadu_ps(mask, right[r].values + column);
  for (std::size_t l = 0; l < kLeft; ++l) {
    const __m512 halves = _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, left.first + l * left.row_bytes + column * 2));
    for (std::size_t r = 0; r < kRight; ++r) sums[l][r] = _mm512_fmadd_ps(halves, values[r], sums[l][r]);
  }
}

SEKISHO_AVX512_INLINE __m128 fold(__m512 sums) {
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(sums), _mm512_extractf32x8_ps(sums, 1));
  return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

/// The four sums of sixteen numbers each: one order of adding, wherever in the block a product stands.
SEKISHO_AVX512_INLINE __m128 four_sums(__m512 first, __m512 second, __m512 third, __m512 fourth) {
  __m128 a = fold(first), b = fold(second), c = fold(third), d = fold(fourth);
  _MM_TRANSPOSE4_PS(a, b, c, d);
  return _mm_add_ps(_mm_add_ps(a, b), _mm_add_ps(c, d));
}

/// One or four rows of the left side.
template <std::size_t kLeft, std::size_t kRight>
SEKISHO_AVX512 void multiply_some(const HalfRows& left, const FloatRow* right, std::size_t out_at) {
  __m512 sums[kLeft][kRight];
  for (auto& row : sums) {
    for (__m512& sum : row) sum = _mm512_setzero_ps();
  }
  std::size_t column = 0;
  for (; column + kColumns <= left.columns; column += kColumns) add_columns<kLeft, kRight>(left, right, column, kColumns, sums);
  if (column < left.columns) add_columns<kLeft, kRight>(left, right, column, left.columns - column, sums);
  for (std::size_t r = 0; r < kRight; ++r) {
    if constexpr (kLeft == 4) {
      _mm_storeu_ps(right[r].out + out_at, four_sums(sums[0][r], sums[1][r], sums[2][r], sums[3][r]));
    } else {
      right[r].out[out_at] = _mm_cvtss_f32(four_sums(sums[0][r], sums[0][r], sums[0][r], sums[0][r]));
    }
  }
}

template <std::size_t kLeft>
SEKISHO_AVX512 void multiply_left(const HalfRows& left, std::span<const FloatRow> right, std::size_t out_at) {
  std::size_t r = 0;
  for (; r + 4 <= right.size(); r += 4) multiply_some<kLeft, 4>(left, right.data() + r, out_at);
  for (; r + 2 <= right.size(); r += 2) multiply_some<kLeft, 2>(left, right.data() + r, out_at);
  if (r < right.size()) multiply_some<kLeft, 1>(left, right.data() + r, out_at);
}

}  // namespace

void multiply_halves(const HalfRows& left, std::span<const FloatRow> right) {
  HalfRows rows = left;
  std::size_t done = 0;
  for (; done + 4 <= left.rows; done += 4, rows.first += 4 * left.row_bytes) multiply_left<4>(rows, right, done);
  for (; done < left.rows; ++done, rows.first += left.row_bytes) multiply_left<1>(rows, right, done);
}

#else

void multiply_halves(const HalfRows&, std::span<const FloatRow>) { CHECK(false); }

#endif

}  // namespace sekisho::worker
