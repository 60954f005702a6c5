#include "search/blend.h"

#include <algorithm>
#include <map>
#include <utility>

namespace sekisho::search {

std::vector<Hit> blend(std::vector<Hit> words, const std::vector<VectorHit>& near, const std::function<std::optional<double>(const Hit&)>& cosine,
                       std::size_t limit, double meaning_weight) {
  if (near.empty()) {
    if (words.size() > limit) words.resize(limit);
    return words;
  }
  const double words_best = words.empty() ? 0 : words.front().score;
  const double nearest_cosine = near.front().cosine;
  const double span = nearest_cosine - near.back().cosine;
  const auto meaning_of = [&](double value) { return span > 0 ? std::clamp((value - near.back().cosine) / span, 0.0, 1.0) : 1.0; };
  std::map<PassageId, std::size_t> places;
  for (std::size_t i = 0; i < words.size(); ++i) places.emplace(words[i].passage, i);

  for (const VectorHit& hit : near) {
    const auto [place, is_new] = places.try_emplace(hit.passage, words.size());
    if (is_new) words.push_back({.passage = hit.passage, .shelf = hit.shelf, .score = 0, .shares = {}, .matched = {}});
    words[place->second].cosine = hit.cosine;
  }
  for (Hit& hit : words) {
    if (!hit.cosine) hit.cosine = cosine(hit);
    hit.words = hit.score;
    const double by_words = words_best > 0 ? hit.words / words_best : 0;
    hit.score = (1 - meaning_weight) * by_words + meaning_weight * (hit.cosine ? meaning_of(*hit.cosine) : 0);
  }
  std::sort(words.begin(), words.end(), [](const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.passage < b.passage; });
  if (words.size() > limit) words.resize(limit);
  return words;
}

}  // namespace sekisho::search
