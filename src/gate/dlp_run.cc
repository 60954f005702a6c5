#include "gate/dlp_run.h"

#include <algorithm>

#include "gate/dlp_scan.h"
#include "text/numerals.h"
#include "text/utf8.h"

namespace sekisho::gate::dlp {
namespace {

constexpr std::size_t kTagPoints = 24;
constexpr std::size_t kGapPoints = 64;
constexpr std::size_t kSpelledDigits_min = 7;

bool is_digit(char32_t c) { return digit_value(c) >= 0; }
bool is_letter(char32_t c) { return c >= 'a' && c <= 'z'; }

class RunReader {
 public:
  explicit RunReader(std::u32string_view text) : text_(text) {}

  std::vector<Run> read() {
    for (std::size_t at = 0; at < text_.size();) {
      const bool word = is_digit(text_[at]) || is_letter(text_[at]) || (misread_digit(text_[at]) >= 0 && beside_digit(at));
      if (word || (is_numeral_unit(text_[at]) && (at == 0 || !is_digit(text_[at - 1])) && read_spelled(at) != at)) {
        at = word ? read_word(at) : spelled_end_;
      } else {
        at = skip(at);
      }
    }
    end_run();
    return std::move(runs_);
  }

 private:
  [[nodiscard]] bool beside_digit(std::size_t at) const {
    return (at > 0 && is_digit(text_[at - 1])) || (at + 1 < text_.size() && is_digit(text_[at + 1])) || separator_ != 0;
  }
  /// A separator, a tag, or what ends the run.
  std::size_t skip(std::size_t at) {
    if (text_[at] == '<') {
      const std::size_t close = text_.substr(at, kTagPoints).find(U'>');
      if (close != std::u32string_view::npos) {
        note('<', at, close + 1);
        return at + close + 1;
      }
    }
    if (is_separator(text_[at])) {
      note(text_[at], at, 1);
    } else {
      end_run();
    }
    return at + 1;
  }
  /// A mark outweighs a line end, and that a space.
  void note(char32_t mark, std::size_t at, std::size_t size) {
    if (!run_.empty() && at + size - run_.back().end > kGapPoints) return end_run();
    const auto weight = [](char32_t c) { return c == 0 ? 0 : c == ' ' || c == '\t' || c == 0x3000 ? 1 : c == '\n' ? 2 : 3; };
    if (weight(mark) > weight(separator_)) separator_ = mark;
  }
  std::size_t read_word(std::size_t at) {
    if (read_spelled(at) != at) return spelled_end_;
    std::size_t end = at;
    std::size_t digits = 0;
    std::size_t misread = 0;
    for (; end < text_.size() && (is_digit(text_[end]) || is_letter(text_[end]) || misread_digit(text_[end]) >= 0); ++end) {
      if (is_digit(text_[end])) ++digits;
      if (!is_digit(text_[end]) && misread_digit(text_[end]) >= 0) ++misread;
    }
    const bool number = digits + misread == end - at && (digits >= misread || (end - at <= 4 && in_broken_number()));
    if (number) {
      Piece piece = piece_at(at, end);
      for (std::size_t i = at; i < end; ++i) {
        const int value = is_digit(text_[i]) ? digit_value(text_[i]) : misread_digit(text_[i]);
        piece.digits += static_cast<char>('0' + value);
        if (!is_digit(text_[i])) piece.letters += text_[i] < 0x80 ? static_cast<char>(text_[i]) : '?';
      }
      run_.push_back(std::move(piece));
    } else {
      read_mixed(at, end);
    }
    separator_ = 0;
    return end;
  }
  /// Within digits parted one by one or by fours, a letter alone may be a digit too.
  [[nodiscard]] bool in_broken_number() const { return separator_ != 0 && !run_.empty() && !run_.back().digits.empty(); }
  /// ab12345678cd: each stretch of letters and of digits is a piece.
  void read_mixed(std::size_t at, std::size_t end) {
    while (at < end) {
      const bool digits = is_digit(text_[at]);
      Piece piece = piece_at(at, at);
      for (; at < end && is_digit(text_[at]) == digits; ++at) {
        if (digits) piece.digits += static_cast<char>('0' + digit_value(text_[at]));
        if (!digits) piece.letters += text_[at] < 0x80 ? static_cast<char>(text_[at]) : '?';
      }
      piece.end = at;
      run_.push_back(std::move(piece));
      separator_ = 0;
    }
  }
  /// 九千八百三十二億五百六十七万三千二百十四 as one piece.
  std::size_t read_spelled(std::size_t at) {
    std::size_t end = at;
    bool units = false;
    for (; end < text_.size() && (is_digit(text_[end]) || is_numeral_unit(text_[end])); ++end) units = units || is_numeral_unit(text_[end]);
    if (!units) return at;
    const auto value = text::numeral_value(text::to_utf8(text_.substr(at, end - at)));
    if (!value) return at;
    Piece piece = piece_at(at, end);
    piece.digits = std::to_string(*value);
    piece.spelled = true;
    if (piece.digits.size() < kSpelledDigits_min) end_run();
    if (piece.digits.size() >= kSpelledDigits_min) run_.push_back(std::move(piece));
    separator_ = 0;
    return spelled_end_ = end;
  }
  [[nodiscard]] Piece piece_at(std::size_t begin, std::size_t end) {
    Piece piece;
    piece.begin = begin;
    piece.end = end;
    piece.before = run_.empty() ? 0 : separator_;
    return piece;
  }
  void end_run() {
    if (std::any_of(run_.begin(), run_.end(), [](const Piece& piece) { return !piece.digits.empty(); })) runs_.push_back(std::move(run_));
    run_.clear();
    separator_ = 0;
  }

  std::u32string_view text_;
  std::vector<Run> runs_;
  Run run_;
  char32_t separator_ = 0;
  std::size_t spelled_end_ = 0;  ///< Where the last numeral ended that was written out.
};

char32_t family_of(char32_t separator) {
  constexpr std::u32string_view kDashes = U"-ー‐‑‒–—―−－ｰ─_~";
  if (kDashes.find(separator) != std::u32string_view::npos) return '-';
  if (text::is_space(separator) && separator != '\n') return ' ';
  return separator;
}

}  // namespace

std::vector<Run> runs_of(std::u32string_view text) { return RunReader(text).read(); }

std::string digits_of(const Run& run, std::size_t first, std::size_t last) {
  std::string digits;
  for (std::size_t i = first; i <= last; ++i) digits += run[i].digits;
  return digits;
}

Grouping grouping_of(const Run& run, std::size_t first, std::size_t last) {
  if (first == last) return Grouping::kOne;
  std::size_t line_ends = 0;
  bool one_separator = true;
  bool one_size = true;
  char32_t separator = 0;
  for (std::size_t i = first + 1; i <= last; ++i) {
    const char32_t family = family_of(run[i].before);
    if (family == '\n') ++line_ends;
    if (separator == 0 || separator == '\n') separator = family;
    one_separator = one_separator && (family == separator || family == '\n');
    one_size = one_size && run[i].digits.size() == run[first].digits.size();
  }
  if (one_separator && one_size && (line_ends == 0 || line_ends == last - first)) return Grouping::kEven;
  if (one_separator && line_ends == 1) return Grouping::kWrapped;
  return Grouping::kUneven;
}

}  // namespace sekisho::gate::dlp
