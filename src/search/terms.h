#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/words.h"

namespace sekisho::search {

/// The three fields in which a passage is found.
enum class Field : std::uint8_t { kWords, kBigrams, kPairs };
inline constexpr std::size_t kFields = 3;

/// A term's name in the index: a 40-bit hash for words and pairs, the code points themselves for bigrams.
using TermKey = std::uint64_t;

struct TermCount {
  TermKey key = 0;
  std::uint32_t count = 0;
  bool operator==(const TermCount&) const = default;
};

/// All terms of one passage: what the index needs to know of it.
struct PassageTerms {
  struct FieldTerms {
    std::vector<TermCount> terms;  ///< By ascending key, each once.
    std::uint32_t length = 0;      ///< Terms that count for the length of the passage.
    bool operator==(const FieldTerms&) const = default;
  };
  std::array<FieldTerms, kFields> fields;
  bool operator==(const PassageTerms&) const = default;

  /// A compact, versioned form, stored with the passage in the same transaction (the forward blob). ≈ 2 × the text.
  [[nodiscard]] std::string to_blob() const;
  /// Errors: kCorrupt (damaged), kUnsupported (another format version).
  [[nodiscard]] static Result<PassageTerms> from_blob(std::string_view blob);
};

/// Analyses a passage. `title` is searched as part of the text. Threads: pure.
[[nodiscard]] PassageTerms terms_of_passage(const text::WordAnalyser& analyser, std::string_view title, std::string_view body);

/// Which analysis made the terms: blobs and snapshots of another version must be made again from the text.
[[nodiscard]] std::string terms_version(const text::WordAnalyser& analyser);

/// One term of a question, as often as it occurs.
struct NamedTerm {
  Field field = Field::kWords;
  TermKey key = 0;
  std::string name;       ///< Readable: the word, the two characters, or "word word".
  std::size_t begin = 0;  ///< Byte range in the analysed text, which is in index form.
  std::size_t end = 0;
};
/// The terms of `folded` (index form) in the order of their fields and places. A single kanji is a term only where it stands alone.
[[nodiscard]] std::vector<NamedTerm> terms_of_question(const text::WordAnalyser& analyser, std::string_view folded);

}  // namespace sekisho::search
