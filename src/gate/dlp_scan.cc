#include "gate/dlp_scan.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "text/utf8.h"

namespace sekisho::gate::dlp {
namespace {

struct DigitRange {
  char32_t first;
  char32_t last;
  int value;  ///< Of the first; they count up.
};
constexpr std::array kDigitRanges = {
    DigitRange{'0', '9', 0},       DigitRange{0xB2, 0xB3, 2},     DigitRange{0xB9, 0xB9, 1},     DigitRange{0x2070, 0x2070, 0},
    DigitRange{0x2074, 0x2079, 4}, DigitRange{0x2080, 0x2089, 0}, DigitRange{0x2460, 0x2468, 1}, DigitRange{0x2474, 0x247C, 1},
    DigitRange{0x2488, 0x2490, 1}, DigitRange{0x24EA, 0x24EA, 0}, DigitRange{0x24F5, 0x24FD, 1}, DigitRange{0x24FF, 0x24FF, 0},
    DigitRange{0x2776, 0x277E, 1}, DigitRange{0x2780, 0x2788, 1}, DigitRange{0x278A, 0x2792, 1}, DigitRange{0xFF10, 0xFF19, 0},
    DigitRange{0x1D7CE, 0x1D7D7, 0}, DigitRange{0x1D7D8, 0x1D7E1, 0}, DigitRange{0x1D7E2, 0x1D7EB, 0}, DigitRange{0x1D7EC, 0x1D7F5, 0},
    DigitRange{0x1D7F6, 0x1D7FF, 0}};

int kanji_digit(char32_t c) {
  switch (c) {
    case U'〇': case U'零': return 0;
    case U'一': case U'壱': case U'壹': return 1;
    case U'二': case U'弐': case U'貳': return 2;
    case U'三': case U'参': case U'參': return 3;
    case U'四': case U'肆': return 4;
    case U'五': case U'伍': return 5;
    case U'六': case U'陸': return 6;
    case U'七': case U'漆': return 7;
    case U'八': case U'捌': return 8;
    case U'九': case U'玖': return 9;
    default: return -1;
  }
}

/// What may stand between digits, by ranges in order: not % and $, not 。, no letter of any script.
struct MarkRange {
  char32_t first;
  char32_t last;
};
constexpr std::array kMarks = {
    MarkRange{0x01, '#'},        MarkRange{'&', '/'},         MarkRange{':', '>'},         MarkRange{'[', '`'},         MarkRange{'{', 0xA0},        MarkRange{0xAD, 0xAD},
    MarkRange{0xB7, 0xB7},       MarkRange{0x300, 0x36F},     MarkRange{0x180E, 0x180E},   MarkRange{0x2000, 0x202F},   MarkRange{0x2031, 0x206F},   MarkRange{0x20D0, 0x20F0},
    MarkRange{0x2212, 0x2212},   MarkRange{0x2500, 0x257F},   MarkRange{0x3000, 0x3001},   MarkRange{0x3003, 0x3003},   MarkRange{0x3008, 0x3011},   MarkRange{0x3014, 0x301D},
    MarkRange{0x30FB, 0x30FC},   MarkRange{0xFE00, 0xFE0F},   MarkRange{0xFE30, 0xFE6B},   MarkRange{0xFEFF, 0xFEFF},   MarkRange{0xFF02, 0xFF03},   MarkRange{0xFF07, 0xFF0A},
    MarkRange{0xFF0C, 0xFF0F},   MarkRange{0xFF1A, 0xFF1E},   MarkRange{0xFF3B, 0xFF40},   MarkRange{0xFF5B, 0xFF65},   MarkRange{0xFF70, 0xFF70},   MarkRange{0xFFE8, 0xFFE8},
    MarkRange{0xE0100, 0xE01EF}};

constexpr std::u32string_view kUnits = U"十拾百佰千仟万萬億兆";

/// Longest run of marks between two digits of one number: two tags of a table with their indentation.
constexpr std::size_t kGapBytes = 24;
/// Two candidates further apart than this are not of one run.
constexpr std::size_t kNearBytes = kGapBytes + 8;
constexpr std::size_t kTagBytes = 24;
constexpr std::size_t kPlaceBytes = 90;
constexpr int kDigits_min = 7;

/// For each nibble of three neighbouring bytes the patterns that it fits, one bit a pattern: what fits in all six may be one.
struct Nibbles {
  std::array<std::array<std::uint8_t, 16>, 3> low{};
  std::array<std::array<std::uint8_t, 16>, 3> high{};
};

constexpr void fit(Nibbles& nibbles, std::size_t place, int pattern, std::initializer_list<int> bytes) {
  for (const int byte : bytes) {
    nibbles.low[place][static_cast<std::size_t>(byte & 15)] |= static_cast<std::uint8_t>(1 << pattern);
    nibbles.high[place][static_cast<std::size_t>(byte >> 4)] |= static_cast<std::uint8_t>(1 << pattern);
  }
}
constexpr void fit_any(Nibbles& nibbles, int pattern) {
  for (std::size_t place = 1; place < 3; ++place) {
    for (std::size_t i = 0; i < 16; ++i) {
      nibbles.low[place][i] |= static_cast<std::uint8_t>(1 << pattern);
      nibbles.high[place][i] |= static_cast<std::uint8_t>(1 << pattern);
    }
  }
}
constexpr void fit_three(Nibbles& nibbles, int pattern, std::initializer_list<int> first, std::initializer_list<int> second,
                         std::initializer_list<int> third) {
  fit(nibbles, 0, pattern, first);
  fit(nibbles, 1, pattern, second);
  fit(nibbles, 2, pattern, third);
}

constexpr Nibbles make_nibbles() {
  Nibbles n;
  fit(n, 0, 0, {0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39});
  fit_any(n, 0);
  fit(n, 0, 1, {'@'});
  fit_any(n, 1);
  fit_three(n, 2, {0xEF}, {0xBC}, {0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0xA0});  // ０–９ ＠
  fit_three(n, 3, {0xE4}, {0xB8, 0xB9, 0xBA, 0xBC}, {0x80, 0x81, 0x83, 0x89, 0x9D, 0x8C, 0x94, 0x8D});  // 一丁七三 九 二五 伍
  fit_three(n, 4, {0xE7, 0xE3}, {0x94, 0x95, 0x80}, {0x9F, 0xAA, 0x87});  // 生 番 〇
  fit_three(n, 4, {0xE9}, {0x9B}, {0xB6});                                        // 零
  fit_three(n, 5, {0xE5}, {0x85, 0x9B}, {0xAB, 0xAD, 0x9B});  // 八六 四
  fit_three(n, 6, {0xE5}, {0xA3, 0xBC, 0x8F}, {0xB1, 0xB9, 0x90, 0x82, 0x83});    // 壱壹 弐 参參
  fit_three(n, 6, {0xE8}, {0xB2}, {0xB3});                                        // 貳
  fit_three(n, 7, {0xE2, 0xF0}, {0x81, 0x82, 0x91, 0x92, 0x93, 0x9D, 0x9E},                                        // ① ⑴ ⒈ ❶ ⁴ ₄ 𝟕
            {0x80, 0x91, 0xA2, 0xB3, 0x84, 0x95, 0xA6, 0xB7, 0x88, 0x99, 0xAA, 0xBB, 0x8C, 0x9D, 0xAE, 0xBF});
  return n;
}
constexpr Nibbles kNibbles = make_nibbles();

std::uint8_t patterns_at(std::string_view text, std::size_t at) {
  std::uint8_t fits = 0xFF;
  for (std::size_t place = 0; place < 3; ++place) {
    // What the text's end cuts off fits the patterns of one byte alone.
    const auto byte = static_cast<std::uint8_t>(at + place < text.size() ? text[at + place] : '\0');
    fits &= static_cast<std::uint8_t>(kNibbles.low[place][byte & 15] & kNibbles.high[place][byte >> 4]);
  }
  return fits;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) __m256i fits(__m256i bytes, std::size_t place) {
  const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kNibbles.low[place].data())));
  const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kNibbles.high[place].data())));
  const __m256i nibble = _mm256_set1_epi8(15);
  return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(bytes, nibble)),
                          _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble)));
}

