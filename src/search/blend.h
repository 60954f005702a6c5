#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "search/lexical.h"
#include "search/vectors.h"

namespace sekisho::search {

/// How many of each kind stand for the ranking of both: a passage that is not among them is not found.
inline constexpr std::size_t kCandidates = 100;
/// The part that meaning has in a score, from measurement (docs/benchmarks.md, "Words and meaning").
inline constexpr double kMeaningWeight = 0.2;

/// One ranking of what the words found and what is near in meaning: the convex mix of both scores, each brought to 0 … 1 among
/// this question's candidates (RETRIEVAL.md: ranks fused instead lose a point of MRR). `words` best first, as rank gives them;
/// `near` best first, as nearest gives them; `cosine` of a passage of `words` that is not in `near`: nothing where it has no vector.
/// Hits that the words did not find have no matched words. Best first, equal ones in the order of PassageId, at most `limit`.
[[nodiscard]] std::vector<Hit> blend(std::vector<Hit> words, const std::vector<VectorHit>& near,
                                     const std::function<std::optional<double>(const Hit&)>& cosine, std::size_t limit,
                                     double meaning_weight = kMeaningWeight);

}  // namespace sekisho::search
