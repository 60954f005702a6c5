#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "process/model_protocol.h"
#include "worker/llama_mask.h"

struct llama_vocab;

namespace sekisho::worker {

struct EngineOptions {
  process::model::LoadRequest load;
  std::string cpu_variant;  ///< From load_cpu_backend.
  int cores = 1;            ///< That the process may run on.
  bool adapt_threads = true;
  bool unified_cache = false;  ///< All sequences in one cache: not exact. Only for tests that show the difference.
};

/// One token to compute: where it stands in which sequence, and whether the distribution of what follows is wanted.
struct Row {
  int sequence = 0;
  std::int32_t position = 0;
  TokenId token = 0;
  bool logits = false;
};

/// The narrow place between us and libllama: one model, one context, a fixed number of sequences apart from each other.
///
/// Exact mode (the default): a sequence's logits are bitwise the same alone or in company, in whatever portions its
/// prompt is computed, on however many threads, and after save and restore.
/// Threads: one. No call throws; a failed assertion of libllama ends the process.
class LlamaEngine {
 public:
  /// Reads the GGUF behind `fd` (borrowed; opens nothing by name).
  /// Errors: kCorrupt where it is no model that libllama can run, kUnsupported where it has no vocabulary or makes no
  /// text and is not loaded for embeddings, kUnavailable where memory is short.
  [[nodiscard]] static Result<std::unique_ptr<LlamaEngine>> load(int fd, const EngineOptions& options);
  ~LlamaEngine();
  LlamaEngine(const LlamaEngine&) = delete;
  LlamaEngine& operator=(const LlamaEngine&) = delete;

  [[nodiscard]] const process::model::ModelInfo& info() const;
  [[nodiscard]] const Vocabulary& vocabulary() const;
  [[nodiscard]] const llama_vocab* native_vocabulary() const;
  [[nodiscard]] std::int32_t context_tokens() const;  ///< Of one sequence.
  [[nodiscard]] std::size_t rows_max() const;         ///< Of one decode.
  [[nodiscard]] bool embeds() const;                  ///< Was loaded for embed(), not for answers.

  struct TokenizeOptions {
    bool special = false;  ///< Recognise control tokens in the text.
    bool first = false;    ///< Put what the model wants in front of (and behind, for embeddings) a text.
  };
  [[nodiscard]] Result<std::vector<TokenId>> tokenize(std::string_view text, TokenizeOptions options) const;

  /// Computes `rows` (at most rows_max). Errors: kInternal; the sequences are then as before.
  [[nodiscard]] Result<void> decode(std::span<const Row> rows);
  /// Of the row with that index in the last decode, which asked for them; valid until the next call of decode or wipe.
  [[nodiscard]] std::span<const float> logits(std::size_t row) const;

  void clear(int sequence);
  /// Drops everything from `position` on; false where the model's memory cannot do that.
  [[nodiscard]] bool trim(int sequence, std::int32_t position);
  [[nodiscard]] std::vector<std::uint8_t> save(int sequence) const;
  [[nodiscard]] bool restore(int sequence, std::span<const std::uint8_t> state);
  /// Overwrites the memory of all sequences with zeros. Nothing may be running.
  void wipe();

  /// The model's vector for a text, of length 1. `tokens` ≤ context_tokens. Errors: kInternal.
  [[nodiscard]] Result<std::vector<float>> embed(std::span<const TokenId> tokens);

  [[nodiscard]] int threads() const;
  [[nodiscard]] bool preempted() const;

 private:
  struct Native;
  explicit LlamaEngine(std::unique_ptr<Native> native);
  std::unique_ptr<Native> native_;
};

}  // namespace sekisho::worker
