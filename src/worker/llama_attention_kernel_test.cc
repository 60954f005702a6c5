#include "worker/llama_attention_kernel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "worker/llama_matrix_kernel.h"

namespace sekisho::worker {
namespace {

/// Of small whole numbers, which halves hold exactly.
std::uint16_t half_of(int value) {
  if (value == 0) return 0;
  const unsigned sign = value < 0 ? 0x8000U : 0U;
  unsigned magnitude = static_cast<unsigned>(value < 0 ? -value : value);
  unsigned exponent = 25;
  while (magnitude < 1024) {
    magnitude <<= 1;
    --exponent;
  }
  return static_cast<std::uint16_t>(sign | exponent << 10 | (magnitude & 1023));
}

struct Products {
  std::size_t left_rows;
  std::size_t right_rows;
  std::size_t columns;
  std::vector<std::uint16_t> halves;
  std::vector<float> values;

  Products(std::size_t left, std::size_t right, std::size_t columns_in) : left_rows(left), right_rows(right), columns(columns_in), halves(left * columns), values(right * columns) {
    std::mt19937 random(3);
    for (std::uint16_t& half : halves) half = half_of(static_cast<int>(random() % 41) - 20);
    for (float& value : values) value = static_cast<float>(static_cast<int>(random() % 2001) - 1000) / 64.0F;
  }
  /// Row by row of the right side, from `first` on.
  [[nodiscard]] std::vector<float> product(std::size_t first, std::size_t count) const {
    std::vector<float> out(count * left_rows);
    std::vector<FloatRow> rows;
    for (std::size_t row = 0; row < count; ++row) rows.push_back({.values = values.data() + (first + row) * columns, .out = out.data() + row * left_rows});
    multiply_halves({.first = reinterpret_cast<const std::uint8_t*>(halves.data()), .row_bytes = columns * 2, .rows = left_rows, .columns = columns}, rows);
    return out;
  }
};

class AttentionKernel : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!matrix_kernel_runs_here()) GTEST_SKIP() << "this processor lacks AVX-512";
  }
};

TEST_F(AttentionKernel, MultipliesRowsOfAnyNumberAndWidth) {
  const Products products(7, 6, 37);
  const auto got = products.product(0, 6);
  for (std::size_t r = 0; r < 6; ++r) {
    for (std::size_t l = 0; l < 7; ++l) {
      double wanted = 0;
      for (std::size_t i = 0; i < 37; ++i) {
        const std::uint16_t half = products.halves[l * 37 + i];
        const int exponent = half >> 10 & 31;
        const double magnitude = exponent == 0 ? 0.0 : std::ldexp((half & 1023) | 1024, exponent - 25);
        wanted += ((half & 0x8000) != 0 ? -magnitude : magnitude) * static_cast<double>(products.values[r * 37 + i]);
      }
      EXPECT_NEAR(static_cast<double>(got[r * 7 + l]), wanted, 1e-2) << r << " " << l;
    }
  }
}

TEST_F(AttentionKernel, GivesTheSameBitsWhateverStandsBeside) {
  const Products products(9, 11, 128);
  const auto together = products.product(0, 11);
  for (std::size_t r = 0; r < 11; ++r) {
    const auto alone = products.product(r, 1);
    EXPECT_EQ(std::memcmp(alone.data(), together.data() + r * 9, 9 * sizeof(float)), 0) << r;
  }
  Products single = products;  // A row of the left side alone, instead of among four.
  single.left_rows = 1;
  const auto first_row = single.product(0, 11);
  for (std::size_t r = 0; r < 11; ++r) EXPECT_EQ(first_row[r], together[r * 9]) << r;
}

}  // namespace
}  // namespace sekisho::worker
