#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "base/result.h"
#include "worker/llama_grammar.h"
#include "worker/llama_mask.h"

namespace sekisho::worker {

/// log Σ exp(logits): a token's log-probability is its logit less this. Not finite where the logits are not.
[[nodiscard]] double log_sum_exp(std::span<const float> logits);

struct ChoiceOptions {
  double temperature = 0;  ///< 0: always the likeliest.
  double top_p = 1;
  double repeat_penalty = 1;  ///< Over the last 64 tokens of prompt and answer; 1: none.
  std::uint64_t seed = 0;
};

/// Chooses the tokens of one answer. The same options, logits and seed give the same tokens. Threads: one.
class TokenChooser {
 public:
  struct Choice {
    TokenId token = 0;
    double log_probability = 0;  ///< Under the model's own distribution: no mask, no grammar, temperature 1.
  };

  /// `vocabulary` must outlive the chooser; `mask` and `grammar` may be null.
  TokenChooser(const Vocabulary& vocabulary, ChoiceOptions options, std::unique_ptr<JapaneseMask> mask, std::unique_ptr<Grammar> grammar,
               std::span<const TokenId> prompt);

  /// Errors: kInvalid where mask and grammar together leave no token, kInternal where the logits are not finite.
  [[nodiscard]] Result<Choice> choose(std::span<const float> logits);

 private:
  void forbid_and_penalise();
  [[nodiscard]] std::vector<Candidate> candidates(float within) const;
  [[nodiscard]] std::optional<TokenId> pick_likeliest() const;
  [[nodiscard]] std::optional<TokenId> pick_admitted();
  [[nodiscard]] std::optional<TokenId> draw(std::vector<Candidate> from);

  const Vocabulary& vocabulary_;
  ChoiceOptions options_;
  std::unique_ptr<JapaneseMask> mask_;
  std::unique_ptr<Grammar> grammar_;
  std::vector<TokenId> recent_;
  std::vector<float> logits_;
  std::mt19937_64 random_;
};

}  // namespace sekisho::worker
