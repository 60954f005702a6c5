#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace sekisho::model {

/// One request that waits for an engine.
struct Ticket {
  std::uint64_t id = 0;
  std::string actor;             ///< Whose turn it is: fairness is among actors.
  std::int64_t cost_tokens = 1;  ///< Prompt and longest answer, estimated. At least 1.
  /// The next step of a turn that was already served (the judge's question, the next passage): goes before all turns
  /// that have not begun, and its actor pays for it later.
  bool follow_up = false;
  std::string subject;  ///< Passed through, for whoever pops.
};

struct QueuePlace {
  std::uint64_t id = 0;
  std::size_t ahead = 0;  ///< Requests that will be started before it.
  double estimate_s = 0;  ///< Until it starts; 0 while no speed was measured.
};

/// Decides who is served next: bounded, and fair among actors by tokens. Start-time fair queueing (Goyal, Vin, Cheng
/// 1996): what deficit round robin does, with the debt of an actor remembered and each place in the queue exact.
///
/// Threads: none of its own; the caller locks.
class Scheduler {
 public:
  struct Options {
    std::size_t slots = 4;              ///< Requests that run at once.
    std::size_t running_per_actor = 3;  ///< Of them at most so many for one actor, so that a newcomer finds a free one.
    std::size_t queued = limits::kTurnsQueued;
    std::size_t queued_per_actor = limits::kTurnsQueuedPerActor;
  };
  explicit Scheduler(Options options);

  /// Errors: kBusy where the queue, or the actor's part of it, is full (with the numbers).
  [[nodiscard]] Result<void> push(const Ticket& ticket);
  /// What pop() would give now.
  [[nodiscard]] std::optional<Ticket> next() const;
  /// The next to start, which then counts as running; nothing where no slot is free or nobody may run.
  [[nodiscard]] std::optional<Ticket> pop();
  /// Takes a waiting one out. False where it does not wait.
  bool remove(std::uint64_t id);
  /// A running one has ended after `elapsed_ms`. `cost_tokens`: what it really used; 0: unknown.
  void finish(std::uint64_t id, std::int64_t elapsed_ms, std::int64_t cost_tokens);

  /// Everyone who waits, in the order in which they would start if all went on as it is.
  [[nodiscard]] std::vector<QueuePlace> places() const;
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::size_t running() const { return running_.size(); }

 private:
  struct Waiting {
    Ticket ticket;
    double arrival = 0;        ///< Virtual time when it came.
    std::uint64_t number = 0;  ///< Breaks ties: first come, first served.
  };
  struct Actor {
    std::deque<Waiting> queue;
    double finish = 0;  ///< Virtual time up to which this actor has been served.
    std::size_t running = 0;
  };
  struct Candidate {
    double start;
    const Waiting* waiting;
    [[nodiscard]] bool before(const Candidate& other) const;
  };
  [[nodiscard]] std::optional<Candidate> best() const;
  [[nodiscard]] bool may_run(const Actor& actor) const { return actor.running < options_.running_per_actor; }

  const Options options_;
  std::map<std::string, Actor> actors_;
  std::map<std::uint64_t, Ticket> running_;
  std::size_t waiting_ = 0;
  double now_ = 0;  ///< Virtual time, in tokens.
  std::uint64_t next_number_ = 0;
  double tokens_per_ms_ = 0;  ///< Of all slots together, smoothed.
};

}  // namespace sekisho::model
