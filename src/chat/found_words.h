#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "chat/conversation_search.h"
#include "search/terms.h"
#include "text/words.h"

namespace sekisho::chat {

/// What a person typed to find something again, word by word (between spaces), as the index and the texts know it.
struct Wanted {
  struct Part {
    std::string literal;                    ///< In index form.
    std::vector<search::TermKey> words;     ///< Variant keys; all of them together stand for the literal.
    std::vector<search::TermKey> bigrams;   ///< Of the literal; empty where it has none (all hiragana).
  };
  std::vector<Part> parts;
};
/// Threads: pure, here and below.
[[nodiscard]] Wanted wanted_of(const text::WordAnalyser& analyser, std::string_view query);

/// The token of a term in the index, and the expression that all texts with all parts satisfy; some others may, too.
/// `owner` restricts it to one person's texts.
[[nodiscard]] std::string token_of(search::Field field, search::TermKey key);
[[nodiscard]] std::string owner_token(std::string_view owner);
[[nodiscard]] std::string expression_of(const Wanted& wanted, std::string_view owner);
/// All tokens of a text, for the index.
[[nodiscard]] std::string tokens_of(const text::WordAnalyser& analyser, std::string_view title, std::string_view body);

/// Where the parts stand in one text.
struct Places {
  struct Range {
    std::size_t begin = 0;  ///< Bytes of the original.
    std::size_t end = 0;
  };
  std::vector<bool> found;    ///< For each part.
  std::vector<Range> ranges;  ///< In order, none overlapping.
};
[[nodiscard]] Places places_in(const text::WordAnalyser& analyser, const Wanted& wanted, std::string_view original);

/// The surroundings of the first place, in one line, with all places in it marked.
[[nodiscard]] std::vector<Piece> snippet_of(std::string_view original, const std::vector<Places::Range>& ranges);

}  // namespace sekisho::chat
