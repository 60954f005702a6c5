#include "main/qr_code.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace sekisho::main {
namespace {

const std::string kPaper = "1234567:K5MN3FBXPFG4PKHQX5ZWQLBOHU3YDX7NIIIW4RKJHGSG6A7BZF6A";

/// JIS X 0510, 6.3.3: dark 7×7, light 5×5, dark 3×3 in three corners.
bool has_finder(const QrCode& code, std::size_t top, std::size_t left) {
  for (std::size_t row = 0; row < 7; ++row) {
    for (std::size_t column = 0; column < 7; ++column) {
      const std::size_t ring = std::min({row, column, 6 - row, 6 - column});
      if (code[top + row][left + column] != (ring != 1)) return false;
    }
  }
  return true;
}

TEST(QrCode, HoldsACheckpointInASmallSymbol) {
  const QrCode code = qr_code(kPaper).value();
  EXPECT_EQ(code.size(), 29U) << "version 3: only where letters and digits are packed";
  EXPECT_TRUE(has_finder(code, 0, 0));
  EXPECT_TRUE(has_finder(code, 0, code.size() - 7));
  EXPECT_TRUE(has_finder(code, code.size() - 7, 0));
}

TEST(QrCode, DiffersWithItsText) { EXPECT_NE(qr_code(kPaper).value(), qr_code("2" + kPaper.substr(1)).value()); }

TEST(QrCode, RefusesWhatIsTooLong) { EXPECT_EQ(qr_code(std::string(5000, 'A')).error().code, ErrorCode::kTooLarge); }

TEST(QrCode, StandsInATerminalWithLightAroundIt) {
  const std::string text = for_terminal(qr_code(kPaper).value());
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 19);
  const std::string first = text.substr(0, text.find('\n'));
  std::string light;
  for (int i = 0; i < 37; ++i) light += "█";
  EXPECT_EQ(first, light);
}

TEST(QrCode, IsDrawnForPaperWithItsText) {
  const QrCode code = qr_code(kPaper).value();
  const std::string svg = to_svg(code, "a<b&c");
  EXPECT_NE(svg.find("viewBox=\"0 0 37 40\""), std::string::npos);
  EXPECT_NE(svg.find("a&lt;b&amp;c</text>"), std::string::npos);
  std::size_t dark = 0;
  for (const auto& row : code) dark += static_cast<std::size_t>(std::count(row.begin(), row.end(), true));
  std::size_t drawn = 0;
  for (std::size_t at = svg.find("h1v1h-1z"); at != std::string::npos; at = svg.find("h1v1h-1z", at + 1)) ++drawn;
  EXPECT_EQ(drawn, dark);
}

}  // namespace
}  // namespace sekisho::main
