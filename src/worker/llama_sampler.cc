#include "worker/llama_sampler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace sekisho::worker {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();
constexpr std::size_t kRecentTokens = 64;
constexpr std::size_t kFirstCandidates = 128;  ///< That a grammar looks at before it has to look at all.
constexpr float kNegligible = 20;              ///< A token e^20 times less likely than the likeliest is never drawn.
constexpr std::size_t kLanes = 16;
constexpr std::size_t kBlock = 64 * kLanes;

/// e^x for x ≤ 0, relative error below 1e-6. Without branches, so that the compiler makes vectors of it.
inline float fast_exp(float x) {
  const float t = (x > -80.0F ? x : -80.0F) * 1.44269504F;
  const int whole = static_cast<int>(t) - 1;
  const float f = t - static_cast<float>(whole);
  // 2^f on [0, 1]: Taylor's terms of e^(f ln 2) to the seventh.
  const float p = 1.0F + f * (0.693147181F + f * (0.240226507F + f * (0.0555041087F + f * (0.00961812911F + f * (0.00133335581F +
                  f * (0.000154035304F + f * 0.0000152527338F))))));
  return p * std::bit_cast<float>((whole + 127) << 23);
}

float largest(std::span<const float> values) {
  std::array<float, kLanes> best;
  best.fill(kForbidden);
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) best[lane] = best[lane] < values[i + lane] ? values[i + lane] : best[lane];
  }
  for (; i < values.size(); ++i) best[0] = std::max(best[0], values[i]);
  return *std::max_element(best.begin(), best.end());
}

double sum_of_block(std::span<const float> values, float less) {
  std::array<float, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += fast_exp(values[i + lane] - less);
  }
  for (; i < values.size(); ++i) sums[0] += fast_exp(values[i] - less);
  double total = 0;
  for (const float sum : sums) total += static_cast<double>(sum);
  return total;
}

bool likelier(const Candidate& left, const Candidate& right) {
  return left.logit != right.logit ? left.logit > right.logit : left.token < right.token;
}

}  // namespace

double log_sum_exp(std::span<const float> logits) {
  const float most = largest(logits);
  double sum = 0;
  for (std::size_t begin = 0; begin < logits.size(); begin += kBlock) {
    sum += sum_of_block(logits.subspan(begin, std::min(kBlock, logits.size() - begin)), most);
  }
  return static_cast<double>(most) + std::log(sum);
}

TokenChooser::TokenChooser(const Vocabulary& vocabulary, ChoiceOptions options, std::unique_ptr<JapaneseMask> mask,
                           std::unique_ptr<Grammar> grammar, std::span<const TokenId> prompt)
    : vocabulary_(vocabulary), options_(options), mask_(std::move(mask)), grammar_(std::move(grammar)), random_(options.seed) {
  const std::span<const TokenId> tail = prompt.last(std::min(prompt.size(), kRecentTokens));
  recent_.assign(tail.begin(), tail.end());
}

void TokenChooser::forbid_and_penalise() {
  for (const TokenId token : vocabulary_.never()) logits_[static_cast<std::size_t>(token)] = kForbidden;
  if (options_.repeat_penalty != 1.0) {
    std::vector<TokenId> distinct = recent_;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    const auto penalty = static_cast<float>(options_.repeat_penalty);
    for (const TokenId token : distinct) {
      float& logit = logits_[static_cast<std::size_t>(token)];
      logit = logit > 0 ? logit / penalty : logit * penalty;
    }
  }
  if (mask_) mask_->apply(logits_);
}

std::vector<Candidate> TokenChooser::candidates(float within) const {
  const float floor = largest(logits_) - within;
  std::vector<Candidate> found;
  for (std::size_t i = 0; i < logits_.size(); ++i) {
    if (logits_[i] >= floor && logits_[i] != kForbidden) found.push_back({static_cast<TokenId>(i), logits_[i]});
  }
  return found;
}

std::optional<TokenId> TokenChooser::pick_likeliest() const {
  const auto best = std::max_element(logits_.begin(), logits_.end());
  if (*best == kForbidden) return std::nullopt;
  return static_cast<TokenId>(best - logits_.begin());
}

std::optional<TokenId> TokenChooser::draw(std::vector<Candidate> from) {
  if (from.empty()) return std::nullopt;
  std::sort(from.begin(), from.end(), likelier);
  if (options_.temperature <= 0) return from.front().token;
  std::vector<double> weights;
  double total = 0;
  for (const Candidate& each : from) {
    weights.push_back(std::exp((static_cast<double>(each.logit) - static_cast<double>(from.front().logit)) / options_.temperature));
    total += weights.back();
  }
  double kept = 0;
  std::size_t count = 0;
  while (count < weights.size() && (count == 0 || kept < options_.top_p * total)) kept += weights[count++];
  double mark = static_cast<double>(random_() >> 11) * 0x1.0p-53 * kept;
  std::size_t chosen = 0;
  while (chosen + 1 < count && mark >= weights[chosen]) mark -= weights[chosen++];
  return from[chosen].token;
}

std::optional<TokenId> TokenChooser::pick_admitted() {
  // A grammar is slow over a whole vocabulary; almost always it admits one of the likeliest.
  std::vector<Candidate> all = candidates(std::numeric_limits<float>::infinity());
  std::vector<Candidate> first = all;
  if (first.size() > kFirstCandidates) {
    std::nth_element(first.begin(), first.begin() + kFirstCandidates, first.end(), likelier);
    first.resize(kFirstCandidates);
  }
  grammar_->filter(first);
  if (!first.empty()) return draw(std::move(first));
  grammar_->filter(all);
  return draw(std::move(all));
}

Result<TokenChooser::Choice> TokenChooser::choose(std::span<const float> logits) {
  CHECK(logits.size() == vocabulary_.size());
  const double total = log_sum_exp(logits);
  if (!std::isfinite(total)) return fail(ErrorCode::kInternal, "the model computed values that are no numbers");
  logits_.assign(logits.begin(), logits.end());
  forbid_and_penalise();
  std::optional<TokenId> token;
  if (grammar_) {
    token = pick_admitted();
  } else if (options_.temperature <= 0) {
    token = pick_likeliest();
  } else {
    token = draw(candidates(kNegligible * static_cast<float>(options_.temperature)));
  }
  if (!token) return fail(ErrorCode::kInvalid, "no token is left: the grammar asks for characters that the answer may not hold");
  if (mask_) mask_->accept(*token);
  if (grammar_) {
    if (auto accepted = grammar_->accept(*token); !accepted) return fail(accepted.error());
  }
  if (recent_.size() >= kRecentTokens) recent_.erase(recent_.begin());
  recent_.push_back(*token);
  return Choice{.token = *token, .log_probability = static_cast<double>(logits[static_cast<std::size_t>(*token)]) - total};
}

}  // namespace sekisho::worker
