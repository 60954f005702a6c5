#include "text/era_date.h"

#include <array>
#include <string>

#include <fmt/format.h>

#include "base/check.h"
#include "text/folded_points.h"
#include "text/numerals.h"
#include "text/utf8.h"

namespace sekisho::text {
namespace {

/// First and last days from 元号法 and the 太政官布告 and 政令 before it; the last day of an era is the first of the next.
struct EraSpan {
  Era era;
  const char* name;
  std::u32string_view long_name;
  char32_t kanji;
  char32_t letter;  ///< Folded, as in r6.
  int first_year;   ///< Gregorian year of year 1.
  CivilDate begin;
  CivilDate end;    ///< Last day.
};

constexpr std::array<EraSpan, 5> kEras = {{
    {Era::kMeiji, "明治", U"明治", U'明', U'm', 1868, {1873, 1, 1}, {1912, 7, 29}},
    {Era::kTaisho, "大正", U"大正", U'大', U't', 1912, {1912, 7, 30}, {1926, 12, 24}},
    {Era::kShowa, "昭和", U"昭和", U'昭', U's', 1926, {1926, 12, 25}, {1989, 1, 7}},
    {Era::kHeisei, "平成", U"平成", U'平', U'h', 1989, {1989, 1, 8}, {2019, 4, 30}},
    {Era::kReiwa, "令和", U"令和", U'令', U'r', 2019, {2019, 5, 1}, {2117, 12, 31}},
}};

const EraSpan& span_of(Era era) { return kEras[static_cast<std::size_t>(era)]; }

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in(int year, int month) {
  static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

/// Reads dates out of text in index form, one code point at a time.
class DateReader {
 public:
  /// `capital`: whether the character at `at` was a capital letter in the original.
  DateReader(std::u32string_view text, std::size_t at, bool capital) : text_(text), at_(at), capital_(capital) {}

  [[nodiscard]] std::size_t at() const { return at_; }

  /// A date that begins here.
  std::optional<DateMention> read() {
    if (auto date = read_era_date()) return date;
    if (auto date = read_gregorian_date()) return date;
    return read_month_day();
  }

 private:
  [[nodiscard]] char32_t peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : 0; }
  bool skip(std::u32string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void skip_spaces() {
    while (peek() == ' ') ++at_;
  }
  [[nodiscard]] char32_t before() const { return at_ > 0 ? text_[at_ - 1] : 0; }

  /// Digits or a 漢数字 of at most `most` in value; moves only where it finds one.
  std::optional<int> read_number(int most) {
    std::size_t end = at_;
    while (end < text_.size() && end - at_ < 8 && is_numeral_character(text_[end])) ++end;
    if (end == at_) return std::nullopt;
    const auto value = numeral_value(to_utf8(text_.substr(at_, end - at_)));
    if (!value || *value > most) return std::nullopt;
    at_ = end;
    return static_cast<int>(*value);
  }
  static bool is_numeral_character(char32_t c) {
    return is_ascii_digit(c) || std::u32string_view(U"〇一二三四五六七八九十百千壱弐参拾廿卅").find(c) != std::u32string_view::npos;
  }

  std::optional<DateMention> read_era_date() {
    const std::size_t start = at_;
    for (const EraSpan& era : kEras) {
      if (auto date = read_date_of(era)) return date;
      at_ = start;
    }
    return std::nullopt;
  }

  std::optional<DateMention> read_date_of(const EraSpan& era) {
    const bool full = skip(era.long_name);
    const bool kanji = !full && peek() == era.kanji && !is_kanji(before());
    const bool letter = !full && peek() == era.letter && !is_ascii_letter(before()) && !is_ascii_digit(before());
    if (!full && !kanji && !letter) return std::nullopt;
    if (kanji || letter) ++at_;
    if (full) skip_spaces();
    if (letter && peek() == '.') ++at_;
    std::optional<int> year = skip(U"元") ? std::optional(1) : read_number(99);
    if (!year || *year < 1) return std::nullopt;
    const bool short_form_fits = std::u32string_view(U"./-年").find(peek()) != std::u32string_view::npos && peek() != 0;
    const bool stands_alone = !is_ascii_letter(peek()) && !is_ascii_digit(peek()) && !is_kanji(peek()) && peek() != '-';
    const bool trusted = (letter && capital_ && era.era == Era::kReiwa) || (kanji && era.era >= Era::kShowa);
    if (!full && !short_form_fits && !(trusted && stands_alone)) return std::nullopt;
    DateMention date;
    date.year = gregorian_year({era.era, *year});
    if (!read_rest(date, letter)) return std::nullopt;
    date.impossible = date.impossible || !lasted(era, date, *year);
    return date;
  }

  /// What follows the number of a year: 年度, 年7月15日, .7.15, or nothing. False where a bare letter and number are no date.
  bool read_rest(DateMention& date, bool needs_more) {
    const std::size_t after_year = at_;
    skip_spaces();
    if (skip(U"年度")) {
      date.fiscal = true;
      return true;
    }
    if (skip(U"年")) {
      read_japanese_month_day(date);
      return true;
    }
    at_ = after_year;
    if (peek() == 0 || std::u32string_view(U"./-").find(peek()) == std::u32string_view::npos) return !needs_more || capital_;
    return read_marked_month_day(date, peek()) || (!needs_more || capital_);
  }

  void read_japanese_month_day(DateMention& date) {
    const std::size_t start = at_;
    skip_spaces();
    const auto month = read_number(99);
    if (!month || !skip(U"月") || peek() == U'間') {
      at_ = start;
      return;
    }
    date.month = *month;
    const std::size_t after_month = at_;
    skip_spaces();
    const auto day = read_number(99);
    if (day && skip(U"日") && peek() != U'間') {
      date.day = *day;
    } else {
      at_ = after_month;
    }
    check_month_day(date);
  }

  /// .7.15, /7/15, -07-15; the month alone is enough after "/".
  bool read_marked_month_day(DateMention& date, char32_t mark) {
    const std::size_t start = at_;
    ++at_;
    if (mark == '.') skip_spaces();
    const auto month = read_number(12);
    const std::size_t after_month = at_;
    std::optional<int> day;
    if (month && peek() == mark) {
      ++at_;
      if (mark == '.') skip_spaces();
      day = read_number(31);
    }
    const bool whole = month && *month >= 1 && day && *day >= 1;
    const bool month_alone = month && *month >= 1 && !day && (mark == '/' || (mark == '-' && after_month - start == 3));
    if (!whole && !month_alone) {
      at_ = start;
      return false;
    }
    date.month = *month;
    date.day = whole ? *day : 0;
    if (!whole) at_ = after_month;
    check_month_day(date);
    return true;
  }

  static void check_month_day(DateMention& date) {
    if (date.month < 1 || date.month > 12) {
      date.impossible = true;
    } else if (date.day != 0) {
      // Without a year, 2月29日 may exist.
      date.impossible = !exists({date.year == 0 ? 2000 : date.year, date.month, date.day});
    }
  }

  static bool lasted(const EraSpan& era, const DateMention& date, int year) {
    if (year > era.end.year - era.first_year + 1) return false;
    if (date.month == 0 || date.fiscal) return true;
    const CivilDate first{date.year, date.month, date.day == 0 ? 1 : date.day};
    const CivilDate last{date.year, date.month, date.day == 0 ? 31 : date.day};
    // Years 1 to 5 of 明治 had the old calendar; their dates are taken as written.
    const CivilDate begin = era.era == Era::kMeiji ? CivilDate{1868, 1, 1} : era.begin;
    return last >= begin && first <= era.end;
  }

  std::optional<DateMention> read_gregorian_date() {
    const std::size_t start = at_;
    if (is_numeral_character(before())) return std::nullopt;
    const auto year = read_number(2999);
    const std::size_t digits = at_ - start;
    DateMention date;
    date.year = year.value_or(0);
    if (!year || *year < 1000 || digits < 3) return give_up(start);
    const std::size_t after_year = at_;
    skip_spaces();
    if (peek() == U'年' && peek(1) != U'間') {
      at_ = after_year;
      if (read_rest(date, false)) return date;
    }
    at_ = after_year;
    const char32_t mark = peek();
    const bool marked = mark == '/' || mark == '-' || mark == '.';
    if (marked && *year >= 1868 && *year <= 2199 && is_ascii_digit(text_[start]) && read_marked_month_day(date, mark)) return date;
    return give_up(start);
  }

  std::optional<DateMention> read_month_day() {
    const std::size_t start = at_;
    if (is_numeral_character(before())) return std::nullopt;
    const auto month = read_number(99);
    if (!month || !skip(U"月")) return give_up(start);
    const auto day = read_number(99);
    if (!day || !skip(U"日") || peek() == U'間') return give_up(start);
    DateMention date;
    date.month = *month;
    date.day = *day;
    check_month_day(date);
    return date;
  }

  std::optional<DateMention> give_up(std::size_t start) {
    at_ = start;
    return std::nullopt;
  }

  std::u32string_view text_;
  std::size_t at_;
  bool capital_;
};

bool may_begin_date(char32_t c) {
  return is_ascii_digit(c) || std::u32string_view(U"明大昭平令mtshr一二三四五六七八九十千").find(c) != std::u32string_view::npos;
}

}  // namespace

bool exists(const CivilDate& date) {
  return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= days_in(date.year, date.month);
}

int weekday(const CivilDate& date) {
  CHECK(exists(date));
  // Sakamoto's congruence.
  static constexpr std::array<int, 12> kShift = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
  const int year = date.month < 3 ? date.year - 1 : date.year;
  return (year + year / 4 - year / 100 + year / 400 + kShift[static_cast<std::size_t>(date.month - 1)] + date.day) % 7;
}

std::optional<EraYear> era_year(const CivilDate& date) {
  if (!exists(date)) return std::nullopt;
  for (const EraSpan& era : kEras) {
    if (date >= era.begin && (date <= era.end || era.era == Era::kReiwa)) return EraYear{era.era, date.year - era.first_year + 1};
  }
  return std::nullopt;
}

int gregorian_year(EraYear year) { return span_of(year.era).first_year + year.year - 1; }

std::optional<std::string> japanese_date(const CivilDate& date) {
  const auto year = era_year(date);
  if (!year) return std::nullopt;
  const std::string number = year->year == 1 ? "元" : std::to_string(year->year);
  return fmt::format("{}{}年{}月{}日", span_of(year->era).name, number, date.month, date.day);
}

int fiscal_year(const CivilDate& date) { return date.month >= 4 ? date.year : date.year - 1; }

std::string DateMention::canonical() const {
  if (fiscal) return fmt::format("fy{}", year);
  if (year == 0) return fmt::format("-{:02}-{:02}", month, day);
  if (month == 0) return fmt::format("{}", year);
  if (day == 0) return fmt::format("{}-{:02}", year, month);
  return fmt::format("{}-{:02}-{:02}", year, month, day);
}

std::vector<DateMention> find_dates(std::string_view text) {
  const FoldedPoints folded(text);
  std::vector<DateMention> found;
  for (std::size_t at = 0; at < folded.points.size();) {
    if (!may_begin_date(folded.points[at])) {
      ++at;
      continue;
    }
    const char32_t original = character_at(text, folded.origin(at)).value;
    const bool capital = (original >= 'A' && original <= 'Z') || (original >= U'Ａ' && original <= U'Ｚ');
    DateReader reader(folded.points, at, capital);
    auto date = reader.read();
    if (!date) {
      ++at;
      continue;
    }
    date->range = folded.original(at, reader.at());
    found.push_back(*date);
    at = reader.at();
  }
  return found;
}

}  // namespace sekisho::text
