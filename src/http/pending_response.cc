#include "http/pending_response.h"

#include <utility>

namespace sekisho::http {

void PendingResponse::complete(Response response) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(completed_, true)) return;
  response_ = std::move(response);
  if (wake_) wake_();
}

bool PendingResponse::gone() const {
  const std::lock_guard lock(mutex_);
  return gone_;
}

void PendingResponse::on_gone(std::function<void()> callback) {
  {
    const std::lock_guard lock(mutex_);
    if (!gone_) {
      on_gone_ = std::move(callback);
      return;
    }
  }
  callback();
}

void PendingResponse::attach(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

std::optional<Response> PendingResponse::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(response_, std::nullopt);
}

void PendingResponse::mark_gone() {
  std::function<void()> callback;
  {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    callback = std::exchange(on_gone_, nullptr);
  }
  if (callback) callback();
}

void PendingResponse::detach() {
  const std::lock_guard lock(mutex_);
  wake_ = nullptr;
  on_gone_ = nullptr;
}

}  // namespace sekisho::http
