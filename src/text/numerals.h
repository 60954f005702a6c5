#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/sentences.h"

namespace sekisho::text {

/// The value of a whole numeral: 漢数字 by place (二千二十五, 三万五千, 一億二千万), digit by digit (二〇二五), 大字 (壱弐参拾),
/// 廿 and 卅, digits of any width with 3-digit commas (1,234), and both mixed (3万5千, 12億). Nothing where `numeral` is not
/// wholly one such numeral, is ambiguous nonsense (二十百), or exceeds 10^18. Threads: pure.
[[nodiscard]] std::optional<std::int64_t> numeral_value(std::string_view numeral);

/// A numeral found in a text.
struct Numeral {
  ByteRange range;
  std::int64_t value = 0;
  int decimals = 0;           ///< Digits after the decimal point: 3.14 has value 314 and decimals 2.
  bool in_kanji = false;      ///< Written with 漢数字 (also 3万5千).
};

/// The numerals of `text`, longest first at each place, left to right. A single 漢数字 counts only where a counter or 第 beside
/// it shows that it is one (三条, 第一 …; not 一般, 三重県, 千葉).
[[nodiscard]] std::vector<Numeral> find_numerals(std::string_view text);

/// `value` in 漢数字 by place: 234 → 二百三十四, 0 → 〇. `value` must be 0 to 10^16 − 1.
[[nodiscard]] std::string kanji_numeral(std::int64_t value);

/// The canonical name of an article reference: 第二十三条の二第三項第四号イ → "23条の2第3項第4号イ"; the same for 第23条の2第3項第4号イ and
/// ２３条の２第３項第４号イ. Empty where `reference` is not wholly one reference.
[[nodiscard]] std::string canonical_article(std::string_view reference);

/// An article reference (第十条, 第23条の2第3項, 附則第2条) found in a text.
struct ArticleReference {
  ByteRange range;
  std::string canonical;
};
[[nodiscard]] std::vector<ArticleReference> find_articles(std::string_view text);

}  // namespace sekisho::text
