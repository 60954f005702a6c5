#include "search/terms.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "search/byte_coding.h"
#include "text/era_date.h"
#include "text/normalize.h"
#include "text/utf8.h"
#include "text/variants.h"

namespace sekisho::search {
namespace {

constexpr std::uint64_t kBlobVersion = 1;
/// Names the rules of this file; changes whenever the same words may give other terms.
constexpr std::string_view kRules = "t1";

/// Keys of words and pairs have 40 bits, so that five bytes store one: among ten million terms one in 100,000 questions meets a stranger.
constexpr TermKey kHashMask = (TermKey{1} << 40) - 1;

TermKey key_of_word(std::string_view word) { return checksum(word) & kHashMask; }
TermKey key_of_pair(TermKey left, TermKey right) {
  std::uint64_t hash = (left ^ 0xA0761D6478BD642FULL) * 0xE7037ED1A0B428DBULL;
  hash = (hash ^ (hash >> 31) ^ right) * 0x8EBC6AF09C88C6E3ULL;
  return (hash ^ (hash >> 29)) & kHashMask;
}
TermKey key_of_bigram(char32_t left, char32_t right) { return (static_cast<TermKey>(left) << 21) | right; }
/// Below every bigram's key.
TermKey key_of_single(char32_t kanji) { return kanji; }

bool is_indexed_character(char32_t c) {
  return text::is_ascii_digit(c) || text::is_ascii_letter(c) || text::is_kanji(c) || text::is_hiragana(c) || text::is_katakana(c) || (c >= 0xC0 && c < 0x2000) ||
         (c >= 0xAC00 && c < 0xD7A4);
}

/// Verbs and the like that every passage has and that say nothing.
bool is_empty_word(std::string_view base) {
  static const std::unordered_set<std::string_view> kEmpty = {"する", "ある", "いる", "なる", "できる", "よる", "いう", "言う", "おる", "れる", "られる", "ない"};
  return kEmpty.contains(base);
}

/// A word as it counts for the ranking.
struct IndexWord {
  std::string name;
  TermKey key = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<IndexWord> index_words(const text::WordAnalyser& analyser, std::string_view folded) {
  std::vector<IndexWord> words;
  for (const text::Word& word : analyser.analyse(folded)) {
    // 同項, これ, 場合: worth 1.5 points of MRR on statutes and nothing elsewhere.
    const bool counts = word.content || word.kind == text::WordKind::kFormalNoun;
    if (!counts || is_empty_word(word.base)) continue;
    std::string name = text::variant_key(word.base);
    const TermKey key = key_of_word(name);
    words.push_back({std::move(name), key, word.begin, word.end});
  }
  return words;
}

/// Names of the dates in `folded` that are the same whichever calendar is used: 令和6年 and 2024年 both give "@2024".
std::vector<IndexWord> date_words(std::string_view folded) {
  std::vector<IndexWord> words;
  for (const text::DateMention& date : text::find_dates(folded)) {
    if (date.year == 0) continue;
    std::string name = fmt::format("@{}", date.year);
    const TermKey key = key_of_word(name);
    words.push_back({std::move(name), key, date.range.begin, date.range.end});
  }
  return words;
}

enum class Singles { kAll, kAlone };

/// Calls `visit(key, begin, end)` for each character bigram of `folded` that is not all hiragana, and for single kanji.
template <typename Visit>
void for_each_bigram(std::string_view folded, Singles singles, Visit&& visit) {
  text::Character before_last{}, last{};
  const auto indexed = [](const text::Character& c) { return c.size > 0 && is_indexed_character(c.value); };
  const auto step = [&](const text::Character& next) {
    if (indexed(last) && text::is_kanji(last.value) && (singles == Singles::kAll || (!indexed(before_last) && !indexed(next)))) {
      visit(key_of_single(last.value), last.begin, last.end());
    }
    if (indexed(last) && indexed(next) && !(text::is_hiragana(last.value) && text::is_hiragana(next.value))) {
      visit(key_of_bigram(last.value, next.value), last.begin, next.end());
    }
    before_last = last;
    last = next;
  };
  text::for_each_character(folded, step);
  step({});
}

/// Sorts `keys` and counts equal ones. `length` is that of the field.
PassageTerms::FieldTerms counted(std::vector<TermKey> keys, std::size_t length) {
  PassageTerms::FieldTerms field;
  std::sort(keys.begin(), keys.end());
  for (const TermKey key : keys) {
    if (field.terms.empty() || field.terms.back().key != key) field.terms.push_back({key, 0});
    ++field.terms.back().count;
  }
  field.length = static_cast<std::uint32_t>(std::min(length, limits::kTokensPerPassage));
  return field;
}

void put_field(std::string& blob, const PassageTerms::FieldTerms& field) {
  put_varint(blob, field.length);
  put_varint(blob, field.terms.size());
  TermKey last = 0;
  for (const TermCount& term : field.terms) {
    // One varint where the count is 1, as it mostly is.
    put_varint(blob, ((term.key - last) << 1) | (term.count > 1 ? 1U : 0U));
    if (term.count > 1) put_varint(blob, term.count);
    last = term.key;
  }
}

bool take_field(ByteReader& reader, PassageTerms::FieldTerms& field) {
  const auto length = reader.varint();
  const auto count = reader.varint();
  if (!length || !count || *length > limits::kTokensPerPassage || *count > reader.left()) return false;
  field.length = static_cast<std::uint32_t>(*length);
  field.terms.reserve(*count);
  TermKey last = 0;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto coded = reader.varint();
    if (!coded || (i > 0 && *coded < 2)) return false;
    last += *coded >> 1;
    const auto repeated = (*coded & 1) != 0 ? reader.varint() : std::optional<std::uint64_t>(1);
    if (!repeated || *repeated == 0 || *repeated > UINT32_MAX) return false;
    field.terms.push_back({last, static_cast<std::uint32_t>(*repeated)});
  }
  return true;
}

}  // namespace

std::string PassageTerms::to_blob() const {
  std::string blob;
  put_varint(blob, kBlobVersion);
  for (const FieldTerms& field : fields) put_field(blob, field);
  put_fixed64(blob, checksum(blob));
  return blob;
}

Result<PassageTerms> PassageTerms::from_blob(std::string_view blob) {
  constexpr std::size_t kSumBytes = 8;
  if (blob.size() < kSumBytes) return fail(ErrorCode::kCorrupt, "forward blob: too short");
  const std::string_view content = blob.substr(0, blob.size() - kSumBytes);
  if (ByteReader(blob.substr(content.size())).fixed64() != checksum(content)) return fail(ErrorCode::kCorrupt, "forward blob: checksum");
  ByteReader reader(content);
  if (reader.varint() != kBlobVersion) return fail(ErrorCode::kUnsupported, "forward blob: another format version");
  PassageTerms terms;
  const bool whole = std::all_of(terms.fields.begin(), terms.fields.end(), [&](FieldTerms& field) { return take_field(reader, field); });
  if (!whole || reader.left() != 0) return fail(ErrorCode::kCorrupt, "forward blob: damaged");
  return terms;
}

PassageTerms terms_of_passage(const text::WordAnalyser& analyser, std::string_view title, std::string_view body) {
  const std::string folded = text::fold(std::string(title) + "\n" + std::string(body));
  std::vector<TermKey> words, pairs, bigrams;
  for (const IndexWord& word : index_words(analyser, folded)) {
    if (!words.empty()) pairs.push_back(key_of_pair(words.back(), word.key));
    words.push_back(word.key);
  }
  for (const IndexWord& date : date_words(folded)) words.push_back(date.key);
  std::size_t singles = 0;
  for_each_bigram(folded, Singles::kAll, [&](TermKey key, std::size_t, std::size_t) {
    bigrams.push_back(key);
    if (key <= 0x1FFFFF) ++singles;
  });
  const std::array<std::size_t, kFields> lengths = {words.size(), bigrams.size() - singles, pairs.size()};
  PassageTerms terms;
  terms.fields = {counted(std::move(words), lengths[0]), counted(std::move(bigrams), lengths[1]), counted(std::move(pairs), lengths[2])};
  return terms;
}

std::string terms_version(const text::WordAnalyser& analyser) { return analyser.version() + std::string(kRules); }

std::vector<NamedTerm> terms_of_question(const text::WordAnalyser& analyser, std::string_view folded) {
  std::vector<NamedTerm> terms;
  const std::vector<IndexWord> words = index_words(analyser, folded);
  for (const IndexWord& word : words) terms.push_back({Field::kWords, word.key, word.name, word.begin, word.end});
  for (const IndexWord& date : date_words(folded)) terms.push_back({Field::kWords, date.key, date.name, date.begin, date.end});
  for_each_bigram(folded, Singles::kAlone, [&](TermKey key, std::size_t begin, std::size_t end) {
    terms.push_back({Field::kBigrams, key, std::string(folded.substr(begin, end - begin)), begin, end});
  });
  for (std::size_t i = 1; i < words.size(); ++i) {
    terms.push_back({Field::kPairs, key_of_pair(words[i - 1].key, words[i].key), words[i - 1].name + " " + words[i].name, words[i].begin, words[i].end});
  }
  return terms;
}

}  // namespace sekisho::search
