#include "text/numerals.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "text/folded_points.h"
#include "text/normalize.h"
#include "text/utf8.h"

namespace sekisho::text {
namespace {

constexpr std::int64_t kLargest = 1'000'000'000'000'000'000;  // 10^18

/// What a character means inside a numeral, in index form.
struct Part {
  enum class Kind { kNone, kDigit, kUnit, kMyriad } kind = Kind::kNone;
  std::int64_t value = 0;
  bool kanji = false;
};

Part part_of(char32_t c) {
  using Kind = Part::Kind;
  if (is_ascii_digit(c)) return {Kind::kDigit, static_cast<std::int64_t>(c - '0'), false};
  static constexpr std::u32string_view kDigits = U"〇一二三四五六七八九";
  if (const auto at = kDigits.find(c); at != std::u32string_view::npos) return {Kind::kDigit, static_cast<std::int64_t>(at), true};
  switch (c) {
    case U'零': return {Kind::kDigit, 0, true};
    case U'壱': return {Kind::kDigit, 1, true};
    case U'弐': return {Kind::kDigit, 2, true};
    case U'参': return {Kind::kDigit, 3, true};
    case U'十':
    case U'拾': return {Kind::kUnit, 10, true};
    case U'廿': return {Kind::kUnit, 20, true};
    case U'卅': return {Kind::kUnit, 30, true};
    case U'百': return {Kind::kUnit, 100, true};
    case U'千': return {Kind::kUnit, 1000, true};
    case U'万': return {Kind::kMyriad, 10'000, true};
    case U'億': return {Kind::kMyriad, 100'000'000, true};
    case U'兆': return {Kind::kMyriad, 1'000'000'000'000, true};
    case U'京': return {Kind::kMyriad, 10'000'000'000'000'000, true};
    default: return {};
  }
}

/// Reads one numeral part by part; `valid` turns false at the first part that fits nowhere.
class NumeralReader {
 public:
  void read(const Part& part) {
    if (!valid_) return;
    switch (part.kind) {
      case Part::Kind::kDigit: return read_digit(part);
      case Part::Kind::kUnit: return read_unit(part.value);
      case Part::Kind::kMyriad: return read_myriad(part.value);
      case Part::Kind::kNone: valid_ = false;
    }
  }
  [[nodiscard]] std::optional<std::int64_t> value() const {
    if (!valid_ || !any_) return std::nullopt;
    // After 二百 at most two digits' worth.
    if (has_digits_ && digits_ >= place_of(last_unit_)) return std::nullopt;
    const std::int64_t section = section_ + (has_digits_ ? digits_ : 0);
    if (last_myriad_ < kLargest && section >= last_myriad_) return std::nullopt;
    const std::int64_t total = total_ + section;
    return total > kLargest ? std::nullopt : std::optional(total);
  }

 private:
  /// 廿 and 卅 stand in the place of tens.
  static std::int64_t place_of(std::int64_t unit) { return unit == 20 || unit == 30 ? 10 : unit; }
  void read_digit(const Part& part) {
    if (has_digits_ && digits_kanji_ != part.kanji) valid_ = false;
    if (digits_ > kLargest / 10 - 10) valid_ = false;
    if (!valid_) return;
    digits_ = digits_ * 10 + part.value;
    digits_kanji_ = part.kanji;
    has_digits_ = any_ = true;
  }
  void read_unit(std::int64_t unit) {
    const std::int64_t times = has_digits_ ? digits_ : 1;
    const bool takes_digits = place_of(unit) == unit;  // Not 廿.
    valid_ = place_of(unit) < place_of(last_unit_) && times >= 1 && times <= 9 && (takes_digits || !has_digits_);
    section_ += times * unit;
    last_unit_ = unit;
    drop_digits();
    any_ = true;
  }
  void read_myriad(std::int64_t myriad) {
    const std::int64_t section = section_ + digits_;
    valid_ = myriad < last_myriad_ && section > 0 && section < (last_myriad_ == kLargest ? kLargest / myriad : last_myriad_ / myriad);
    if (!valid_) return;
    total_ += section * myriad;
    last_myriad_ = myriad;
    last_unit_ = kLargest;
    section_ = 0;
    drop_digits();
  }
  void drop_digits() {
    digits_ = 0;
    has_digits_ = false;
  }

  std::int64_t total_ = 0, section_ = 0, digits_ = 0;
  std::int64_t last_unit_ = kLargest, last_myriad_ = kLargest;
  bool has_digits_ = false, digits_kanji_ = false, any_ = false, valid_ = true;
};

/// Whether `[begin, end)` of `text` is 1,234 or 12,345,678 from its first digit on.
bool commas_fit(std::u32string_view text) {
  const std::size_t first = text.find(U',');
  if (first == std::u32string_view::npos) return true;
  if (first == 0 || first > 3) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool comma_due = i >= first && (i - first) % 4 == 0;
    if (comma_due != (text[i] == ',')) return false;
    if (!comma_due && !is_ascii_digit(text[i])) return false;
  }
  return (text.size() - first) % 4 == 0;
}

std::optional<std::int64_t> value_of(std::u32string_view folded) {
  NumeralReader reader;
  std::size_t run = 0;
  while (run < folded.size() && (is_ascii_digit(folded[run]) || folded[run] == ',')) ++run;
  if (!commas_fit(folded.substr(0, run))) return std::nullopt;
  for (std::size_t i = 0; i < folded.size(); ++i) {
    if (i < run && folded[i] == ',') continue;
    reader.read(part_of(folded[i]));
  }
  return reader.value();
}

constexpr std::array<std::u32string_view, 52> kCounters = {
    U"条", U"項", U"号", U"章", U"節", U"款", U"編", U"年", U"月", U"日", U"人", U"円", U"件", U"回", U"歳", U"才", U"個", U"名",
    U"台", U"枚", U"冊", U"社", U"校", U"戸", U"世帯", U"時間", U"時", U"分の", U"秒", U"度", U"倍", U"割", U"点", U"票", U"区", U"丁目", U"番",
    U"階", U"週間", U"か月", U"箇月", U"ヶ月", U"ケ月", U"カ月", U"キロ", U"メートル", U"センチ", U"グラム", U"トン", U"%", U"パーセント", U"世紀"};

bool counter_follows(std::u32string_view text, std::size_t at) {
  return std::any_of(kCounters.begin(), kCounters.end(), [&](std::u32string_view counter) { return text.substr(at, counter.size()) == counter; });
}

/// A numeral in u32 index form, by character positions.
struct Found {
  std::size_t begin = 0, end = 0;
  std::int64_t value = 0;
  int decimals = 0;
  bool in_kanji = false;
};

/// The longest numeral that begins at `begin`, where there is one.
std::optional<Found> numeral_at(std::u32string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && end - begin < 40 &&
         (part_of(text[end]).kind != Part::Kind::kNone || (text[end] == ',' && end > begin && end + 1 < text.size() && is_ascii_digit(text[end + 1])))) {
    ++end;
  }
  for (; end > begin; --end) {
    const auto value = value_of(text.substr(begin, end - begin));
    if (!value) continue;
    Found found{begin, end, *value, 0, false};
    for (std::size_t i = begin; i < end; ++i) found.in_kanji = found.in_kanji || part_of(text[i]).kanji;
    return found;
  }
  return std::nullopt;
}

/// Takes the digits after a decimal point, and the unit after those (3.5万), into `found`.
void take_decimals(std::u32string_view text, Found& found) {
  std::size_t end = found.end + 1;
  while (end < text.size() && is_ascii_digit(text[end])) ++end;
  const std::size_t digits = end - found.end - 1;
  if (found.in_kanji || found.end >= text.size() || text[found.end] != '.' || digits == 0 || digits > 6 || found.value > kLargest / 10'000'000) return;
  if (end < text.size() && text[end] == '.') return;  // 1.2.3 numbers a section
  for (std::size_t i = found.end + 1; i < end; ++i) found.value = found.value * 10 + static_cast<std::int64_t>(text[i] - '0');
  found.decimals = static_cast<int>(digits);
  found.end = end;
  const Part unit = end < text.size() ? part_of(text[end]) : Part{};
  if (unit.kind != Part::Kind::kMyriad || unit.value > kLargest / 10 / std::max<std::int64_t>(found.value, 1)) return;
  found.value *= unit.value;
  for (; found.decimals > 0 && found.value % 10 == 0; --found.decimals) found.value /= 10;
  found.end = end + 1;
  found.in_kanji = true;
}

bool is_convincing(std::u32string_view text, const Found& found) {
  if (!found.in_kanji || is_ascii_digit(text[found.begin])) return true;
  if (found.begin > 0 && text[found.begin - 1] == U'第') return true;
  if (counter_follows(text, found.end)) return true;
  return found.end - found.begin >= 3 && (found.end == text.size() || !is_kanji(text[found.end]));
}

/// Reads 第二十三条の二第三項第四号イ from `at` on; leaves `at` after what it took.
class ArticleReader {
 public:
  explicit ArticleReader(std::u32string_view text, std::size_t at) : text_(text), at_(at) {}

