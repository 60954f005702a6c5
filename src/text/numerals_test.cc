#include "text/numerals.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sekisho::text {
namespace {

TEST(Numerals, AreReadHoweverTheyAreWritten) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"二百三十四", 234}, {"二〇二五", 2025}, {"二千二十五", 2025}, {"廿三", 23},  {"卅", 30},           {"壱弐参", 123},          {"壱百弐拾参", 123},
      {"十", 10},          {"百", 100},        {"三万五千", 35000},  {"3万5千", 35000}, {"1,234", 1234},  {"１２，３４５，６７８", 12345678},
      {"12億", 1200000000}, {"一億二千万", 120000000}, {"〇", 0}, {"007", 7}, {"一千万", 10000000}, {"壹萬", 10000}, {"十二億三千四百五十六万七千八百九十", 1234567890}};
  for (const auto& [text, value] : cases) EXPECT_EQ(numeral_value(text), value) << text;
}

TEST(Numerals, RefuseWhatIsNone) {
  for (const char* text : {"", "条", "二十百", "1,23", ",123", "1,2345", "2五", "万", "十十", "百二百", "999999999999999999999", "一二十三四", "12a", "三.五"}) {
    EXPECT_FALSE(numeral_value(text)) << text << " = " << numeral_value(text).value_or(0);
  }
}

RC_GTEST_PROP(Numerals, ReadBackWhatKanjiNumeralWrites, ()) {
  const auto value = *rc::gen::inRange<std::int64_t>(0, 10'000'000'000'000'000);
  RC_ASSERT(numeral_value(kanji_numeral(value)) == value);
}

TEST(Numerals, AreWrittenByPlace) {
  EXPECT_EQ(kanji_numeral(234), "二百三十四");
  EXPECT_EQ(kanji_numeral(10'000'000), "一千万");
  EXPECT_EQ(kanji_numeral(1'110), "千百十");
  EXPECT_EQ(kanji_numeral(0), "〇");
}

std::vector<std::int64_t> values(std::string_view text) {
  std::vector<std::int64_t> found;
  for (const Numeral& numeral : find_numerals(text)) found.push_back(numeral.value);
  return found;
}

TEST(Numerals, AreFoundInText) {
  EXPECT_EQ(values("第二百三十四条の予算１，２３４円、三人で3万5千円"), (std::vector<std::int64_t>{234, 1234, 3, 35000}));
  EXPECT_EQ(values("一般に三重県と千葉県の八百屋"), (std::vector<std::int64_t>{}));
  const auto decimal = find_numerals("税率は3.14%、費用は3.5万円");
  ASSERT_EQ(decimal.size(), 2U);
  EXPECT_EQ(decimal[0].value, 314);
  EXPECT_EQ(decimal[0].decimals, 2);
  EXPECT_EQ(decimal[1].value, 35000);
  EXPECT_EQ(decimal[1].decimals, 0);
}

TEST(Numerals, KeepTheirPlaceInTheOriginal) {
  const std::string text = "予算は１２３円です";
  const auto found = find_numerals(text);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].range.of(text), "１２３");
}

TEST(Articles, HaveOneNameHoweverTheyAreWritten) {
  for (const char* same : {"第二十三条の二第三項第四号イ", "第23条の2第3項第4号イ", "２３条の２第３項第４号イ"}) {
    EXPECT_EQ(canonical_article(same), "23条の2第3項第4号イ") << same;
  }
  EXPECT_EQ(canonical_article("附則第二条"), "附則2条");
  for (const char* none : {"", "第三項", "第十条の規定", "条", "第条", "一般"}) EXPECT_EQ(canonical_article(none), "") << none;
}

TEST(Articles, AreFoundInText) {
  const std::string text = "第十条の規定により、法第２３条の２第３項を準用する。三条件は除く。";
  const auto found = find_articles(text);
  ASSERT_GE(found.size(), 2U);
  EXPECT_EQ(found[0].canonical, "10条");
  EXPECT_EQ(found[1].canonical, "23条の2第3項");
  EXPECT_EQ(found[1].range.of(text), "第２３条の２第３項");
}

}  // namespace
}  // namespace sekisho::text
