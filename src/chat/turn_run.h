#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "audit/content.h"
#include "base/clock.h"
#include "base/result.h"
#include "chat/answer.h"
#include "chat/answer_guard.h"
#include "chat/claim_check.h"
#include "chat/conversation.h"
#include "chat/event.h"
#include "chat/reading.h"
#include "gate/actor.h"
#include "gate/dlp_mask.h"
#include "gate/gate.h"
#include "model/engine.h"
#include "model/judge.h"
#include "model/prompt.h"
#include "search/passage_search.h"

namespace sekisho::chat {

/// The model that answers, as a turn needs to know it.
struct AnsweringModel {
  std::string name;
  std::string title;
  std::string sha256;
  model::Family family = model::Family::kChatMl;
  std::optional<model::Calibration> judge;
};

/// What a turn works with; all outlive it.
struct TurnParts {
  const Clock& clock;
  gate::Gate& gate;
  search::PassageSearch& search;
  Conversations& conversations;
  model::Engine& engine;
  const AnsweringModel& model;
  const ClaimChecker& checker;
  audit::Contents* contents = nullptr;  ///< Seals what was said for the log; nullptr: its hash alone is kept.
};

/// What a turn tells beside its answer.
enum class Explain {
  kNothing,
  kJudge,  ///< `done` carries what the judge saw of the first passage: for calibration.
};

/// An answer that broke off and is to go on.
struct Begun {
  std::string text;                   ///< Empty: begins anew.
  std::vector<std::string> passages;  ///< Ids of those that it was read from.
};

/// What a client says of how the words are chosen; what it leaves open is ours to choose.
struct Sampling {
  std::optional<std::int64_t> max_tokens;  ///< At most so many, within our own limit.
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<std::uint64_t> seed;
};

/// A stored turn and what its run has to know beside it.
struct TurnStart {
  StoredTurn turn;
  std::string title;                ///< Of its conversation.
  std::vector<Before> history;      ///< The turns before it, oldest first.
  gate::Label history_label;
  bool anew = false;                ///< Another answer is wanted than the one that is there.
  Begun begun;
  Explain explain = Explain::kNothing;
  Sampling sampling;
  gate::DlpVerdict personal;  ///< What the question says of people; `turn` bears the level that this asks for.
};

/// One question on its way to an answer: search, gate, reading, judging, writing. docs/life-of-a-turn.md tells it in order.
///
/// Threads: run() on one; stop() from any.
class TurnRun {
 public:
  TurnRun(TurnParts parts, gate::Actor actor, TurnStart start, std::shared_ptr<EventLog> events);

  /// Runs to the end: the event log is closed when it returns. The turn is stored then, too, unless keep() is to be called.
  void run();
  /// Whether the closing Entry and the turn with its answer are written.
  [[nodiscard]] bool is_kept() const { return kept_; }
  /// Once run() is over and where the disk refused it then: tries again. Errors: kUnavailable.
  [[nodiscard]] Result<void> keep();
  /// Ends the answer soon; what is there is kept.
  void stop();

 private:
  struct Attempt;

  [[nodiscard]] Result<void> answer();
  [[nodiscard]] Result<void> answer_from_shelves();
  [[nodiscard]] Result<void> answer_without_papers();
  [[nodiscard]] Result<gate::Permit> admit(const gate::Label& label, const std::vector<PassageId>& passages);
  [[nodiscard]] Result<search::SearchScope> scope() const;
  void say_not_found(std::size_t passages);
  void show_sources(const std::vector<search::FoundPassage>& passages);
  void show_label(const gate::Label& label, const std::vector<search::FoundPassage>& passages);

  [[nodiscard]] Result<void> read_several(const std::vector<search::FoundPassage>& passages);
  /// Goes on with the answer that was begun, from the passages that it was read from.
  [[nodiscard]] Result<void> read_on(const std::vector<search::FoundPassage>& passages, const Before& before);
  /// Reads the passages of `attempt` and answers from them. False: they are silent.
  [[nodiscard]] Result<bool> read(const Attempt& attempt, const std::vector<search::FoundPassage>& passages);
  /// The person and the label: what a worker may have seen before, where each subject has its own.
  [[nodiscard]] std::string subject() const;
  [[nodiscard]] Result<double> yes_margin(const Attempt& attempt);
  /// Streams one generation into `take(text, log_probability)`, which says whether to go on.
  using Take = std::function<bool(const process::model::Token&)>;
  [[nodiscard]] Result<process::model::Done> generate(process::model::GenerateRequest request, const Take& take);
  [[nodiscard]] process::model::GenerateRequest request_of(std::vector<process::model::Segment> prompt, std::int64_t max_tokens) const;
  [[nodiscard]] std::vector<SourceText> sources_of(const std::vector<search::FoundPassage>& passages, const std::vector<std::size_t>& first);

  /// Tells what was found of people in the question or the answer: kinds and counts.
  void tell_personal(std::string_view code, const Json& found, gate::DlpAction action);
  void note_event(const model::Event& event);
  void notice(Json figures);
  /// `outcome` as the `done` or `failed` event, with what a later look at the turn needs.
  [[nodiscard]] Json stored_summary(const Json& said) const;
  void write(std::string_view text);
  /// What the guard still holds.
  void write_rest();
  void save_now_and_then();
  void end(const Result<void>& outcome);

  TurnParts parts_;
  const gate::Actor actor_;
  StoredTurn turn_;
  const std::string title_;
  const std::vector<Before> history_;
  gate::Label label_;
  const bool anew_;
  const Sampling sampling_;
  const Begun begun_;
  const Explain explain_;
  const std::shared_ptr<EventLog> events_;
  Json::Array judged_;  ///< For `explain`: what was seen of each reading.
  Answer answer_;
  const gate::DlpVerdict personal_;
  gate::Masks masks_;
  std::optional<AnswerGuard> guard_;  ///< From the first word on: the label is known then.

  std::vector<std::string> source_texts_;  ///< What claims are checked against, by source number − 1.
  std::vector<std::string> passage_texts_;  ///< What the model reads, by source number − 1.
  search::Searched searched_;
  std::optional<gate::Permit> permit_;
  Json found_nothing_;                ///< What the `not_found` event said; null where there was none.
  Json because_source_;
  Json::Array notices_;
  Json::Array read_;                  ///< Ids of the passages that the answer was read from.
  Json said_;            ///< What the `done` or `failed` event says.
  bool closed_ = false;  ///< The closing Entry is written.
  bool kept_ = false;
  bool served_ = false;  ///< A first request of this turn went through the queue.
  std::int64_t reading_source_ = 0;
  std::int64_t started_ms_ = 0;
  std::int64_t first_text_ms_ = -1;
  std::int64_t saved_ms_ = 0;
  std::int64_t prompt_tokens_ = 0;
  std::int64_t cached_tokens_ = 0;
  std::int64_t output_tokens_ = 0;
  std::string reason_ = "stop";

  std::atomic<bool> stopped_ = false;
  std::mutex stream_mutex_;
  model::Stream* stream_ = nullptr;
};

}  // namespace sekisho::chat