/// Calls `visit` at each candidate of 32 places at a time; stops two bytes before the end and returns where.
template <typename Visit>
__attribute__((target("avx2"))) std::size_t visit_avx2(std::string_view text, std::size_t next, Visit&& visit) {
  const auto load = [&](std::size_t at) __attribute__((target("avx2"))) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
  };
  std::size_t from = next;
  for (; from + 34 <= text.size(); from += 32) {
    const __m256i all = _mm256_and_si256(fits(load(from), 0), _mm256_and_si256(fits(load(from + 1), 1), fits(load(from + 2), 2)));
    auto candidates = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(all, _mm256_setzero_si256())));
    for (; candidates != 0; candidates &= candidates - 1) {
      const std::size_t at = from + static_cast<std::size_t>(__builtin_ctz(candidates));
      if (at >= next) next = visit(at);
    }
  }
  return std::max(from, next);
}
#endif

/// text::character_at, in place for what most characters here are.
inline text::Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, at, 1};
  const bool three = first > 0xE0 && first < 0xED && at + 2 < text.size() && (byte(1) & 0xC0) == 0x80 && (byte(2) & 0xC0) == 0x80;
  if (!three) return text::character_at(text, at);
  return {static_cast<char32_t>((first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F)), at, 3};
}

/// Calls `visit(at)` at each byte where a character that may matter begins; it returns where to go on.
template <typename Visit>
void visit_candidates(std::string_view text, Processor processor, Visit&& visit) {
  std::size_t at = 0;
#if defined(__x86_64__)
  static const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;
  if (kHasAvx2 && processor == Processor::kBest) at = visit_avx2(text, at, visit);
#endif
  while (at < text.size()) at = patterns_at(text, at) == 0 ? at + 1 : visit(at);
}

