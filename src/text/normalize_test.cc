#include "text/normalize.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "text/utf8.h"

namespace sekisho::text {
namespace {

TEST(IndexForm, FoldsWidthCaseAndKana) {
  EXPECT_EQ(fold("ＡＢＣ１２３"), "abc123");
  EXPECT_EQ(fold("ｶﾞｲﾄﾞﾗｲﾝ"), "ガイドライン");
  EXPECT_EQ(fold("か\u3099くえん"), "がくえん");
  EXPECT_EQ(fold("①㎡㈱㋿"), "1m2(株)令和");
}

TEST(IndexForm, FoldsOldAndVariantKanji) {
  EXPECT_EQ(fold("國學"), "国学");
  EXPECT_EQ(fold("髙橋・山﨑"), fold("高橋・山崎"));
  EXPECT_EQ(fold("渡邊"), fold("渡辺"));
  EXPECT_EQ(fold("渡邉"), fold("渡辺"));
  EXPECT_EQ(fold("齋藤"), fold("斎藤"));
  EXPECT_EQ(fold("齊藤"), fold("斉藤"));
  EXPECT_EQ(fold("𠮷野"), fold("吉野"));
  EXPECT_EQ(fold("⾏政⼿続"), "行政手続");
  EXPECT_EQ(fold("⻑野⻄⼾"), "長野西戸");
  EXPECT_NE(fold("申請"), fold("甲請"));
}

TEST(IndexForm, DropsWhatNobodySees) {
  EXPECT_EQ(fold("葛\U000E0100城"), "葛城");
  EXPECT_EQ(fold("機\u200B密\uFEFF性\u00AD"), "機密性");
  EXPECT_EQ(fold("一\r\n二\r三\f四"), "一\n二\n三\n四");
  EXPECT_EQ(fold(std::string_view("a\0b", 3)), "ab");
}

TEST(IndexForm, HasOneMemberForEachClassOfMarks) {
  EXPECT_EQ(fold("10〜20"), fold("10～20"));
  EXPECT_EQ(fold("−5"), fold("－5"));
  EXPECT_EQ(fold("A—B"), fold("A―B"));
  EXPECT_EQ(fold("∥"), fold("‖"));
  EXPECT_NE(fold("サーバー"), fold("サ-バ-"));
}

TEST(IndexForm, LeadsBackToTheOriginalBytes) {
  const std::string original = "第１０条の㎡とｶﾞｽ";
  const IndexForm form = index_form(original);
  EXPECT_EQ(form.text, "第10条のm2とガス");
  const std::size_t at = form.text.find("m2");
  const auto unit = form.original_range(at, at + 2);
  EXPECT_EQ(original.substr(unit.begin, unit.end - unit.begin), "㎡");
  const std::size_t gas = form.text.find("ガ");
  const auto kana = form.original_range(gas, form.text.size());
  EXPECT_EQ(original.substr(kana.begin, kana.end - kana.begin), "ｶﾞｽ");
}

RC_GTEST_PROP(IndexForm, IsTheSameWhenFoldedAgainAndItsMapAscends, (const std::vector<std::uint32_t>& seeds)) {
  std::string text;
  for (const std::uint32_t seed : seeds) {
    static constexpr char32_t kStarts[] = {0x20, 0x3041, 0x30A1, 0x4E00, 0xFF00, 0x2E80, 0x300, 0x3099, 0x200B, 0xE0100, 0x20B00, 0xC0};
    append_utf8(text, kStarts[seed % std::size(kStarts)] + (seed >> 8) % 0x60);
  }
  const IndexForm form = index_form(text);
  RC_ASSERT(fold(text) == form.text);
  RC_ASSERT(fold(form.text) == form.text);
  RC_ASSERT(form.origin.size() == form.text.size() + 1);
  RC_ASSERT(std::is_sorted(form.origin.begin(), form.origin.end()));
  RC_ASSERT(form.origin.back() == text.size());
}

TEST(IndexForm, TakesBytesThatAreNoText) { EXPECT_EQ(fold("前\xFF後"), "前\uFFFD後"); }

}  // namespace
}  // namespace sekisho::text
