#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sekisho::text {

/// The parts of speech that the program tells apart (from IPADIC's first two columns).
enum class WordKind {
  kNoun,         ///< 名詞,一般 / サ変接続 / 形容動詞語幹 / 副詞可能 …
  kProperNoun,   ///< 名詞,固有名詞
  kNumber,       ///< 名詞,数: digits and 漢数字; a run of them is one word.
  kSuffix,       ///< 名詞,接尾 (課, 的, 条, 円)
  kPrefix,       ///< 接頭詞 (第, 約, 各)
  kFormalNoun,   ///< 名詞,非自立 and 代名詞 (こと, もの, これ)
  kVerb,         ///< 動詞,自立
  kHelperVerb,   ///< 動詞,非自立 / 接尾, 助動詞 (いる, られる, ない)
  kAdjective,    ///< 形容詞
  kAdverb,       ///< 副詞, 連体詞
  kConjunction,  ///< 接続詞, 感動詞, フィラー
  kParticle,     ///< 助詞
  kSymbol,       ///< 記号, and whatever has neither letter nor digit
};

/// What a proper noun names (IPADIC's third and fourth columns).
enum class Naming {
  kNothing,  ///< No proper noun, or of something else.
  kFamily,   ///< 人名,姓
  kGiven,    ///< 人名,名
  kPerson,   ///< 人名,一般: a whole name, or a foreign one.
  kPlace,    ///< 地域, and 接尾,地域 (県, 市, 区, 町)
};

/// One word of an analysed text.
struct Word {
  WordKind kind = WordKind::kSymbol;
  Naming naming = Naming::kNothing;
  /// Dictionary form (申し込んだ → 申し込む); a number in digits (二百三十四 → 234); the surface where the dictionary has none.
  std::string base;
  std::size_t begin = 0;  ///< Byte range in the text that was analysed.
  std::size_t end = 0;
  /// Whether the word says what the text is about: nouns, numbers, verbs, adjectives, adverbs, prefixes and suffixes.
  bool content = false;
};

/// Cuts Japanese text into words with MeCab and IPADIC.
///
/// Threads: safe from any; each concurrent call has its own tagger and lattice. ≈ 4 MB/s a thread.
class WordAnalyser {
 public:
  /// Opens the dictionary folder `dictionary`, or, where it is empty, the first IPADIC in UTF-8 among Debian's places.
  /// Errors: kUnavailable (no dictionary, or MeCab refuses it).
  [[nodiscard]] static Result<std::unique_ptr<WordAnalyser>> open(const std::string& dictionary = "");
  ~WordAnalyser();
  WordAnalyser(const WordAnalyser&) = delete;
  WordAnalyser& operator=(const WordAnalyser&) = delete;

  /// All words of `folded`, which is in index form (normalize.h). Long texts are cut at line and sentence ends first.
  [[nodiscard]] std::vector<Word> analyse(std::string_view folded) const;

  /// Names the dictionary (by size and content of its files) and our own rules: two analysers with the same version give the same words.
  /// An index made under another version must be rebuilt from the text.
  [[nodiscard]] const std::string& version() const { return version_; }

 private:
  struct Model;
  explicit WordAnalyser(std::unique_ptr<Model> model, std::string version);
  std::unique_ptr<Model> model_;
  std::string version_;
};

/// WordAnalyser::version().
[[nodiscard]] inline const std::string& analyser_version(const WordAnalyser& analyser) { return analyser.version(); }

}  // namespace sekisho::text
