#include "worker/extract_number_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text/era_date.h"
#include "text/utf8.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kFormatBytes = 1'000;

/// A piece of one part of a format.
struct Token {
  enum Kind { kLiteral, kDate, kElapsed, kHalfDay, kDigit, kPoint, kComma, kPercent, kExponent, kGeneral, kText } kind = kLiteral;
  char letter = 0;       ///< Of kDate and kElapsed: y m d h s g e a; of kDigit: 0 # ?
  std::size_t count = 0;  ///< How often the letter stands.
  std::string text;      ///< Of kLiteral.
};

struct Part {
  std::vector<Token> tokens;
  std::optional<std::pair<std::string, double>> condition;  ///< [>=100]
  bool is_date = false;
  bool has_digits = false;
};

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool begins_with(std::string_view text, std::string_view lower_word) {
  return text.size() >= lower_word.size() && std::equal(lower_word.begin(), lower_word.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

/// Cuts a format at its semicolons and its parts into tokens.
class FormatReader {
 public:
  explicit FormatReader(std::string_view format) : rest_(format.substr(0, kFormatBytes)) {}

  std::vector<Part> read() {
    std::vector<Part> parts(1);
    while (!rest_.empty()) {
      if (rest_[0] == ';') {
        rest_.remove_prefix(1);
        parts.emplace_back();
      } else {
        take(parts.back());
      }
    }
    for (Part& part : parts) mark(part);
    return parts;
  }

 private:
  void literal(Part& part, std::string_view text) {
    if (part.tokens.empty() || part.tokens.back().kind != Token::kLiteral) part.tokens.push_back({.kind = Token::kLiteral, .letter = 0, .count = 0, .text = ""});
    part.tokens.back().text += text;
  }
  void token(Part& part, Token::Kind kind, std::size_t bytes) {
    part.tokens.push_back({.kind = kind, .letter = lower(rest_[0]), .count = bytes, .text = ""});
    rest_.remove_prefix(bytes);
  }
  [[nodiscard]] std::string_view one(std::size_t at) const {
    return at < rest_.size() ? rest_.substr(at, text::character_at(rest_, at).size) : std::string_view();
  }

  void take(Part& part) {
    const char c = rest_[0];
    if (c == '"') return quoted(part);
    if (c == '[') return bracketed(part);
    if (c == '\\' || c == '!') {
      literal(part, one(1));
      rest_.remove_prefix(1 + one(1).size());
    } else if (c == '_' || c == '*') {
      rest_.remove_prefix(1 + one(1).size());
    } else if (begins_with(rest_, "general")) {
      token(part, Token::kGeneral, 7);
    } else if (begins_with(rest_, "am/pm")) {
      token(part, Token::kHalfDay, 5);
    } else if (begins_with(rest_, "a/p")) {
      token(part, Token::kHalfDay, 3);
    } else if (lower(c) == 'e' && rest_.size() > 1 && (rest_[1] == '+' || rest_[1] == '-')) {
      token(part, Token::kExponent, 2);
    } else if (std::string_view("ymdhsgea").find(lower(c)) != std::string_view::npos) {
      std::size_t count = 1;
      while (count < rest_.size() && lower(rest_[count]) == lower(c)) ++count;
      token(part, Token::kDate, count);
    } else if (c == '0' || c == '#' || c == '?') {
      token(part, Token::kDigit, 1);
    } else if (c == '.' || c == ',' || c == '%' || c == '@') {
      if (c == '%') literal(part, "%");
      token(part, c == '.' ? Token::kPoint : c == ',' ? Token::kComma : c == '%' ? Token::kPercent : Token::kText, 1);
    } else {
      literal(part, one(0));
      rest_.remove_prefix(one(0).size());
    }
  }

  void quoted(Part& part) {
    const std::size_t end = std::min(rest_.find('"', 1), rest_.size());
    literal(part, rest_.substr(1, end - 1));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
  }

  /// [赤], [$¥-411], [h], [>=100].
  void bracketed(Part& part) {
    const std::size_t end = std::min(rest_.find(']'), rest_.size());
    const std::string_view inside = rest_.substr(1, end - 1);
    if (inside.starts_with('$')) {
      literal(part, inside.substr(1, inside.find('-') == std::string_view::npos ? std::string_view::npos : inside.find('-') - 1));
    } else if (!inside.empty() && inside.size() <= 3 && std::all_of(inside.begin(), inside.end(), [&](char c) { return lower(c) == lower(inside[0]); }) &&
               std::string_view("hms").find(lower(inside[0])) != std::string_view::npos) {
      part.tokens.push_back({.kind = Token::kElapsed, .letter = lower(inside[0]), .count = inside.size(), .text = ""});
    } else if (!inside.empty() && std::string_view("<>=").find(inside[0]) != std::string_view::npos) {
      const std::size_t number = inside.find_first_not_of("<>=");
      if (number != std::string_view::npos) part.condition = {std::string(inside.substr(0, number)), std::strtod(std::string(inside.substr(number)).c_str(), nullptr)};
    }
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
  }

  static void mark(Part& part) {
    for (const Token& token : part.tokens) {
      if (token.kind == Token::kDate || token.kind == Token::kElapsed || token.kind == Token::kHalfDay) part.is_date = true;
      if (token.kind == Token::kDigit) part.has_digits = true;
    }
  }

  std::string_view rest_;
};

std::string plain(double value) {
  if (!std::isfinite(value)) return {};
  if (value == std::floor(value) && std::fabs(value) < 1e15) return fmt::format("{:.0f}", value == 0 ? 0.0 : value);
  return fmt::format("{:.11g}", value);
}

/// A moment of the calendar, from a day count.
struct Moment {
  text::CivilDate date;
  std::int64_t seconds = 0;  ///< Of the day.
  std::int64_t days = 0;
  double fraction = 0;       ///< Of the second.
};

/// Howard Hinnant's days-from-civil, the other way round (public domain algorithm): 0 is 1970-01-01.
text::CivilDate civil_of(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t of_era = days - era * 146'097;
  const std::int64_t year = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const std::int64_t month = (5 * of_year + 2) / 153;
  const auto m = static_cast<int>(month < 10 ? month + 3 : month - 9);
  return {static_cast<int>(year + era * 400 + (m <= 2 ? 1 : 0)), m, static_cast<int>(of_year - (153 * month + 2) / 5 + 1)};
}

std::optional<Moment> moment_of(double value, DateSystem system, bool shows_fraction) {
  constexpr double kLastDay = 2'958'466;  // 9999-12-31.
  if (!std::isfinite(value) || value < 0 || value >= kLastDay) return std::nullopt;
  const double in_day = (value - std::floor(value)) * 86'400;
  Moment moment;
  moment.days = static_cast<std::int64_t>(std::floor(value));
  const double shown = shows_fraction ? std::floor(in_day + 1e-4) : std::round(in_day);
  moment.seconds = static_cast<std::int64_t>(shown);
  moment.fraction = std::max(0.0, in_day - shown);
  if (moment.seconds >= 86'400) {
    moment.seconds -= 86'400;
    ++moment.days;
  }
  constexpr std::int64_t k1904 = -24'107;  // 1904-01-01 from 1970-01-01.
  constexpr std::int64_t k1900 = -25'568;  // 1899-12-31.
  if (system == DateSystem::k1904) {
    moment.date = civil_of(moment.days + k1904);
  } else {
    moment.date = moment.days == 60 ? text::CivilDate{1900, 2, 29} : civil_of(moment.days + k1900 - (moment.days > 60 ? 1 : 0));
  }
  return moment;
}

std::string padded(std::int64_t value, std::size_t count) { return count >= 2 ? fmt::format("{:02}", value) : fmt::format("{}", value); }

/// One part of a format that shows a date or a time.
class DateWriter {
 public:
  DateWriter(const Part& part, const Moment& moment) : part_(part), moment_(moment), era_(text::era_year(moment.date)) {
    for (const Token& token : part.tokens) half_day_ = half_day_ || token.kind == Token::kHalfDay;
  }

  std::string write() {
    for (at_ = 0; at_ < part_.tokens.size(); ++at_) {
      const Token& token = part_.tokens[at_];
      switch (token.kind) {
        case Token::kDate: date(token); break;
        case Token::kElapsed: elapsed(token); break;
        case Token::kHalfDay: out_ += moment_.seconds < 43'200 ? "AM" : "PM"; break;
        case Token::kPoint: fraction(); break;
        case Token::kComma: out_ += ','; break;
        case Token::kLiteral: out_ += token.text; break;
        default: break;
      }
    }
    return std::move(out_);
  }

 private:
  void date(const Token& token) {
    const std::int64_t hour = moment_.seconds / 3'600;
    switch (token.letter) {
      case 'y': out_ += token.count <= 2 ? fmt::format("{:02}", moment_.date.year % 100) : fmt::format("{}", moment_.date.year); break;
      case 'm': is_minute() ? static_cast<void>(out_ += padded(moment_.seconds / 60 % 60, token.count)) : month(token.count); break;
      case 'd': day(token.count); break;
      case 'h': out_ += padded(half_day_ ? (hour + 11) % 12 + 1 : hour, token.count); break;
      case 's': out_ += padded(moment_.seconds % 60, token.count); break;
      case 'g': era(token.count); break;
      case 'e': era_year(token.count); break;
      case 'a': weekday(token.count); break;
      default: break;
    }
  }

  /// An m is minutes after hours and before seconds.
  [[nodiscard]] bool is_minute() const {
    const auto is = [](const Token& token, char letter) { return (token.kind == Token::kDate || token.kind == Token::kElapsed) && token.letter == letter; };
    for (std::size_t i = at_; i-- > 0;) {
      if (part_.tokens[i].kind != Token::kLiteral) return is(part_.tokens[i], 'h') || seconds_follow(is);
    }
    return seconds_follow(is);
  }
  template <typename Is>
  [[nodiscard]] bool seconds_follow(const Is& is) const {
    for (std::size_t i = at_ + 1; i < part_.tokens.size(); ++i) {
      if (part_.tokens[i].kind != Token::kLiteral) return is(part_.tokens[i], 's');
    }
    return false;
  }

  void month(std::size_t count) {
    constexpr std::array<std::string_view, 12> kNames{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"};
    const std::string_view name = kNames[static_cast<std::size_t>(moment_.date.month - 1)];
    out_ += count <= 2 ? padded(moment_.date.month, count) : std::string(name.substr(0, count == 3 ? 3 : count == 5 ? 1 : name.size()));
  }
  void day(std::size_t count) {
    constexpr std::array<std::string_view, 7> kNames{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    if (count <= 2) {
      out_ += padded(moment_.date.day, count);
    } else if (text::exists(moment_.date)) {
      const std::string_view name = kNames[static_cast<std::size_t>(text::weekday(moment_.date))];
      out_ += name.substr(0, count == 3 ? 3 : name.size());
    }
  }
  void weekday(std::size_t count) {
    constexpr std::array<std::string_view, 7> kNames{"日", "月", "火", "水", "木", "金", "土"};
    if (count < 3) {
      out_ += std::string(count, 'a');
    } else if (text::exists(moment_.date)) {
      out_.append(kNames[static_cast<std::size_t>(text::weekday(moment_.date))]).append(count >= 4 ? "曜日" : "");
    }
  }
  void era(std::size_t count) {
    constexpr std::array<std::array<std::string_view, 3>, 5> kNames{{{"M", "明", "明治"}, {"T", "大", "大正"}, {"S", "昭", "昭和"}, {"H", "平", "平成"}, {"R", "令", "令和"}}};
    if (era_) out_ += kNames[static_cast<std::size_t>(era_->era)][std::min<std::size_t>(count, 3) - 1];
  }
  void era_year(std::size_t count) {
    const bool before_year = at_ + 1 < part_.tokens.size() && part_.tokens[at_ + 1].text.starts_with("年");
    if (!era_) {
      out_ += fmt::format("{}", moment_.date.year);
    } else if (era_->year == 1 && before_year && count == 1) {
      out_ += "元";
    } else {
      out_ += padded(era_->year, count);
    }
  }
  void elapsed(const Token& token) {
    const std::int64_t seconds = moment_.days * 86'400 + moment_.seconds;
    out_ += padded(token.letter == 'h' ? seconds / 3'600 : token.letter == 'm' ? seconds / 60 : seconds, token.count);
  }
  /// The .000 behind seconds; other points are points.
  void fraction() {
    std::size_t digits = 0;
    while (at_ + 1 < part_.tokens.size() && part_.tokens[at_ + 1].kind == Token::kDigit) ++digits, ++at_;
    out_ += digits == 0 ? "." : fmt::format("{:.{}f}", std::min(moment_.fraction, 0.999), std::min<std::size_t>(digits, 3)).substr(1);
  }

  const Part& part_;
  const Moment& moment_;
  const std::optional<text::EraYear> era_;
  std::string out_;
  std::size_t at_ = 0;
  bool half_day_ = false;
};

/// Which digits of a part stand where.
struct NumberShape {
  std::size_t point = 0;  ///< Index of the token of the decimal point, or of the end.
  std::size_t last_digit = 0;
  std::size_t decimals = 0;
  std::size_t optional_decimals = 0;  ///< Of them, those that need not be shown: #.
  std::size_t first_integer_digits = 0;
  double scale = 1;
  bool groups = false;
};

NumberShape shape_of(const Part& part) {
  NumberShape shape;
  shape.point = part.tokens.size();
  for (std::size_t i = 0; i < part.tokens.size(); ++i) {
    if (part.tokens[i].kind == Token::kDigit) shape.last_digit = i;
    if (part.tokens[i].kind == Token::kPoint && shape.point == part.tokens.size()) shape.point = i;
    if (part.tokens[i].kind == Token::kPercent) shape.scale *= 100;
  }
  bool any = false;
  for (std::size_t i = 0; i < part.tokens.size(); ++i) {
    const Token& token = part.tokens[i];
    if (token.kind == Token::kExponent) break;
    if (token.kind == Token::kDigit && i > shape.point) {
      ++shape.decimals;
      shape.optional_decimals = token.letter == '0' ? 0 : shape.optional_decimals + 1;
    } else if (token.kind == Token::kDigit) {
      any = true;
    } else if (token.kind == Token::kComma && any) {
      if (i > shape.last_digit) {
        shape.scale /= 1'000;
      } else if (i < shape.point) {
        shape.groups = true;
      }
    }
  }
  return shape;
}

/// Digits of the integer part into their places, from the right; literals between them stay where they are.
std::string integer_part(const Part& part, const NumberShape& shape, std::string digits) {
  std::size_t first = 0;
  while (first < shape.point && part.tokens[first].kind != Token::kDigit) ++first;
  std::string out;  // Reversed pieces would break UTF-8; pieces are put in front instead.
  std::size_t shown = 0;
  const auto place = [&](char digit) {
    if (shape.groups && shown > 0 && shown % 3 == 0 && digit != '-') out.insert(out.begin(), ',');
    out.insert(out.begin(), digit);
    ++shown;
  };
  for (std::size_t i = std::min(shape.point, part.tokens.size()); i-- > 0;) {
    const Token& token = part.tokens[i];
    if (token.kind == Token::kLiteral) {
      out.insert(0, token.text);
    } else if (token.kind == Token::kDigit) {
      if (!digits.empty()) {
        place(digits.back());
        digits.pop_back();
      } else if (token.letter == '0') {
        place('0');
      }
      while (i == first && !digits.empty()) {
        place(digits.back());
        digits.pop_back();
      }
    }
  }
  return out;
}

std::string number_in(const Part& part, double value) {
  const NumberShape shape = shape_of(part);
  const std::string digits = fmt::format("{:.{}f}", std::fabs(value) * shape.scale, std::min<std::size_t>(shape.decimals, 15));
  const std::size_t dot = std::min(digits.find('.'), digits.size());
  std::string whole = digits.substr(0, dot);
  if (whole == "0") whole.clear();
  std::string fraction = dot < digits.size() ? digits.substr(dot + 1) : "";
  for (std::size_t i = 0; i < shape.optional_decimals && fraction.ends_with('0'); ++i) fraction.pop_back();
  std::string out = integer_part(part, shape, std::move(whole));
  if (shape.point < part.tokens.size() && !fraction.empty()) out.append(".").append(fraction);
  for (std::size_t i = shape.point; i < part.tokens.size(); ++i) {
    if (part.tokens[i].kind == Token::kLiteral) out += part.tokens[i].text;
  }
  return out;
}

std::string literals_of(const Part& part, double value) {
  std::string out;
  for (const Token& token : part.tokens) {
    if (token.kind == Token::kLiteral) out += token.text;
    if (token.kind == Token::kGeneral || token.kind == Token::kText) out += plain(std::fabs(value));
  }
  return out;
}

bool holds(const std::pair<std::string, double>& condition, double value) {
  const auto& [sign, bound] = condition;
  if (sign == "<") return value < bound;
  if (sign == "<=") return value <= bound;
  if (sign == ">") return value > bound;
  if (sign == ">=") return value >= bound;
  if (sign == "<>") return value != bound;
  return value == bound;
}

/// The part that shows `value`, and whether its sign has to be written beside it.
std::pair<const Part*, bool> part_for(const std::vector<Part>& parts, double value) {
  const bool negative = value < 0;
  if (std::any_of(parts.begin(), parts.end(), [](const Part& part) { return part.condition.has_value(); })) {
    for (std::size_t i = 0; i < parts.size() && i < 3; ++i) {
      if (!parts[i].condition || holds(*parts[i].condition, value)) return {&parts[i], negative};
    }
    return {&parts.back(), negative};
  }
  if (negative && parts.size() >= 2) return {&parts[1], false};
  if (value == 0 && parts.size() >= 3) return {&parts[2], false};
  return {&parts[0], negative};
}

std::string trimmed(std::string text) {
  while (text.ends_with(' ')) text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

}  // namespace

std::string shown_number(double value, std::string_view format, DateSystem system) {
  if (format.empty() || format == "General") return plain(value);
  const std::vector<Part> parts = FormatReader(format).read();
  const auto [part, writes_sign] = part_for(parts, value);
  if (part->tokens.empty()) return {};
  if (part->is_date) {
    const bool fraction = std::any_of(part->tokens.begin(), part->tokens.end(), [](const Token& token) { return token.kind == Token::kPoint; });
    const auto moment = moment_of(value, system, fraction);
    return moment ? trimmed(DateWriter(*part, *moment).write()) : plain(value);
  }
  const bool exponent = std::any_of(part->tokens.begin(), part->tokens.end(), [](const Token& token) { return token.kind == Token::kExponent; });
  const bool slash = std::any_of(part->tokens.begin(), part->tokens.end(), [](const Token& token) { return token.kind == Token::kLiteral && token.text == "/"; });
  if (part->has_digits && slash) return plain(value);
  if (exponent) return fmt::format("{:.{}E}", value, std::min<std::size_t>(shape_of(*part).decimals, 15));
  const std::string shown = part->has_digits ? number_in(*part, value) : literals_of(*part, value);
  return trimmed(writes_sign ? "-" + shown : shown);
}

std::string shown_text(std::string_view text, std::string_view format) {
  if (format.empty() || format == "General" || format == "@") return std::string(text);
  const std::vector<Part> parts = FormatReader(format).read();
  const Part* part = parts.size() >= 4 ? &parts[3] : nullptr;
  if (part == nullptr && parts.size() == 1 && std::any_of(parts[0].tokens.begin(), parts[0].tokens.end(), [](const Token& token) { return token.kind == Token::kText; })) part = parts.data();
  if (part == nullptr) return std::string(text);
  std::string out;
  for (const Token& token : part->tokens) {
    if (token.kind == Token::kLiteral) out += token.text;
    if (token.kind == Token::kText || token.kind == Token::kGeneral) out += text;
  }
  return out;
}

std::string_view builtin_format(int id) {
  switch (id) {
    case 1: return "0";
    case 2: return "0.00";
    case 3: return "#,##0";
    case 4: return "#,##0.00";
    case 5: case 6: return "\"¥\"#,##0;\"¥\"\\-#,##0";
    case 7: case 8: return "\"¥\"#,##0.00;\"¥\"\\-#,##0.00";
    case 9: return "0%";
    case 10: return "0.00%";
    case 11: return "0.00E+00";
    case 12: case 13: return "# ?/?";
    case 14: return "yyyy/m/d";
    case 15: return "d-mmm-yy";
    case 16: return "d-mmm";
    case 17: return "mmm-yy";
    case 18: return "h:mm AM/PM";
    case 19: return "h:mm:ss AM/PM";
    case 20: return "h:mm";
    case 21: return "h:mm:ss";
    case 22: return "yyyy/m/d h:mm";
    case 27: case 36: case 50: case 57: return "[$-411]ge.m.d";
    case 28: case 29: case 51: case 54: case 58: return "[$-411]ggge\"年\"m\"月\"d\"日\"";
    case 30: return "m/d/yy";
    case 31: return "yyyy\"年\"m\"月\"d\"日\"";
    case 32: return "h\"時\"mm\"分\"";
    case 33: return "h\"時\"mm\"分\"ss\"秒\"";
    case 34: case 52: case 55: return "yyyy\"年\"m\"月\"";
    case 35: case 53: case 56: return "m\"月\"d\"日\"";
    case 37: case 38: return "#,##0;\\-#,##0";
    case 39: case 40: return "#,##0.00;\\-#,##0.00";
    case 41: return "#,##0;\\-#,##0;\\-";
    case 42: return "\"¥\"#,##0;\"¥\"\\-#,##0;\"¥\"\\-";
    case 43: return "#,##0.00;\\-#,##0.00;\\-";
    case 44: return "\"¥\"#,##0.00;\"¥\"\\-#,##0.00;\"¥\"\\-";
    case 45: return "mm:ss";
    case 46: return "[h]:mm:ss";
    case 47: return "mm:ss.0";
    case 48: return "##0.0E+0";
    case 49: return "@";
    default: return "General";
  }
}

}  // namespace sekisho::worker
