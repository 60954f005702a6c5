#include "text/era_date.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sekisho::text {
namespace {

std::string canonical(std::string_view text) {
  std::string all;
  for (const DateMention& date : find_dates(text)) all += (all.empty() ? "" : " ") + date.canonical() + (date.impossible ? "!" : "");
  return all;
}

TEST(Dates, AreTheSameHoweverTheyAreWritten) {
  for (const char* text : {"令和6年7月15日", "令和６年７月１５日", "R6.7.15", "Ｒ６．７．１５", "令6.7.15", "㋿6年7月15日", "2024年7月15日", "2024/7/15", "2024-07-15",
                           "2024.7.15", "二〇二四年七月十五日", "令和六年七月十五日", "令和 6年 7月15日", "西暦2024年7月15日", "R6/7/15"}) {
    EXPECT_EQ(canonical(text), "2024-07-15") << text;
  }
}

TEST(Dates, MayNameAYearAMonthOrADayAlone) {
  EXPECT_EQ(canonical("令和6年"), "2024");
  EXPECT_EQ(canonical("令和元年"), "2019");
  EXPECT_EQ(canonical("昭和64年"), "1989");
  EXPECT_EQ(canonical("Ｒ７"), "2025");
  EXPECT_EQ(canonical("令7"), "2025");
  EXPECT_EQ(canonical("平成31年4月"), "2019-04");
  EXPECT_EQ(canonical("7月15日から"), "-07-15");
  EXPECT_EQ(canonical("二千二十五年"), "2025");
}

TEST(Dates, KnowFiscalYears) {
  EXPECT_EQ(canonical("平成31年度"), "fy2019");
  EXPECT_EQ(canonical("令和元年度"), canonical("平成31年度"));
  EXPECT_EQ(canonical("2024年度"), "fy2024");
  EXPECT_EQ(fiscal_year({2025, 3, 31}), 2024);
  EXPECT_EQ(fiscal_year({2025, 4, 1}), 2025);
}

TEST(Dates, ThatNeverWereAreSaidToBeSo) {
  EXPECT_EQ(canonical("令和6年2月30日"), "2024-02-30!");
  EXPECT_EQ(canonical("令和元年3月1日"), "2019-03-01!");
  EXPECT_EQ(canonical("平成35年4月1日"), "2023-04-01!");
  EXPECT_EQ(canonical("平成31年4月30日"), "2019-04-30");
  EXPECT_EQ(canonical("令和6年13月1日"), "2024-13-01!");
  EXPECT_EQ(canonical("2月29日"), "-02-29");
}

TEST(Dates, AreNotSeenWhereThereAreNone) {
  for (const char* text : {"", "24時間", "3年間", "h2タグ", "M1チップ", "s3バケット", "第3条", "1.2.3", "電話 03-1234-5678", "12か月", "昭和記念公園", "大3つ", "明日", "2024円"}) {
    EXPECT_EQ(canonical(text), "") << text;
  }
}

TEST(Dates, StandWhereTheTextHasThem) {
  const std::string text = "期限は令和６年７月１５日（月）、次は2025年1月6日です。";
  const auto found = find_dates(text);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].range.of(text), "令和６年７月１５日");
  EXPECT_EQ(found[1].range.of(text), "2025年1月6日");
}

TEST(Eras, ChangeOnTheirFirstDay) {
  EXPECT_EQ(japanese_date({2019, 4, 30}), "平成31年4月30日");
  EXPECT_EQ(japanese_date({2019, 5, 1}), "令和元年5月1日");
  EXPECT_EQ(japanese_date({1989, 1, 7}), "昭和64年1月7日");
  EXPECT_EQ(japanese_date({1989, 1, 8}), "平成元年1月8日");
  EXPECT_EQ(japanese_date({1926, 12, 25}), "昭和元年12月25日");
  EXPECT_EQ(japanese_date({1912, 7, 30}), "大正元年7月30日");
  EXPECT_EQ(japanese_date({1873, 1, 1}), "明治6年1月1日");
  EXPECT_FALSE(japanese_date({1872, 12, 31}));
  EXPECT_FALSE(japanese_date({2023, 2, 29}));
  EXPECT_EQ(gregorian_year({Era::kShowa, 100}), 2025);
}

TEST(Weekdays, AreThoseOfTheCalendar) {
  EXPECT_EQ(weekday({2025, 7, 15}), 2);
  EXPECT_EQ(weekday({2000, 2, 29}), 2);
  EXPECT_EQ(weekday({1900, 1, 1}), 1);
}

RC_GTEST_PROP(Dates, ReadBackWhatJapaneseDateWrites, ()) {
  const CivilDate date{*rc::gen::inRange(1873, 2100), *rc::gen::inRange(1, 13), *rc::gen::inRange(1, 29)};
  const auto found = find_dates(*japanese_date(date));
  RC_ASSERT(found.size() == 1U);
  RC_ASSERT((CivilDate{found[0].year, found[0].month, found[0].day} == date));
  RC_ASSERT(!found[0].impossible);
}

RC_GTEST_PROP(Dates, TakeAnyBytes, (const std::string& bytes)) {
  for (const DateMention& date : find_dates(bytes)) RC_ASSERT(date.range.end <= bytes.size() && date.range.begin < date.range.end);
}

}  // namespace
}  // namespace sekisho::text
