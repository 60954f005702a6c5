#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "search/terms.h"

namespace sekisho::search {

/// One distinct term of a question.
struct QueryTerm {
  Field field = Field::kWords;
  TermKey key = 0;
  std::uint32_t count = 1;  ///< How often the question has it; its score counts so many times.
  float boost = 1;          ///< Above 1 inside a quoted phrase.
  std::string name;         ///< For `--explain`.
};

/// A question as the index understands it.
struct Query {
  std::vector<QueryTerm> terms;  ///< In a fixed order, so that scores are the same to the last bit each time.
  [[nodiscard]] bool empty() const { return terms.empty(); }
};

/// Analyses a question. Any word may match (OR): passages with more and rarer ones come first. A phrase in "…" or 「…」
/// weighs more. A word of two characters or of one kanji is found also inside longer words.
/// Beyond limits::kQueryTerms the terms that come last are dropped. Threads: pure.
[[nodiscard]] Query parse_query(const text::WordAnalyser& analyser, std::string_view question);

}  // namespace sekisho::search
