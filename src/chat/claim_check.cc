#include "chat/claim_check.h"

#include <algorithm>
#include <set>
#include <utility>

#include "text/era_date.h"
#include "text/normalize.h"
#include "text/numerals.h"
#include "text/sentences.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

/// Below this share of shared bigrams a sentence says it in other words than the passage: a person should look.
constexpr double kBigramsNeeded = 0.5;
/// As much of a sentence's content words may be missing before it is 要確認.
constexpr double kWordsMissingAllowed = 0.25;
/// Words that make a sentence say more than its source: their absence there is always worth a look.
constexpr std::string_view kStrongWords[] = {"全額", "全部", "全員", "必ず", "すべて", "全て", "のみ", "いつでも", "誰でも", "禁止", "義務"};

/// Words that a question asks with; no passage need have them.
constexpr std::string_view kAskingWords[] = {"いつ", "いつか", "いくら", "いくつ", "何", "教え", "教える", "言う", "いう", "言わ", "呼ぶ", "呼ば", "できる",
                                             "でき", "さ", "し", "なっ", "なる", "ある", "あっ", "よい", "良い", "いい"};

/// A figure or date with what it counts.
struct Figure {
  std::string key;    ///< Equal for equal values: "2400", "3.14", "2024-07-15".
  std::string shown;  ///< As it stands in the text.
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::string key_of(const text::Numeral& numeral) {
  std::string key = std::to_string(numeral.value);
  if (numeral.decimals > 0) key += "/" + std::to_string(numeral.decimals);
  return key;
}

std::vector<Figure> figures(std::string_view folded) {
  std::vector<Figure> found;
  for (const text::DateMention& date : text::find_dates(folded)) {
    found.push_back({date.canonical(), std::string(date.range.of(folded)), date.range.begin, date.range.end});
  }
  for (const text::Numeral& numeral : text::find_numerals(folded)) {
    const bool in_date = std::any_of(found.begin(), found.end(), [&](const Figure& f) {
      return numeral.range.begin < f.end && numeral.range.end > f.begin;
    });
    if (!in_date) found.push_back({key_of(numeral), std::string(numeral.range.of(folded)), numeral.range.begin, numeral.range.end});
  }
  return found;
}

/// Keys of a text's figures; a date also stands for its shorter forms, since an answer may leave out the year or the day.
std::set<std::string> figure_keys(std::string_view folded) {
  std::set<std::string> keys;
  for (const text::DateMention& date : text::find_dates(folded)) {
    text::DateMention part = date;
    keys.insert(part.canonical());
    part.day = 0;
    if (part.month > 0 || part.year > 0) keys.insert(part.canonical());
    part = date;
    part.year = 0;
    if (part.month > 0) keys.insert(part.canonical());
    part = date;
    part.month = part.day = 0;
    if (part.year > 0) keys.insert(part.canonical());
  }
  for (const text::Numeral& numeral : text::find_numerals(folded)) keys.insert(key_of(numeral));
  return keys;
}

bool counts_as_word(const text::Word& word) {
  using text::WordKind;
  return word.content && (word.kind == WordKind::kNoun || word.kind == WordKind::kProperNoun || word.kind == WordKind::kVerb ||
                          word.kind == WordKind::kAdjective);
}

template <std::size_t kCount>
bool is_one_of(const std::string_view (&words)[kCount], std::string_view surface) {
  return std::find(std::begin(words), std::end(words), surface) != std::end(words);
}

std::set<std::string> bigrams(std::string_view folded) {
  std::set<std::string> found;
  char32_t before = 0;
  text::for_each_character(folded, [&](const text::Character& c) {
    const bool letter = text::is_kanji(c.value) || text::is_hiragana(c.value) || text::is_katakana(c.value) ||
                        text::is_ascii_letter(c.value) || text::is_ascii_digit(c.value);
    if (before != 0 && letter && !(text::is_hiragana(before) && text::is_hiragana(c.value))) {
      std::string pair;
      text::append_utf8(pair, before);
      text::append_utf8(pair, c.value);
      found.insert(std::move(pair));
    }
    before = letter ? c.value : 0;
  });
  return found;
}

/// How one sentence stands to one passage.
struct Comparison {
  double bigrams = 0;
  std::vector<std::string> matched;
  std::vector<std::string> missing;
  std::size_t words = 0;
  std::size_t words_missing = 0;
  bool figure_missing = false;
  bool strong_missing = false;

  [[nodiscard]] bool supports() const {
    if (figure_missing || strong_missing || bigrams < kBigramsNeeded) return false;
    return static_cast<double>(words_missing) <= kWordsMissingAllowed * static_cast<double>(words);
  }
  [[nodiscard]] double score() const { return bigrams - (figure_missing ? 0.5 : 0.0) - (strong_missing ? 0.2 : 0.0); }
};

/// Of the words that were compared, the share that the passage has; 1 where there are none.
double share_of(const Comparison& compared) {
  const std::size_t all = compared.matched.size() + compared.missing.size();
  return all == 0 ? 1.0 : static_cast<double>(compared.matched.size()) / static_cast<double>(all);
}

class Comparer {
 public:
  Comparer(const text::WordAnalyser& analyser, std::string_view sentence)
      : analyser_(analyser), folded_(text::fold(sentence)), figures_(figures(folded_)), words_(analyser.analyse(folded_)) {}

