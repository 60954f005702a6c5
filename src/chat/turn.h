#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/id.h"
#include "base/result.h"
#include "base/worker_pool.h"
#include "chat/event.h"
#include "chat/turn_run.h"

namespace sekisho::chat {

/// A question as it comes in.
struct TurnRequest {
  std::optional<ConversationId> conversation;  ///< Nothing: begin a new one.
  std::string question;                        ///< 1 to limits::kQuestionCharacters.
  Mode mode = Mode::kShelves;
  std::optional<std::vector<ShelfId>> shelves;  ///< Nothing: every readable one.
  // Where it stands in its conversation. At most one of these; none: after the last turn.
  std::optional<TurnId> follows;        ///< After this turn: the branch that the asker looks at.
  std::optional<TurnId> edit_of;        ///< Beside this turn: its question in other words.
  std::optional<TurnId> regenerate_of;  ///< Beside this turn: its answer is to be written anew.
  std::optional<TurnId> continue_of;    ///< Beside this turn: its answer goes on where it broke off, by its own question, mode and shelves.
  /// Begins a new conversation with what was said in this one: for 「要約して新しい会話」.
  std::optional<ConversationId> summary_of;
  std::optional<ShelfId> attachments;  ///< The shelf of what was attached; stays with the conversation.
  Explain explain = Explain::kNothing;
  Sampling sampling;
};

struct StartedTurn {
  TurnId id;
  ConversationId conversation;
  // Shared with the run that writes it and every connection that reads it; the last one frees it.
  std::shared_ptr<EventLog> events;
};

/// The turns that run now, and those that ended a moment ago so that a lost connection can read on.
///
/// Threads: safe from any. Bounded: limits::kTurnsQueued turns at once, limits::kTurnsQueuedPerActor of one actor.
class Turns {
 public:
  /// `parts` outlives this.
  explicit Turns(TurnParts parts);
  /// Stops what runs and waits for it.
  ~Turns();
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  /// The question is durable when this returns; the answer goes on whether somebody reads its events or not.
  /// Errors: kDenied (conversation, turn), kBusy (too many at once, with numbers), kUnavailable.
  [[nodiscard]] Result<StartedTurn> start(const gate::Actor& actor, const TurnRequest& request);
  /// The events of a turn of `actor`; those of one that ended long ago are made from what is stored. Errors: kDenied.
  [[nodiscard]] Result<std::shared_ptr<EventLog>> events(const gate::Actor& actor, const TurnId& id);
  /// Stopping one that is over is fine. Errors: kDenied.
  [[nodiscard]] Result<void> stop(const gate::Actor& actor, const TurnId& id);
  /// Stores the turns that ended while the disk refused it. Call now and then.
  void keep_ended();

 private:
  struct Running {
    UserId owner;
    std::shared_ptr<TurnRun> run;  // Shared with its thread, which outlives the entry by a moment; empty when over and kept.
    std::shared_ptr<EventLog> events;
    std::int64_t ended_ms = 0;
  };
  using Table = std::map<TurnId, Running>;

  struct Past {
    std::vector<Before> turns;
    gate::Label label;
    Begun begun;
    std::string title;  ///< Of the conversation that begins; empty: the question's.
  };
  /// What was said on the way to the place of `turn`, which is filled in; nothing said for a new conversation.
  [[nodiscard]] Result<Past> past(const gate::Actor& actor, const TurnRequest& request, StoredTurn& turn);
  /// What the question says of people. Raises the label of `past`, as far as the asker may read it.
  /// Errors: kInvalid (a rule stops it; recorded), kUnavailable.
  [[nodiscard]] Result<gate::DlpVerdict> judge(const gate::Actor& actor, const TurnRequest& request, const TurnId& id, Past& past);
  /// All that was said in the conversation to be summarised, as far as a model is ever shown; `turn` begins a new one.
  [[nodiscard]] Result<Past> past_of_another(const gate::Actor& actor, const TurnRequest& request);
  [[nodiscard]] Result<void> reserve(const gate::Actor& actor, const TurnId& id, const std::shared_ptr<EventLog>& events);
  [[nodiscard]] Result<std::shared_ptr<EventLog>> replay(const gate::Actor& actor, const TurnId& id);
  void forget_old(Table& table) const;

  TurnParts parts_;
  Guarded<Table> table_;
  WorkerPool threads_;
};

}  // namespace sekisho::chat
