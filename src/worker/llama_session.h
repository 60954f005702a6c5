#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/limits.h"
#include "process/frame.h"
#include "process/model_protocol.h"
#include "worker/llama_jobs.h"
#include "worker/llama_prefixes.h"

namespace sekisho::worker {

/// Serves the requests of model_protocol.h on one engine, several at once.
///
/// Work goes in steps: first one token for each answer whose reader has credit, then a portion of one prompt, of the
/// requests in turn, so that a long prompt stops nobody. Requests beyond the number of sequences wait in order; beyond
/// limits::kWorkerQueue they are refused. A request that fails ends with kFailed and disturbs no other. When one ends
/// its sequence is emptied, and the memory itself is zeroed when the worker has nothing to do (`rest`).
/// Threads: one.
class LlamaSession {
 public:
  using Send = std::function<void(process::Frame)>;
  /// `send` gets the answers and may block.
  LlamaSession(std::unique_ptr<LlamaEngine> engine, const process::model::LoadRequest& load, Send send);

  /// Takes in one frame of the server's; kLoad is not among them.
  void handle(const process::Frame& frame);
  /// Does the next piece of work. False where there is none: no request, or each waits for its reader.
  bool step();
  /// Call when there was nothing to do for a while.
  void rest();

  [[nodiscard]] const process::model::ModelInfo& info() const { return engine_->info(); }

 private:
  struct Embedding {
    std::uint64_t id = 0;
    std::vector<std::string> texts;
    std::vector<float> vectors;
    std::size_t done = 0;
  };

  [[nodiscard]] Result<void> accept(const process::Frame& frame, const Json& json);
  [[nodiscard]] Result<void> add_job(Result<std::unique_ptr<Job>> job);
  [[nodiscard]] Result<void> add_embedding(std::uint64_t id, const Json& json);
  [[nodiscard]] Result<void> count(std::uint64_t id, const Json& json);
  [[nodiscard]] Result<void> add_credit(std::uint64_t id, const Json& json);
  [[nodiscard]] Result<void> forget(const Json& json);
  void cancel(std::uint64_t id);
  [[nodiscard]] bool knows(std::uint64_t id) const;

  void give_sequences();
  [[nodiscard]] bool decode_answers();
  void decode_together(std::span<Job* const> owners);
  [[nodiscard]] bool prefill_one();
  [[nodiscard]] bool embed_one();
  [[nodiscard]] Result<void> embed_next(Embedding& embedding);
  [[nodiscard]] std::size_t portion(const Job& job) const;
  void take_kept_prefix(Job& job);
  /// Where the prompt now stands at an end that is worth keeping.
  void keep_prefix(const Job& job);
  /// A prompt that nothing follows is computed in one go, which is faster; what is kept of it is cut out afterwards.
  [[nodiscard]] bool keeps_at_end(const Job& job) const;
  void keep_prefixes_at_end(const Job& job);

  /// What the row's distribution means for the job: the next token, a score, an end.
  void advance(Job& job, std::size_t row);
  void advance_answer(Job& job, Generation& answer, std::size_t row);
  void advance_scores(Job& job, Scoring& scoring, std::size_t row);

  void finish_answer(Job& job, Generation& answer, std::string reason);
  void end(Job& job);
  void fail_job(Job& job, const Error& error);
  void send_json(process::model::MessageType type, std::uint64_t id, const Json& json);
  void send_failed(std::uint64_t id, const Error& error);
  void report_threads();

  std::unique_ptr<LlamaEngine> engine_;
  Send send_;
  KeptPrefixes prefixes_;
  std::vector<std::unique_ptr<Job>> jobs_;  ///< In order of arrival; an ended one is taken out at the end of a step.
  std::deque<Embedding> embeddings_;
  std::vector<bool> sequence_used_;
  std::size_t turn_ = 0;           ///< Whose prompt gets the next portion.
  double prefill_rate_ = 100;      ///< Tokens a second, of late.
  int reported_threads_ = 0;
  bool dirty_ = false;             ///< The memory holds what somebody asked.
};

}  // namespace sekisho::worker
