#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "http/response.h"

namespace sekisho::http {

/// An answer that another thread gives later, so that long work holds no worker thread.
///
/// shared_ptr because whoever answers and the connection each outlive the other in some cases.
/// Threads: safe from any. The callback runs on a network thread, or within on_gone(), outside the lock, and must not block.
class PendingResponse {
 public:
  [[nodiscard]] static std::shared_ptr<PendingResponse> create() { return std::shared_ptr<PendingResponse>(new PendingResponse); }
  PendingResponse(const PendingResponse&) = delete;
  PendingResponse& operator=(const PendingResponse&) = delete;

  /// Answers. Only the first call counts. Every pending response must be completed: the client waits for it.
  void complete(Response response);
  /// Whether the client is known to have gone (noticed within a second).
  [[nodiscard]] bool gone() const;
  /// Called once when the client goes before the answer; at once if it already has. At most one callback.
  void on_gone(std::function<void()> callback);

 private:
  friend class Connection;
  PendingResponse() = default;
  void attach(std::function<void()> wake);
  [[nodiscard]] std::optional<Response> take();
  void mark_gone();
  void detach();

  mutable std::mutex mutex_;
  std::function<void()> wake_;
  std::function<void()> on_gone_;
  std::optional<Response> response_;
  bool completed_ = false;
  bool gone_ = false;
};

}  // namespace sekisho::http
