#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "process/model_protocol.h"

namespace sekisho::model {

using RequestId = std::uint64_t;  ///< Of one engine, while it lives; never 0.

/// Token counts of texts, without special tokens.
struct CountRequest {
  std::vector<std::string> texts;
};

struct Request {
  std::string actor;  ///< Whose turn: the queue is fair among actors.
  std::variant<process::model::GenerateRequest, process::model::ScoreRequest, process::model::EmbedRequest, CountRequest> body;
  bool follow_up = false;  ///< A further step of a turn that was already served: not queued behind new turns.
  /// Whose and of what label it is, where the engine gives each subject a worker of its own (LocalEngine::Options). Empty: the actor.
  std::string subject;
};

/// Waiting. Sent when it is accepted and whenever its place changes.
struct Queued {
  std::size_t ahead = 0;    ///< Requests that will start before it.
  std::size_t waiting = 0;  ///< All that wait, this one included.
  double estimate_s = 0;    ///< Until it starts; 0: not known yet.
};
struct Started {};
struct Vectors {
  std::int64_t width = 0;
  std::vector<std::vector<float>> rows;  ///< One a text, each of length 1.
};
struct Counted {
  std::vector<std::int64_t> tokens;  ///< One a text.
};

/// Queued* Started Progress* Token* and then exactly one of Done, Scored, Vectors, Counted, Error.
/// A stop gives Done{"cancelled"}, or Error kCancelled where nothing had begun.
using Event = std::variant<Queued, Started, process::model::Progress, process::model::Token, process::model::Done, process::model::Scored,
                           Vectors, Counted, Error>;

/// True for the last event of a request.
[[nodiscard]] bool is_last(const Event& event);

/// Called from the engine's threads, one event at a time for a request, in order. Must return soon and may call the engine.
using Listener = std::function<void(const Event&)>;

struct EngineInfo {
  bool ready = false;
  std::string trouble;              ///< Why it is not ready, in English; "" while it starts.
  process::model::ModelInfo model;  ///< Of the last start that succeeded. cpu_variant belongs in the audit entry.
  std::string model_sha256;
  std::int64_t sequences = 0;  ///< Requests that run at once.
  std::int64_t threads = 0;    ///< That the worker uses now; 0: not told yet.
  std::int64_t starts = 0;     ///< Of the worker, since the server started.
  std::size_t waiting = 0;
  std::size_t running = 0;
  Json seal;  ///< SealReport::to_json of the last start.
};

/// A model somewhere. Threads: every call is safe from any; none waits for the model.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Accepts a request; `listener` hears the rest, perhaps before this returns.
  /// Errors: kBusy (the queue is full, with numbers), kUnavailable (the engine is given up), kInvalid, kTooLarge.
  [[nodiscard]] virtual Result<RequestId> start(Request request, Listener listener) = 0;

  /// The listener's reader has taken `tokens` tokens of a GenerateRequest: as many more may come. Without it the engine
  /// stops after GenerateRequest::credit tokens and waits, so that a slow reader slows only itself. Tokens that are held
  /// back (half a character, what may become a stop text) use credit before they are sent: a credit below 16 may stick.
  virtual void taken(RequestId id, std::int64_t tokens) = 0;

  /// Stops a request, waiting or running. Unknown and ended ids are fine.
  virtual void cancel(RequestId id) = 0;

  /// Drops every kept prefix of `scope` ("": of all): a document was withdrawn, a person signed off.
  virtual void forget(const std::string& scope) = 0;

  [[nodiscard]] virtual EngineInfo info() const = 0;
};

/// One request, read by the thread that wants its events. The destructor stops what still runs.
///
///     auto stream = Stream::open(engine, {.actor = user, .body = generate});
///     while (auto event = (*stream)->next(deadline_ms)) …      // Token: credit is given back as it is taken
///
/// Threads: `cancel` from any; the rest from one.
class Stream {
 public:
  /// Errors: as Engine::start.
  [[nodiscard]] static Result<std::unique_ptr<Stream>> open(Engine& engine, Request request);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// The next event; nothing after the last one. Waits at most `timeout_ms` (negative: for ever).
  /// Errors: kTimeout (the request goes on).
  [[nodiscard]] Result<std::optional<Event>> next(std::int64_t timeout_ms = -1);
  void cancel();
  [[nodiscard]] RequestId id() const { return id_; }

 private:
  struct Inbox {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<Event> events;  ///< Bounded by the credit; Queued and Progress replace an unread one of their kind.
  };
  Stream(Engine& engine, std::shared_ptr<Inbox> inbox) : engine_(engine), inbox_(std::move(inbox)) {}

  Engine& engine_;
  std::shared_ptr<Inbox> inbox_;  ///< Shared with the listener, which the engine may hold longer than we live.
  RequestId id_ = 0;
  bool ended_ = false;
};

/// Starts a request and waits for its answer. `follow_up` as in Request. Errors: the request's own, kTimeout (it is stopped then).
struct WaitOptions {
  std::string actor;
  std::int64_t timeout_ms = 120'000;
  bool follow_up = false;
  std::string subject;
};
[[nodiscard]] Result<process::model::Scored> score(Engine& engine, process::model::ScoreRequest request, const WaitOptions& options);
[[nodiscard]] Result<Vectors> embed(Engine& engine, process::model::EmbedRequest request, const WaitOptions& options);
[[nodiscard]] Result<Counted> count(Engine& engine, CountRequest request, const WaitOptions& options);

}  // namespace sekisho::model