  [[nodiscard]] std::size_t at() const { return at_; }

  /// Empty where no reference begins here.
  std::string read() {
    std::string canonical;
    if (skip(U"附則")) canonical = "附則";
    if (!read_level(U"条", canonical, true)) return {};
    read_level(U"項", canonical, false);
    if (read_level(U"号", canonical, true)) read_iroha(canonical);
    return canonical;
  }

 private:
  bool skip(std::u32string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  /// [第]N<unit>[のN]*; the article itself is written without 第.
  bool read_level(std::u32string_view unit, std::string& canonical, bool with_branches) {
    const std::size_t start = at_;
    skip(U"第");
    const auto number = at_ < text_.size() ? numeral_at(text_, at_) : std::nullopt;
    if (!number || text_.substr(number->end, unit.size()) != unit) {
      at_ = start;
      return false;
    }
    at_ = number->end + unit.size();
    canonical += fmt::format("{}{}{}", unit == U"条" ? "" : "第", number->value, to_utf8(unit));
    while (with_branches && at_ + 1 < text_.size() && text_[at_] == U'の') {
      const auto branch = numeral_at(text_, at_ + 1);
      if (!branch || counter_follows(text_, branch->end)) break;
      canonical += fmt::format("の{}", branch->value);
      at_ = branch->end;
    }
    return true;
  }
  void read_iroha(std::string& canonical) {
    static constexpr std::u32string_view kIroha = U"イロハニホヘトチリヌルヲワカヨタレソツネナラムウ";
    if (at_ >= text_.size() || kIroha.find(text_[at_]) == std::u32string_view::npos) return;
    if (at_ + 1 < text_.size() && (is_katakana(text_[at_ + 1]))) return;
    append_utf8(canonical, text_[at_++]);
  }

  std::u32string_view text_;
  std::size_t at_;
};

}  // namespace

std::optional<std::int64_t> numeral_value(std::string_view numeral) { return value_of(to_utf32(fold(numeral))); }

std::vector<Numeral> find_numerals(std::string_view text) {
  const FoldedPoints folded(text);
  std::vector<Numeral> found;
  for (std::size_t at = 0; at < folded.points.size();) {
    auto numeral = part_of(folded.points[at]).kind == Part::Kind::kNone ? std::nullopt : numeral_at(folded.points, at);
    if (!numeral) {
      ++at;
      continue;
    }
    take_decimals(folded.points, *numeral);
    if (is_convincing(folded.points, *numeral)) {
      found.push_back({folded.original(numeral->begin, numeral->end), numeral->value, numeral->decimals, numeral->in_kanji});
    }
    at = numeral->end;
  }
  return found;
}

std::string kanji_numeral(std::int64_t value) {
  CHECK(value >= 0 && value < 10'000'000'000'000'000);
  static constexpr std::array<const char*, 10> kDigits = {"〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  static constexpr std::array<const char*, 4> kUnits = {"", "十", "百", "千"};
  static constexpr std::array<const char*, 4> kMyriads = {"", "万", "億", "兆"};
  if (value == 0) return kDigits[0];
  std::string text;
  for (std::size_t myriad = 4; myriad-- > 0;) {
    std::int64_t scale = 1;
    for (std::size_t i = 0; i < myriad; ++i) scale *= 10'000;
    const std::int64_t section = value / scale % 10'000;
    for (std::size_t unit = 4; unit-- > 0;) {
      static constexpr std::array<std::int64_t, 4> kScales = {1, 10, 100, 1000};
      const auto digit = static_cast<std::size_t>(section / kScales[unit] % 10);
      if (digit == 0) continue;
      // 一千万 keeps its 一; 千二百 has none.
      if (digit > 1 || unit == 0 || (unit == 3 && myriad > 0)) text += kDigits[digit];
      text += kUnits[unit];
    }
    if (section > 0) text += kMyriads[myriad];
  }
  return text;
}

std::string canonical_article(std::string_view reference) {
  const std::u32string points = to_utf32(fold(reference));
  ArticleReader reader(points, 0);
  std::string canonical = reader.read();
  return reader.at() == points.size() ? canonical : std::string();
}

std::vector<ArticleReference> find_articles(std::string_view text) {
  const FoldedPoints folded(text);
  std::vector<ArticleReference> found;
  for (std::size_t at = 0; at < folded.points.size();) {
    const char32_t c = folded.points[at];
    const bool may_begin = c == U'第' || c == U'附' || part_of(c).kind != Part::Kind::kNone;
    ArticleReader reader(folded.points, at);
    std::string canonical = may_begin ? reader.read() : std::string();
    if (canonical.empty()) {
      ++at;
      continue;
    }
    found.push_back({folded.original(at, reader.at()), std::move(canonical)});
    at = reader.at();
  }
  return found;
}

}  // namespace sekisho::text
