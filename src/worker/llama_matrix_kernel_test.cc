#include "worker/llama_matrix_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace sekisho::worker {
namespace {

constexpr std::array kTypes = {WeightType::kQ4_0, WeightType::kQ5_0, WeightType::kQ8_0, WeightType::kQ4_K, WeightType::kQ5_K, WeightType::kQ6_K};

float half_value(const std::uint8_t* at) {
  const int bits = at[0] | at[1] << 8;
  const int exponent = bits >> 10 & 31;
  const float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(bits & 1023), -24) : std::ldexp(static_cast<float>((bits & 1023) | 1024), exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

/// The weights of one block, spelled out one by one from the format's description.
std::vector<double> plain_weights(WeightType type, const std::uint8_t* block) {
  std::vector<double> out(256);
  for (std::size_t at = 0; at < 256; ++at) {
    const int i = static_cast<int>(at);
    const int j = i / 32;
    const int l = i % 32;
    if (type == WeightType::kQ8_0) {
      out[at] = static_cast<double>(half_value(block + 34 * j)) * static_cast<std::int8_t>(block[34 * j + 2 + l]);
    } else if (type == WeightType::kQ4_0) {
      const int byte = block[18 * j + 2 + l % 16];
      out[at] = static_cast<double>(half_value(block + 18 * j)) * ((l < 16 ? byte & 15 : byte >> 4) - 8);
    } else if (type == WeightType::kQ5_0) {
      const std::uint8_t* part = block + 22 * j;
      const int low = l < 16 ? part[6 + l] & 15 : part[6 + l - 16] >> 4;
      out[at] = static_cast<double>(half_value(part)) * ((low | (part[2 + l / 8] >> (l % 8) & 1) << 4) - 16);
    } else if (type == WeightType::kQ6_K) {
      const int n = i / 128;
      const int quarter = i % 128 / 32;
      const int low = block[64 * n + 32 * (quarter % 2) + l];
      const int number = (quarter < 2 ? low & 15 : low >> 4) | (block[128 + 32 * n + l] >> (2 * quarter) & 3) << 4;
      out[at] = static_cast<double>(half_value(block + 208)) * static_cast<std::int8_t>(block[192 + i / 16]) * (number - 32);
    } else {
      const std::uint8_t* packed = block + 4;
      const int scale = j < 4 ? packed[j] & 63 : (packed[j + 4] & 15) | (packed[j - 4] >> 6) << 4;
      const int minimum = j < 4 ? packed[j + 4] & 63 : packed[j + 4] >> 4 | (packed[j] >> 6) << 4;
      const std::uint8_t* nibbles = block + 16 + (type == WeightType::kQ5_K ? 32 : 0);
      const int byte = nibbles[32 * (j / 2) + l];
      int number = j % 2 == 0 ? byte & 15 : byte >> 4;
      if (type == WeightType::kQ5_K) number |= (block[16 + l] >> j & 1) << 4;
      out[at] = static_cast<double>(half_value(block)) * scale * number - static_cast<double>(half_value(block + 2)) * minimum;
    }
  }
  return out;
}

class MatrixKernel : public ::testing::TestWithParam<WeightType> {
 protected:
  void SetUp() override {
    if (!matrix_kernel_runs_here()) GTEST_SKIP() << "this processor lacks AVX-512 VNNI";
  }

  /// Random blocks whose scales are ordinary numbers.
  std::vector<std::uint8_t> weights(std::size_t rows, std::size_t columns) {
    std::vector<std::uint8_t> bytes(rows * columns / kTileWeights * bytes_of_256(GetParam()));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_());
    for (std::size_t block = 0; block < bytes.size(); block += bytes_of_256(GetParam())) {
      const auto tame = [&](std::size_t at) { bytes[block + at + 1] = static_cast<std::uint8_t>(0x20 | (bytes[block + at + 1] & 3)); };
      for (int j = 0; j < 8; ++j) {
        if (GetParam() == WeightType::kQ4_0) tame(static_cast<std::size_t>(18 * j));
        if (GetParam() == WeightType::kQ5_0) tame(static_cast<std::size_t>(22 * j));
        if (GetParam() == WeightType::kQ8_0) tame(static_cast<std::size_t>(34 * j));
      }
      if (GetParam() == WeightType::kQ6_K) tame(208);
      if (GetParam() == WeightType::kQ4_K || GetParam() == WeightType::kQ5_K) {
        tame(0);
        tame(2);
      }
    }
    return bytes;
  }
  std::vector<float> values(std::size_t count) {
    std::normal_distribution<float> normal;
    std::vector<float> out(count);
    for (float& value : out) value = normal(random_);
    return out;
  }
  std::vector<float> product(const std::vector<std::uint8_t>& bytes, std::size_t rows, std::size_t columns, const float* right, std::size_t right_rows) {
    QuantizedRows quantized(right_rows, columns);
    quantized.quantize(right, 0, right_rows);
    std::vector<std::uint8_t> packed(bytes.size());
    pack_weights(GetParam(), bytes.data(), rows, columns, packed.data());
    const std::size_t panel_bytes = bytes.size() / rows * kPanelRows;
    std::vector<float> out(rows * right_rows);
    for (std::size_t first = 0; first < rows; first += kPanelRows) {
      multiply_panel(GetParam(), packed.data() + first / kPanelRows * panel_bytes, quantized, out.data() + first, rows);
    }
    return out;
  }

  std::mt19937 random_{7};
};

TEST_P(MatrixKernel, MultipliesAsTheFormatSays) {
  constexpr std::size_t kRows = 48, kColumns = 512, kRight = 13;
  const auto bytes = weights(kRows, kColumns);
  const auto right = values(kRight * kColumns);
  const auto got = product(bytes, kRows, kColumns, right.data(), kRight);
  for (std::size_t row = 0; row < kRows; ++row) {
    std::vector<double> plain;
    for (std::size_t block = 0; block < kColumns / kTileWeights; ++block) {
      const auto part = plain_weights(GetParam(), bytes.data() + (row * (kColumns / kTileWeights) + block) * bytes_of_256(GetParam()));
      plain.insert(plain.end(), part.begin(), part.end());
    }
    for (std::size_t r = 0; r < kRight; ++r) {
      double wanted = 0, size = 0;
      for (std::size_t i = 0; i < kColumns; ++i) {
        wanted += plain[i] * static_cast<double>(right[r * kColumns + i]);
        size += std::pow(plain[i] * static_cast<double>(right[r * kColumns + i]), 2);
      }
      // The right side has eight bits: its error grows with the root of the number of terms.
      EXPECT_NEAR(static_cast<double>(got[r * kRows + row]), wanted, 0.05 * std::sqrt(size)) << row << " " << r;
    }
  }
}

TEST_P(MatrixKernel, GivesTheSameBitsWhateverStandsBeside) {
  constexpr std::size_t kRows = 16, kColumns = 768, kRight = 21;
  const auto bytes = weights(kRows, kColumns);
  const auto right = values(kRight * kColumns);
  const auto together = product(bytes, kRows, kColumns, right.data(), kRight);
  for (std::size_t r = 0; r < kRight; ++r) {
    const auto alone = product(bytes, kRows, kColumns, right.data() + r * kColumns, 1);
    EXPECT_EQ(std::memcmp(alone.data(), together.data() + r * kRows, kRows * sizeof(float)), 0) << r;
  }
}

TEST_P(MatrixKernel, TakesZerosAndHugeNumbers) {
  const auto bytes = weights(16, 256);
  std::vector<float> right(512, 0.0F);
  right[256] = 1e30F;
  const auto got = product(bytes, 16, 256, right.data(), 2);
  for (std::size_t row = 0; row < 16; ++row) EXPECT_EQ(got[row], 0.0F);
  for (std::size_t row = 0; row < 16; ++row) EXPECT_TRUE(std::isfinite(got[16 + row]));
}

TEST_P(MatrixKernel, TakesRowsThatEndWithinABlock) {
  if (weights_together(GetParam()) == kTileWeights) GTEST_SKIP() << "rows of this type are whole blocks";
  constexpr std::size_t kRows = 16, kWhole = 512, kColumns = 384, kRight = 5;
  const auto bytes = weights(kRows, kWhole);
  const auto right = values(kRight * kColumns);
  std::vector<std::uint8_t> shorter;
  std::vector<float> longer;
  const std::size_t whole_bytes = 2 * bytes_of_256(GetParam());
  for (std::size_t row = 0; row < kRows; ++row) {
    shorter.insert(shorter.end(), bytes.begin() + static_cast<std::ptrdiff_t>(row * whole_bytes),
                   bytes.begin() + static_cast<std::ptrdiff_t>(row * whole_bytes + whole_bytes * 3 / 4));
  }
  for (std::size_t row = 0; row < kRight; ++row) {
    longer.insert(longer.end(), right.begin() + static_cast<std::ptrdiff_t>(row * kColumns), right.begin() + static_cast<std::ptrdiff_t>((row + 1) * kColumns));
    longer.resize((row + 1) * kWhole, 0.0F);
  }
  EXPECT_EQ(product(shorter, kRows, kColumns, right.data(), kRight), product(bytes, kRows, kWhole, longer.data(), kRight));
}

INSTANTIATE_TEST_SUITE_P(Types, MatrixKernel, ::testing::ValuesIn(kTypes));

}  // namespace
}  // namespace sekisho::worker