constexpr std::u32string_view kDashes = U"-‐‑‒–—―−－ー─ｰ";

/// What stands between two digits: whether it may, and how many more digits are in it (misread ones, rare 大字).
struct Gap {
  bool joins = false;
  bool dash = false;
  int digits = 0;
};

Gap gap_between(std::string_view text, std::size_t begin, std::size_t end) {
  Gap gap;
  if (end - begin > kGapBytes) return gap;
  for (std::size_t at = begin; at < end;) {
    if (text[at] == '<') {
      const std::size_t close = text.find('>', at);
      if (close < end && close - at <= kTagBytes) {
        at = close + 1;
        continue;
      }
    }
    const text::Character c = character_at(text, at);
    if (digit_value(c.value) >= 0 || misread_digit(c.value) >= 0) {
      ++gap.digits;
    } else if (is_numeral_unit(c.value)) {
      ++gap.digits;  // 百七十二万: written out, a number has fewer digits than its value.
    } else if (!is_separator(c.value)) {
      return gap;
    } else if (kDashes.find(c.value) != std::u32string_view::npos) {
      gap.dash = true;
    }
    at = c.end();
  }
  gap.joins = true;
  return gap;
}

bool follows(std::string_view text, std::size_t at, std::string_view what) { return text.substr(std::min(at, text.size())).starts_with(what); }
bool precedes(std::string_view text, std::size_t at, std::string_view what) { return text.substr(0, at).ends_with(what); }

/// Joins digits to runs as they come and keeps those that may matter.
class Spotter {
 public:
  explicit Spotter(std::string_view text) : text_(text) {}

  std::vector<Spot> run() {
    visit_candidates(text_, Processor::kBest, [this](std::size_t at) { return take(at); });
    look_at_waiting(true);
    flush();
    return std::move(spots_);
  }

