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
  bool matrix = true;          ///< Our own products for prompts, where the processor and the model allow it (llama_matrix.h).
  bool unified_cache = false;  ///< All sequences in one cache: not exact. Only for tests that show the difference.
};

/// The newest token of an answer, to be computed.
struct Row {
  int sequence = 0;
  std::int32_t position = 0;
  TokenId token = 0;
};

/// A portion of a prompt, to be computed at the end of its sequence.
struct Portion {
  int sequence = 0;
  std::int32_t position = 0;  ///< Of the first token.
  std::span<const TokenId> tokens;
  bool logits = false;  ///< Whether the distribution of what follows the last token is wanted.
};

/// The narrow place between us and libllama: one model, one context, a fixed number of sequences apart from each other.
///
/// Exact mode (the default): a sequence's logits are bitwise the same alone or in company, in whatever portions its
/// prompt is computed, on however many threads, and after save and restore. Our own products (llama_matrix.h) know no
/// difference. libllama's fast kernels, for processors and weights that ours do not know, take rows by fours and what is left
/// over one by one, and round differently; so there a prompt's tokens always go by fours (filled up with tokens that are
/// dropped at once) and an answer's always one by one (at most three together). Models whose memory cannot drop tokens
/// run on its slower kernels, which know no difference either.
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
  [[nodiscard]] std::size_t portion_max() const;      ///< Tokens of one prefill.
  [[nodiscard]] std::size_t rows_max() const;         ///< Answers of one decode.
  [[nodiscard]] bool embeds() const;                  ///< Was loaded for embed(), not for answers.

  struct TokenizeOptions {
    bool special = false;  ///< Recognise control tokens in the text.
    bool first = false;    ///< Put what the model wants in front of (and behind, for embeddings) a text.
  };
  [[nodiscard]] Result<std::vector<TokenId>> tokenize(std::string_view text, TokenizeOptions options) const;

  /// Computes the newest tokens of up to rows_max answers and the distributions of what follows each.
  /// Errors: kInternal; the sequences are then as before.
  [[nodiscard]] Result<void> decode(std::span<const Row> rows);
  /// Computes up to portion_max tokens of a prompt. Errors: as decode.
  [[nodiscard]] Result<void> prefill(const Portion& portion);
  /// Of the row with that index in the last decode, or (0) of the last prefill that asked for it; valid until the next.
  [[nodiscard]] std::span<const float> logits(std::size_t row = 0) const;

  void clear(int sequence);
  [[nodiscard]] bool can_trim() const;  ///< Whether the model's memory can drop tokens.
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
