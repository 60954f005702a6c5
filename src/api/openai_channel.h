#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/guarded.h"
#include "base/json.h"
#include "base/result.h"
#include "base/worker_pool.h"
#include "http/event_stream.h"
#include "http/pending_response.h"
#include "http/router.h"

namespace sekisho::api {

/// The way back to one client of OpenAI's API: chunk by chunk, or one answer at the end.
///
/// Threads: send, finish and fail from one; the rest from any.
class OpenAiChannel : public std::enable_shared_from_this<OpenAiChannel> {
 public:
  enum class Form { kWhole, kChunks };
  /// Asked before anything is said: whether the client may still hear it. Where it may not, it gets `denied` and the end.
  using MayGoOn = std::function<bool()>;
  [[nodiscard]] static std::shared_ptr<OpenAiChannel> create(Form form, MayGoOn may_go_on);

  /// What the handler returns.
  [[nodiscard]] http::Reply reply() const;
  [[nodiscard]] bool in_chunks() const { return stream_ != nullptr; }

  /// Sends a chunk; waits while the client reads slowly, and so slows the model. With kWhole it does nothing.
  void send(const Json& chunk);
  /// The end: `whole` is the answer of kWhole.
  void finish(const Json& whole);
  /// An error in OpenAI's form; within a stream it is the last event.
  void fail(const Error& error);

  /// Whether nobody waits for the answer: the client went away, or the server stops.
  [[nodiscard]] bool gone() const { return gone_; }
  void give_up();

 private:
  OpenAiChannel() = default;
  bool send_text(std::string_view text);
  bool refused();

  MayGoOn may_go_on_;

  std::shared_ptr<http::EventStream> stream_;       ///< One of these two.
  std::shared_ptr<http::PendingResponse> pending_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool drained_ = false;
  std::atomic<bool> gone_ = false;
};

/// Threads for answers to OpenAI's API: a request waits for the model here and not on a thread of the HTTP server.
///
/// Threads: safe from any. Bounded: so many answers at once and waiting, and limits::kTurnsQueuedPerActor of one actor.
class OpenAiDesk {
 public:
  struct Options {
    std::size_t threads = 16;
    std::size_t queue = 32;
  };
  explicit OpenAiDesk(Options options) : threads_({.threads = options.threads, .queue = options.queue}) {}
  /// Gives up what is under way and waits for its end.
  ~OpenAiDesk();
  OpenAiDesk(const OpenAiDesk&) = delete;
  OpenAiDesk& operator=(const OpenAiDesk&) = delete;

  using Work = std::function<void(OpenAiChannel&)>;
  /// Runs `work` soon; it must end the channel by finish() or fail(), and is called even where the client has gone by then.
  /// Errors: kBusy.
  [[nodiscard]] Result<http::Reply> start(const std::string& actor, OpenAiChannel::Form form, OpenAiChannel::MayGoOn may_go_on, Work work);

 private:
  struct Table {
    bool closing = false;
    std::map<std::string, std::size_t> of_actor;
    std::set<std::shared_ptr<OpenAiChannel>> channels;
  };
  [[nodiscard]] Result<void> enter(const std::string& actor, const std::shared_ptr<OpenAiChannel>& channel);
  void leave(const std::string& actor, const std::shared_ptr<OpenAiChannel>& channel);

  Guarded<Table> table_;
  WorkerPool threads_;
};

}  // namespace sekisho::api
