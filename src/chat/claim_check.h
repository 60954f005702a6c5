#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/sentences.h"
#include "text/words.h"

namespace sekisho::chat {

/// How a sentence of an answer stands to the passages that were read.
enum class ClaimVerdict {
  kSupported,    ///< 裏付けあり: its figures, dates and names are in one passage, and so is most of its wording.
  kNeedsReview,  ///< 要確認: something in it is not in the passage that fits best.
  kNoSource,     ///< 出典なし: nothing was read, or the sentence claims nothing.
};
[[nodiscard]] std::string_view name_of(ClaimVerdict verdict);

/// A passage as the check sees it.
struct SourceText {
  int number = 0;        ///< Its number in the answer, from 1.
  std::string_view text;  ///< Title, path and body.
};

/// One sentence and its verdict.
struct Claim {
  text::ByteRange range;  ///< In the answer.
  ClaimVerdict verdict = ClaimVerdict::kNoSource;
  std::vector<int> sources;          ///< Numbers of the passages that support it best, best first.
  std::vector<std::string> matched;  ///< Words of the sentence that the passage has, as they stand.
  std::vector<std::string> missing;  ///< Words and figures that it lacks.
};

/// The share of the character bigrams of `needle` that `hay` has, both in index form; bigrams of hiragana alone do not
/// count. 1 where nothing counts. Source: RETRIEVAL's bigram field.
[[nodiscard]] double bigram_coverage(std::string_view needle, std::string_view hay);

/// Compares sentences with passages by what can be computed: figures and dates by value whichever way they are written,
/// proper names, content words, character bigrams. No model has a part in it.
///
/// Threads: safe from any. `analyser` must outlive the checker.
class ClaimChecker {
 public:
  explicit ClaimChecker(const text::WordAnalyser& analyser) : analyser_(analyser) {}

  /// The verdict on `sentence`. `claim.range` is left empty.
  [[nodiscard]] Claim check(std::string_view sentence, const std::vector<SourceText>& sources) const;
  /// The share of the content words of `words_of` (figures by value) that `passage` has; 1 where there are none.
  [[nodiscard]] double word_coverage(std::string_view words_of, std::string_view passage) const;
  /// The same for a question: what it asks with (いくら, いつ, 教えて, …) need not be there.
  [[nodiscard]] double question_coverage(std::string_view question, std::string_view passage) const;
  /// The same of the passage's best sentence: words that stand together say more than words that stand about.
  [[nodiscard]] double sentence_coverage(std::string_view question, std::string_view passage) const;

 private:
  const text::WordAnalyser& analyser_;
};

}  // namespace sekisho::chat
