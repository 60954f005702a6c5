#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/sentences.h"

namespace sekisho::text {

/// A Gregorian date.
struct CivilDate {
  int year = 0;
  int month = 0;  ///< 1 to 12.
  int day = 0;    ///< 1 to 31.
  auto operator<=>(const CivilDate&) const = default;
};
/// Whether the calendar has that day.
[[nodiscard]] bool exists(const CivilDate& date);
/// 0 = 日曜日 … 6 = 土曜日. `date` must exist.
[[nodiscard]] int weekday(const CivilDate& date);

/// 明治, 大正, 昭和, 平成, 令和 from 1873-01-01 on, when Japan took the Gregorian calendar. The first day of an era belongs to it.
enum class Era { kMeiji, kTaisho, kShowa, kHeisei, kReiwa };
struct EraYear {
  Era era = Era::kReiwa;
  int year = 1;
  bool operator==(const EraYear&) const = default;
};
/// The era and its year on that day; nothing before 1873-01-01 or where `date` does not exist.
[[nodiscard]] std::optional<EraYear> era_year(const CivilDate& date);
/// The Gregorian year of an era's year: 令和6 → 2024. No check that the era lasted so long: 昭和100 → 2025.
[[nodiscard]] int gregorian_year(EraYear year);
/// 令和6年7月15日, with 元年 for the first year. Nothing where era_year() has nothing.
[[nodiscard]] std::optional<std::string> japanese_date(const CivilDate& date);
/// The 年度 (April to March) in which `date` falls.
[[nodiscard]] int fiscal_year(const CivilDate& date);

/// A year, month or day named in a text, whichever way it is written: 令和6年7月15日, R6.7.15, 令6, ㋿6年, Ｒ７, 2024年, 2024/7/15,
/// 二〇二四年, 令和元年度, 平成31年度.
struct DateMention {
  ByteRange range;
  int year = 0;            ///< Gregorian; 0 where only month and day are named (7月15日).
  int month = 0;           ///< 0 where not named.
  int day = 0;             ///< 0 where not named.
  bool fiscal = false;     ///< 年度: `year` is the one in which it begins.
  bool impossible = false;  ///< No such day (2月30日), or the era had no such day (平成35年4月1日, 令和元年3月1日).

  /// "2024-07-15", "2024-07", "2024", "-07-15", "fy2024": equal for equal dates.
  [[nodiscard]] std::string canonical() const;
};
/// The dates of `text`, left to right, not overlapping. Threads: pure.
[[nodiscard]] std::vector<DateMention> find_dates(std::string_view text);

}  // namespace sekisho::text