 private:
  /// Most candidates of a prose stand alone: 一般, 2年. Those are passed over unread but for the words of interest.
  std::size_t take(std::size_t at) {
    const bool near = last_ != kNone && at - last_ <= kNearBytes;
    look_at_waiting(!near);
    last_ = at;
    if (near) return look(at);
    waiting_ = at;
    return at + 1;
  }
  void look_at_waiting(bool stands_alone) {
    if (waiting_ == kNone) return;
    const char first = text_[waiting_];
    const bool may_be_word = first == '@' || first == '\xEF' || first == '\xE7' || text_.substr(waiting_).starts_with("丁");
    if (!stands_alone || may_be_word) look(waiting_);
    waiting_ = kNone;
  }
  std::size_t look(std::size_t at) {
    const text::Character c = character_at(text_, at);
    if (digit_value(c.value) >= 0) {
      add(c);
    } else if (is_word_of_interest(c)) {
      spots_.push_back({c.begin, c.end()});
    }
    return c.end();
  }
  [[nodiscard]] bool is_word_of_interest(const text::Character& c) const {
    switch (c.value) {
      case '@':
      case U'＠': return true;
      case U'生': return is_birth(c);
      case U'番': return follows(text_, c.end(), "地") && follows_a_place(c.begin);
      case U'丁': return follows(text_, c.end(), "目") && follows_a_place(c.begin);
      default: return false;
    }
  }
  /// 生年月日, 誕生日, 4月1日生まれ.
  [[nodiscard]] bool is_birth(const text::Character& c) const {
    return follows(text_, c.end(), "年月日") || (precedes(text_, c.begin, "誕") && follows(text_, c.end(), "日")) || precedes(text_, c.begin, "日") ||
           precedes(text_, c.begin, "日)") || precedes(text_, c.begin, "日）");
  }
  void add(const text::Character& c) {
    if (digits_ > 0 && c.begin != spot_.end) {
      const Gap gap = gap_between(text_, spot_.end, c.begin);
      if (!gap.joins) flush();
      if (gap.joins) digits_ += gap.digits;
      if (gap.joins && gap.dash) ++dashes_;
    }
    if (digits_ == 0) spot_.begin = c.begin;
    spot_.end = c.end();
    ++digits_;
  }
  void flush() {
    if (digits_ >= 2) widen();
    if (digits_ >= kDigits_min || (digits_ >= 2 && dashes_ > 0 && follows_a_place(spot_.begin))) spots_.push_back(spot_);
    digits_ = 0;
    dashes_ = 0;
  }
  /// Misread digits and rare 大字 beside the run are no candidates of their own.
  void widen() {
    const auto counts = [](char32_t c) { return digit_value(c) >= 0 || misread_digit(c) >= 0; };
    for (int i = 0; i < kDigits_min && spot_.end < text_.size(); ++i) {
      const text::Character c = text::character_at(text_, spot_.end);
      if (!counts(c.value)) break;
      spot_.end = c.end();
      ++digits_;
    }
    for (int i = 0; i < kDigits_min && spot_.begin > 0; ++i) {
      const std::size_t at = text::character_boundary_before(text_, spot_.begin - 1);
      if (!counts(text::character_at(text_, at).value)) break;
      spot_.begin = at;
      ++digits_;
    }
  }
  /// 千代田区霞が関1-2-3: few digits, but a house number after the name of a place.
  [[nodiscard]] bool follows_a_place(std::size_t at) const {
    constexpr std::array<std::string_view, 8> kPlaces = {"市", "区", "町", "村", "郡", "都", "府", "県"};
    const std::string_view before = text_.substr(at - std::min(at, kPlaceBytes), std::min(at, kPlaceBytes));
    return std::any_of(kPlaces.begin(), kPlaces.end(), [&](std::string_view place) { return before.find(place) != std::string_view::npos; });
  }

  static constexpr std::size_t kNone = std::string_view::npos;

  std::string_view text_;
  std::vector<Spot> spots_;
  std::size_t last_ = kNone;     ///< The last candidate.
  std::size_t waiting_ = kNone;  ///< It, where nothing is near it so far.
  Spot spot_;
  int digits_ = 0;
  int dashes_ = 0;
};

}  // namespace

int digit_value(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9' ? static_cast<int>(c - '0') : -1;
  if (text::is_kanji(c)) return kanji_digit(c);
  const auto range = std::find_if(kDigitRanges.begin(), kDigitRanges.end(), [c](const DigitRange& r) { return c >= r.first && c <= r.last; });
  return range == kDigitRanges.end() ? -1 : range->value + static_cast<int>(c - range->first);
}

bool is_numeral_unit(char32_t c) { return kUnits.find(c) != std::u32string_view::npos; }

int misread_digit(char32_t c) {
  switch (c) {
    case 'o': case 'O': case U'ｏ': case U'Ｏ': case U'○': case U'◯': return 0;
    case 'l': case 'I': case 'i': case U'ｌ': case U'Ｉ': return 1;
    case 'z': case 'Z': return 2;
    case 's': case 'S': return 5;
    case 'B': case 'b': return 8;
    default: return -1;
  }
}

bool is_separator(char32_t c) {
  const auto after = std::upper_bound(kMarks.begin(), kMarks.end(), c, [](char32_t point, const MarkRange& range) { return point < range.first; });
  return after != kMarks.begin() && c <= std::prev(after)->last;
}

void for_each_candidate(std::string_view text, Processor processor, const std::function<std::size_t(std::size_t)>& visit) {
  visit_candidates(text, processor, visit);
}

std::vector<Spot> spots_of(std::string_view text) { return Spotter(text).run(); }

}  // namespace sekisho::gate::dlp
