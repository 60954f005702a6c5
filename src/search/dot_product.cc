#include "search/dot_product.h"

#ifdef __x86_64__
// GCC 12's own header warns of what it leaves undefined on purpose (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#endif

namespace sekisho::search {
namespace {

std::int32_t plain(const std::int8_t* left, const std::int8_t* right, std::size_t count) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += left[i] * right[i];
  return sum;
}

#ifdef __x86_64__

__attribute__((target("avx2"))) std::int32_t avx2(const std::int8_t* left, const std::int8_t* right, std::size_t count) {
  __m256i sums = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m256i a = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(left + i)));
    const __m256i b = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(right + i)));
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(a, b));
  }
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1));
  return _mm_cvtsi128_si32(four) + plain(left + i, right + i, count - i);
}

/// The instruction takes unsigned numbers on one side: the left ones go up by 128, and 128 times the right ones comes off again.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) std::int32_t vnni(const std::int8_t* left, const std::int8_t* right, std::size_t count) {
  const __m512i up = _mm512_set1_epi8(-128);
  __m512i sums = _mm512_setzero_si512();
  __m512i ups = _mm512_setzero_si512();
  for (std::size_t i = 0; i < count; i += 64) {
    const __mmask64 mask = count - i >= 64 ? ~__mmask64{0} : (__mmask64{1} << (count - i)) - 1;
    const __m512i a = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, left + i), up);
    const __m512i b = _mm512_maskz_loadu_epi8(mask, right + i);
    sums = _mm512_dpbusd_epi32(sums, a, b);
    ups = _mm512_dpbusd_epi32(ups, up, b);
  }
  return _mm512_reduce_add_epi32(_mm512_sub_epi32(sums, ups));
}

#endif

using Way = std::int32_t (*)(const std::int8_t*, const std::int8_t*, std::size_t);

Way best_way() {
#ifdef __x86_64__
  if (runs_here(DotWay::kVnni)) return vnni;
  if (runs_here(DotWay::kAvx2)) return avx2;
#endif
  return plain;
}

}  // namespace

bool runs_here(DotWay way) {
  if (way == DotWay::kPlain) return true;
#ifdef __x86_64__
  if (way == DotWay::kAvx2) return __builtin_cpu_supports("avx2") != 0;
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
#else
  return false;
#endif
}

std::int32_t dot_product(DotWay way, const std::int8_t* left, const std::int8_t* right, std::size_t count) {
#ifdef __x86_64__
  if (way == DotWay::kVnni) return vnni(left, right, count);
  if (way == DotWay::kAvx2) return avx2(left, right, count);
#endif
  static_cast<void>(way);
  return plain(left, right, count);
}

std::int32_t dot_product(const std::int8_t* left, const std::int8_t* right, std::size_t count) {
  static const Way way = best_way();
  return way(left, right, count);
}

}  // namespace sekisho::search
