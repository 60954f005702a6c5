#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho::text {

/// What a line opens, in Japanese laws, notices and minutes.
enum class HeadingKind {
  kMarkdown,       ///< # 見出し
  kPart,           ///< 第一編, 第1部
  kChapter,        ///< 第一章
  kSection,        ///< 第2節, 第3款, 第4目
  kSupplement,     ///< 附則, 附　則
  kAnnex,          ///< 別表, 別表第二, 別紙, 別記, 様式第1号
  kArticle,        ///< 第十条, 第23条の2
  kParagraph,      ///< 第３項, and a lone １, 2 or ② at the start of a line
  kItem,           ///< 第四号, 一, 二; (1); ア; (ア); イ; a; ⅰ
  kNumbered,       ///< 第1, 1., 1　見出し, 1-2, 1.2.3: the numbering of reports and notices
  kMark,           ///< ■, ●, ○, ◎, ◆, □, ・ before a heading, and 【見出し】
};

/// A heading at the start of a line.
struct Heading {
  HeadingKind kind = HeadingKind::kMark;
  int level = 0;              ///< 1 is the widest: part 1, chapter 2, section 3, article 4, paragraph 5, item 6 …
  std::int64_t number = 0;    ///< 第二十三条の二 → 23; 0 where it has none.
  std::string label;          ///< What is cited, in digits and without the space after: "第23条の2", "(1)", "ア", "附則".
  std::string title;          ///< The rest where it names the part: 総則, and the （見出し） of an article; else empty.
  std::size_t body = 0;       ///< Byte offset in the line where the text after label and title begins.
};

/// The heading that opens `line` (one line, without its end), or nothing where the line is plain text. A marker counts only with
/// a space, bracket or line end after it, as laws and notices write them, so that 一般に or アクセス do not. 第十条の規定により…, a
/// reference at the start of a line, is no heading.
/// Threads: pure.
[[nodiscard]] std::optional<Heading> heading_of(std::string_view line);

/// Whether `line` is nothing but a bracketed caption, as laws put above an article: （目的）.
[[nodiscard]] bool is_caption(std::string_view line);

}  // namespace sekisho::text
