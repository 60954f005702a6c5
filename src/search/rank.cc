// rank(): BM25 over the readable shelves.

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "search/lexical.h"
#include "search/segment.h"

namespace sekisho::search {
namespace {

/// A term of the question with what it is worth over the readable shelves.
struct WeighedTerm {
  const QueryTerm* term = nullptr;
  float weight = 0;  ///< idf × count × boost × field weight × (k1 + 1).
};

/// What a ranking needs to know of the readable shelves, and of nothing else.
struct Statistics {
  std::size_t passages = 0;
  std::array<double, kFields> average{};
  std::array<std::uint16_t, kFields> longest{};
};

using States = std::vector<std::shared_ptr<const IndexState>>;

Statistics statistics_of(const States& states) {
  Statistics all;
  std::array<std::uint64_t, kFields> lengths{};
  for (const auto& state : states) {
    all.passages += state->live;
    for (std::size_t field = 0; field < kFields; ++field) {
      lengths[field] += state->lengths[field];
      all.longest[field] = std::max(all.longest[field], state->longest[field]);
    }
  }
  for (std::size_t field = 0; field < kFields; ++field) {
    all.average[field] = all.passages == 0 ? 1 : std::max(1.0, static_cast<double>(lengths[field]) / static_cast<double>(all.passages));
  }
  return all;
}

/// Living passages of `part` in `list`: what was removed counts for nothing from that moment on.
std::size_t live_size(const Part& part, const FieldPostings::List& list) {
  if (part.dead_count == 0) return list.size();
  std::size_t live = 0;
  list.for_each([&](std::uint32_t passage, std::uint32_t) { live += is_dead(*part.dead, passage) ? 0U : 1U; });
  return live;
}

std::vector<WeighedTerm> weighed(const Query& query, const States& states, const Statistics& statistics) {
  std::vector<WeighedTerm> terms;
  for (const QueryTerm& term : query.terms) {
    const auto field = static_cast<std::size_t>(term.field);
    std::size_t having = 0;
    for (const auto& state : states) {
      for (const Part& part : state->parts) having += live_size(part, part.segment->postings(field).find(term.key));
    }
    if (having == 0) continue;
    const double n = static_cast<double>(having);
    const double idf = std::log(1.0 + (static_cast<double>(statistics.passages) - n + 0.5) / (n + 0.5));
    terms.push_back({&term, static_cast<float>(idf * term.count * static_cast<double>(term.boost) * kFieldWeights[field] * (kBm25K1 + 1.0))});
  }
  return terms;
}

/// k1 × (1 − b + b × length / average) for every length that occurs.
std::array<std::vector<float>, kFields> length_norms(const Statistics& statistics) {
  std::array<std::vector<float>, kFields> norms;
  for (std::size_t field = 0; field < kFields; ++field) {
    norms[field].resize(std::size_t{statistics.longest[field]} + 1);
    for (std::size_t length = 0; length < norms[field].size(); ++length) {
      norms[field][length] = static_cast<float>(kBm25K1 * (1.0 - kBm25B + kBm25B * static_cast<double>(length) / statistics.average[field]));
    }
  }
  return norms;
}

/// Where a hit is, before it has its id as text.
struct Candidate {
  float score = 0;
  std::size_t shelf = 0;
  std::size_t part = 0;
  std::uint32_t passage = 0;
  PackedId id{};
};
bool better(const Candidate& a, const Candidate& b) { return a.score != b.score ? a.score > b.score : a.id < b.id; }

/// Ranks one question; lives for one call.
class Ranker {
 public:
  Ranker(const Query& query, States states)
      : states_(std::move(states)), statistics_(statistics_of(states_)), terms_(weighed(query, states_, statistics_)), norms_(length_norms(statistics_)) {}

  std::vector<Candidate> best(std::size_t limit) {
    if (limit == 0) return {};
    for (std::size_t shelf = 0; shelf < states_.size(); ++shelf) {
      for (std::size_t part = 0; part < states_[shelf]->parts.size(); ++part) {
        score_part(states_[shelf]->parts[part]);
        collect(shelf, part, limit);
      }
    }
    std::sort_heap(heap_.begin(), heap_.end(), better);
    return std::move(heap_);
  }