  [[nodiscard]] Comparison with(std::string_view passage) const {
    const std::string folded = text::fold(passage);
    Comparison result;
    result.bigrams = bigram_coverage(folded_, folded);
    compare_figures(folded, result);
    compare_words(folded, analyser_.analyse(folded), result);
    return result;
  }

  [[nodiscard]] bool claims_nothing() const {
    return figures_.empty() && std::none_of(words_.begin(), words_.end(), counts_as_word);
  }

 private:
  void compare_figures(std::string_view passage, Comparison& result) const {
    const std::set<std::string> keys = figure_keys(passage);
    for (const Figure& figure : figures_) {
      if (keys.contains(figure.key)) {
        result.matched.push_back(figure.shown);
      } else {
        result.missing.push_back(figure.shown);
        result.figure_missing = true;
      }
    }
  }

  void compare_words(std::string_view passage, const std::vector<text::Word>& passage_words, Comparison& result) const {
    std::set<std::string_view> bases;
    for (const text::Word& word : passage_words) bases.insert(word.base);
    std::set<std::string> seen;
    for (const text::Word& word : words_) {
      if (!counts_as_word(word) || in_figure(word) || !seen.insert(word.base).second) continue;
      const std::string_view surface = std::string_view(folded_).substr(word.begin, word.end - word.begin);
      const bool there = bases.contains(word.base) || passage.find(surface) != std::string_view::npos;
      ++result.words;
      if (there) {
        result.matched.emplace_back(surface);
        continue;
      }
      ++result.words_missing;
      result.missing.emplace_back(surface);
      if (is_one_of(kStrongWords, surface) || word.kind == text::WordKind::kProperNoun) result.strong_missing = true;
    }
  }

  [[nodiscard]] bool in_figure(const text::Word& word) const {
    return std::any_of(figures_.begin(), figures_.end(), [&](const Figure& f) { return word.begin < f.end && word.end > f.begin; });
  }

  const text::WordAnalyser& analyser_;
  std::string folded_;
  std::vector<Figure> figures_;
  std::vector<text::Word> words_;
};

/// Of a question's words but those that it asks with, the share that the passage has.
double share_asked_for(Comparison compared) {
  std::erase_if(compared.missing, [](const std::string& word) { return is_one_of(kAskingWords, word); });
  return share_of(compared);
}

}  // namespace

std::string_view name_of(ClaimVerdict verdict) {
  switch (verdict) {
    case ClaimVerdict::kSupported: return "ok";
    case ClaimVerdict::kNeedsReview: return "needed";
    case ClaimVerdict::kNoSource: return "none";
  }
  return "none";
}

double bigram_coverage(std::string_view needle, std::string_view hay) {
  const std::set<std::string> wanted = bigrams(needle);
  if (wanted.empty()) return 1;
  const auto found = std::count_if(wanted.begin(), wanted.end(), [&](const std::string& pair) { return hay.find(pair) != std::string_view::npos; });
  return static_cast<double>(found) / static_cast<double>(wanted.size());
}

Claim ClaimChecker::check(std::string_view sentence, const std::vector<SourceText>& sources) const {
  Claim claim;
  const Comparer comparer(analyser_, sentence);
  if (sources.empty() || comparer.claims_nothing()) return claim;
  std::vector<std::pair<Comparison, int>> compared;
  for (const SourceText& source : sources) {
    compared.emplace_back(comparer.with(source.text), source.number);
  }
  std::stable_sort(compared.begin(), compared.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first.supports(), a.first.score()) > std::pair(b.first.supports(), b.first.score());
  });
  Comparison& best = compared.front().first;
  claim.verdict = best.supports() ? ClaimVerdict::kSupported : ClaimVerdict::kNeedsReview;
  claim.sources.push_back(compared.front().second);
  claim.matched = std::move(best.matched);
  claim.missing = std::move(best.missing);
  return claim;
}

double ClaimChecker::word_coverage(std::string_view words_of, std::string_view passage) const {
  return share_of(Comparer(analyser_, words_of).with(passage));
}

double ClaimChecker::question_coverage(std::string_view question, std::string_view passage) const {
  return share_asked_for(Comparer(analyser_, question).with(passage));
}

double ClaimChecker::sentence_coverage(std::string_view question, std::string_view passage) const {
  const Comparer comparer(analyser_, question);
  double best = 0;
  for (const text::ByteRange& sentence : text::sentences(passage)) best = std::max(best, share_asked_for(comparer.with(sentence.of(passage))));
  return best;
}

}  // namespace sekisho::chat
