#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "process/model_protocol.h"
#include "worker/llama_engine.h"
#include "worker/llama_sampler.h"
#include "worker/llama_text.h"

namespace sekisho::worker {

/// A prompt as tokens, and after how many of them a prefix is to be kept.
struct Prompt {
  std::string scope;
  std::vector<TokenId> tokens;
  std::vector<std::size_t> keep_after;  ///< Ascending.
};

/// The answer being written.
struct Generation {
  process::model::GenerateRequest request;
  std::unique_ptr<TokenChooser> chooser;
  AnswerText text{{}};
  std::int64_t credit = 0;
  std::int64_t output_tokens = 0;
  double decode_ms = 0;
};

/// Options of which the log-probabilities are wanted, one after the other.
struct Scoring {
  std::vector<std::vector<TokenId>> options;
  std::vector<double> log_probabilities;
  std::size_t option = 0;  ///< Being scored.
  std::size_t token = 0;   ///< Of it, computed next.
};

/// One request that has a prompt, from its arrival to its end.
struct Job {
  std::uint64_t id = 0;
  Prompt prompt;
  std::variant<Generation, Scoring> work;
  int sequence = -1;            ///< -1: waits for one.
  std::size_t done_tokens = 0;  ///< Of the prompt, computed or read from a kept prefix.
  std::size_t cached_tokens = 0;
  std::int32_t position = 0;         ///< Of the next token.
  std::optional<TokenId> next;       ///< Chosen and not computed yet.
  double prefill_ms = 0;
  bool ended = false;  ///< Its last message is sent.

  [[nodiscard]] bool in_prefill() const { return done_tokens < prompt.tokens.size(); }
  [[nodiscard]] Generation* generation() { return std::get_if<Generation>(&work); }
  [[nodiscard]] Scoring* scoring() { return std::get_if<Scoring>(&work); }
  /// Whether its reader has room for what the next step would give.
  [[nodiscard]] bool has_credit() const {
    const auto* answer = std::get_if<Generation>(&work);
    return answer == nullptr || answer->credit > 0;
  }
};

/// Makes the job of a request. Errors: kInvalid (empty prompt, grammar, schema), kTooLarge with the numbers where the
/// prompt does not fit the context.
[[nodiscard]] Result<std::unique_ptr<Job>> make_job(const LlamaEngine& engine, std::uint64_t id, process::model::GenerateRequest request);
[[nodiscard]] Result<std::unique_ptr<Job>> make_job(const LlamaEngine& engine, std::uint64_t id, const process::model::ScoreRequest& request);

}  // namespace sekisho::worker