  /// Fills shares and matched of each hit, which belongs to the candidate of the same index.
  void explain(std::span<const Candidate> candidates, std::span<Hit> hits) const {
    std::vector<std::size_t> order(candidates.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto place = [&](std::size_t i) { return std::tuple(candidates[i].shelf, candidates[i].part, candidates[i].passage); };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return place(a) < place(b); });
    for (std::size_t begin = 0; begin < order.size();) {
      std::size_t end = begin + 1;
      const Candidate& first = candidates[order[begin]];
      while (end < order.size() && candidates[order[end]].shelf == first.shelf && candidates[order[end]].part == first.part) ++end;
      explain_part(states_[first.shelf]->parts[first.part], std::span(order).subspan(begin, end - begin), candidates, hits);
      begin = end;
    }
  }

 private:
  [[nodiscard]] float share(const WeighedTerm& term, std::size_t field, std::uint16_t length, std::uint32_t count) const {
    const auto occurrences = static_cast<float>(count);
    return term.weight * occurrences / (occurrences + norms_[field][length]);
  }

  /// Sums the scores of all passages of `part` into scores_, term by term in the order of the question.
  void score_part(const Part& part) {
    scores_.assign(part.segment->size(), 0.0F);
    for (const WeighedTerm& term : terms_) {
      const auto field = static_cast<std::size_t>(term.term->field);
      const std::uint16_t* const lengths = part.segment->lengths(field);
      const float* const norms = norms_[field].data();
      part.segment->postings(field).find(term.term->key).for_each([&](std::uint32_t passage, std::uint32_t count) {
        const auto occurrences = static_cast<float>(count);
        scores_[passage] += term.weight * occurrences / (occurrences + norms[lengths[passage]]);
      });
    }
  }

  void collect(std::size_t shelf, std::size_t part, std::size_t limit) {
    const Part& source = states_[shelf]->parts[part];
    for (std::uint32_t passage = 0; passage < scores_.size(); ++passage) {
      const float score = scores_[passage];
      if (score <= 0 || (heap_.size() == limit && score < heap_.front().score) || is_dead(*source.dead, passage)) continue;
      const Candidate candidate{score, shelf, part, passage, source.segment->id(passage)};
      if (heap_.size() == limit) {
        if (!better(candidate, heap_.front())) continue;
        std::pop_heap(heap_.begin(), heap_.end(), better);
        heap_.back() = candidate;
      } else {
        heap_.push_back(candidate);
      }
      std::push_heap(heap_.begin(), heap_.end(), better);
    }
  }

  void explain_part(const Part& part, std::span<const std::size_t> ascending, std::span<const Candidate> candidates, std::span<Hit> hits) const {
    for (const WeighedTerm& term : terms_) {
      const auto field = static_cast<std::size_t>(term.term->field);
      std::size_t next = 0;
      part.segment->postings(field).find(term.term->key).for_each([&](std::uint32_t passage, std::uint32_t count) {
        while (next < ascending.size() && candidates[ascending[next]].passage < passage) ++next;
        if (next == ascending.size() || candidates[ascending[next]].passage != passage) return;
        Hit& hit = hits[ascending[next]];
        hit.shares[field] += static_cast<double>(share(term, field, part.segment->length(field, passage), count));
        if (term.term->field == Field::kWords) hit.matched.push_back(term.term->name);
      });
    }
  }

  States states_;
  Statistics statistics_;
  std::vector<WeighedTerm> terms_;
  std::array<std::vector<float>, kFields> norms_;
  std::vector<float> scores_;
  std::vector<Candidate> heap_;  ///< The worst of the best in front.
};

}  // namespace

std::vector<Hit> rank(const Query& query, std::span<const ShelfIndex* const> readable, const RankOptions& options) {
  States states;
  for (const ShelfIndex* shelf : readable) {
    CHECK(shelf != nullptr);
    states.push_back(shelf->state());
  }
  Ranker ranker(query, std::move(states));
  const std::vector<Candidate> best = ranker.best(std::min(options.limit, limits::kHits));
  std::vector<Hit> hits;
  hits.reserve(best.size());
  for (const Candidate& candidate : best) hits.push_back({unpacked(candidate.id), candidate.shelf, static_cast<double>(candidate.score), {}, {}, static_cast<double>(candidate.score)});
  if (options.explain) ranker.explain(best, hits);
  return hits;
}

}  // namespace sekisho::search
