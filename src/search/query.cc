#include "search/query.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/limits.h"
#include "text/normalize.h"
#include "text/sentences.h"
#include "text/utf8.h"

namespace sekisho::search {
namespace {

constexpr float kPhraseBoost = 1.5F;

/// The insides of "…", 「…」 and 『…』 of text in index form.
std::vector<text::ByteRange> phrases(std::string_view folded) {
  std::vector<text::ByteRange> found;
  for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{"「", "」"}, {"『", "』"}, {"\"", "\""}}) {
    for (std::size_t at = folded.find(open); at != std::string_view::npos;) {
      const std::size_t begin = at + open.size();
      const std::size_t end = folded.find(close, begin);
      if (end == std::string_view::npos) break;
      found.push_back({begin, end});
      at = folded.find(open, end + close.size());
    }
  }
  return found;
}

}  // namespace

Query parse_query(const text::WordAnalyser& analyser, std::string_view question) {
  const std::string folded = text::fold(text::first_characters(question, limits::kQuestionCharacters));
  const std::vector<text::ByteRange> quoted = phrases(folded);
  Query query;
  std::map<std::pair<Field, TermKey>, std::size_t> known;
  for (NamedTerm& term : terms_of_question(analyser, folded)) {
    const bool in_phrase = std::any_of(quoted.begin(), quoted.end(), [&](const auto& range) { return range.begin <= term.begin && term.begin < range.end; });
    const float boost = in_phrase ? kPhraseBoost : 1.0F;
    const auto [at, fresh] = known.try_emplace({term.field, term.key}, query.terms.size());
    if (!fresh) {
      QueryTerm& same = query.terms[at->second];
      ++same.count;
      same.boost = std::max(same.boost, boost);
    } else if (query.terms.size() < limits::kQueryTerms) {
      query.terms.push_back({term.field, term.key, 1, boost, std::move(term.name)});
    } else {
      known.erase(at);
    }
  }
  return query;
}

}  // namespace sekisho::search
