#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/engine.h"
#include "process/frame.h"
#include "process/model_protocol.h"
#include "process/sandbox.h"
#include "process/spawn.h"

namespace sekisho::model {

struct WorkerOptions {
  std::string program;  ///< Absolute path of sekisho-model.
  process::model::LoadRequest load;
  /// A weaker profile that the operator signed off: names of required verdicts that may fail ("namespaces.network").
  std::vector<std::string> accepted_weaknesses;
  int nice = 0;
  std::int64_t seal_timeout_ms = 20'000;
  std::int64_t load_timeout_ms = 300'000;
};

struct ReadyWorker {
  /// Shared: one thread reads from it, another sends, and either may be the last to let go.
  std::shared_ptr<process::Child> child;
  process::model::ModelInfo info;
  process::SealReport seal;
};

/// Starts sekisho-model on the open file `model_fd` (borrowed), checks its seal, and loads. Blocks for seconds.
/// `on_spawned` gets the child before anything is waited for, so that another thread can end it by its channel.
/// Errors: kDenied (the seal does not hold, with the verdicts), kInvalid or kUnsupported (the worker cannot use the model:
/// trying again is useless), kUnavailable or kTimeout (trying again may help).
[[nodiscard]] Result<ReadyWorker> start_worker(const WorkerOptions& options, int model_fd,
                                               const std::function<void(std::shared_ptr<process::Child>)>& on_spawned);

/// The frame that sends `request`. Errors: kTooLarge past limits::kFrameBytes.
[[nodiscard]] Result<process::Frame> frame_of(const Request& request, RequestId id);

/// The event in a frame that answers `request`.
/// Errors: kCorrupt where the worker breaks the protocol: an answer of the wrong kind, with the wrong number of rows, …
[[nodiscard]] Result<Event> event_of(const Request& request, const process::Frame& frame);

/// Tokens that a request will cost, guessed from its length: Japanese text has about a token for three bytes.
[[nodiscard]] std::int64_t estimated_tokens(const Request& request);

}  // namespace sekisho::model
