#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/engine.h"
#include "model/gguf_check.h"
#include "model/scheduler.h"
#include "model/worker_process.h"

namespace sekisho::model {

/// One sealed sekisho-model worker with one model, its queue, and its restarts.
///
/// The worker's death fails the requests that ran (kUnavailable) and no others: those that wait are started on the next
/// worker. Restarts back off; after kFailedStarts_max in a row the waiting ones fail and new ones are refused until a start
/// succeeds. A worker that is not sealed, or a model that it cannot use, ends the engine for good (EngineInfo::trouble).
/// A worker that breaks the protocol, sends more than it has credit for, or says nothing for `stall_ms` is killed.
class LocalEngine final : public Engine {
 public:
  static constexpr std::int64_t kFailedStarts_max = 3;

  struct Options {
    WorkerOptions worker;
    std::string model_path;
    std::string model_sha256;             ///< As admitted by the catalog; for info().
    Scheduler::Options queue;             ///< `slots` is set from worker.load.sequences.
    std::int64_t stall_ms = 120'000;      ///< Silence of a busy worker, to a ping too, after which it counts as hung.
    std::int64_t backoff_first_ms = 200;  ///< Before the second start; doubles.
    std::int64_t backoff_max_ms = 30'000;
    /// A worker serves one subject (Request::subject) and ends before another's request is begun, so that whatever a worker kept is gone
    /// with its process. Costs a start at each change of subject, and nobody is served beside another.
    bool one_subject = false;
  };

  /// Checks the model file and begins to start the worker; does not wait for it. `clock` must outlive the engine.
  /// Errors: those of check_gguf.
  [[nodiscard]] static Result<std::unique_ptr<LocalEngine>> open(Options options, const Clock& clock);
  /// Ends the worker; what still waits or runs gets kUnavailable.
  ~LocalEngine() override;

  Result<RequestId> start(Request request, Listener listener) override;
  void taken(RequestId id, std::int64_t tokens) override;
  void cancel(RequestId id) override;
  void forget(const std::string& scope) override;
  EngineInfo info() const override;

  /// What the file says of itself: chat format, context of the training.
  [[nodiscard]] const GgufSummary& summary() const { return summary_; }
  /// Waits until the worker has loaded. Errors: kTimeout, or why the engine is given up.
  [[nodiscard]] Result<void> wait_ready(std::int64_t timeout_ms);

 private:
  struct Entry;
  using EntryPtr = std::shared_ptr<Entry>;  ///< Shared by the two threads: either may be the last that tells it something.
  struct Message {
    EntryPtr entry;
    Event event;
  };

  LocalEngine(Options options, const Clock& clock, GgufSummary summary, int model_fd);
  static void tell(const Message& message);

  // The thread that owns the worker: starts it, reads from it, starts it again.
  void supervise();
  void serve(process::Child& child);
  void worker_ended(std::string_view why);
  void start_failed(const Error& error);
  void pause(std::int64_t ms);
  [[nodiscard]] std::int64_t backoff_ms();  // Needs mutex_.
  /// Errors: kCorrupt where the worker must be killed.
  Result<void> receive(const process::Frame& frame);
  Result<void> spend_credit(Entry& entry, const Event& event);
  bool is_stalled();

  // The thread that starts what waits and sends: it may block while a worker does not read.
  void dispatch();
  void gather(std::vector<Message>& messages, std::vector<process::Frame>& frames);
  void gather_places(std::vector<Message>& messages);
  [[nodiscard]] bool takes_slot(const Request& request) const;
  /// Whether the next that waits may be begun on this worker; ends the worker where it served another subject. Needs mutex_.
  [[nodiscard]] bool next_fits();
  void begin(const EntryPtr& entry, std::vector<Message>& messages, std::vector<process::Frame>& frames);

  void wake();                                                   // Needs mutex_.
  [[nodiscard]] bool is_given_up() const;                        // Needs mutex_.
  void fail_all(const Error& error, std::vector<Message>& out);  // Needs mutex_. Ends every entry.

  const Options options_;
  const Clock& clock_;
  const GgufSummary summary_;
  const int model_fd_;

  mutable std::mutex mutex_;
  std::condition_variable dispatcher_;
  std::condition_variable supervisor_;
  bool stopping_ = false;
  bool work_ = false;      ///< The dispatcher has something to look at.
  bool refusing_ = false;  ///< Too many starts failed in a row, or given_up_.
  bool given_up_ = false;
  std::int64_t failed_starts_ = 0;         ///< In a row.
  std::int64_t ends_in_a_row_ = 0;         ///< Failed starts and deaths since a request last succeeded: for the backoff.
  std::shared_ptr<process::Child> child_;  ///< From its spawning to its end.
  std::optional<std::string> subject_;     ///< That the worker has served, with one_subject.
  bool retiring_ = false;                  ///< It is to end, since another subject waits.
  Scheduler scheduler_;
  std::map<RequestId, EntryPtr> entries_;
  std::deque<EntryPtr> counts_;   ///< Count requests need no slot; they wait only for a worker.
  std::deque<EntryPtr> stopped_;  ///< Cancelled before they began; to be told so.
  std::deque<process::Frame> outbox_;
  RequestId next_id_ = 1;
  EngineInfo info_;
  std::size_t begun_ = 0;          ///< Entries that were sent to the worker.
  std::int64_t last_sign_ms_ = 0;  ///< When the worker last said something or got something to do.
  bool pinged_ = false;            ///< Since then it was asked whether it lives.

  std::thread supervising_;
  std::thread dispatching_;
};

}  // namespace sekisho::model
