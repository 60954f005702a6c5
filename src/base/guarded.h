#pragma once

#include <mutex>
#include <utility>

namespace sekisho {

/// A value that can only be reached while its lock is held.
///
///     Guarded<std::map<UserId, Session>> sessions_;
///     sessions_.with([&](auto& sessions) { sessions.erase(user); });
///
/// Threads: safe from any. The function must not call back into the same Guarded.
template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  template <typename Function>
  auto with(Function&& function) {
    const std::lock_guard lock(mutex_);
    return std::forward<Function>(function)(value_);
  }
  template <typename Function>
  auto with(Function&& function) const {
    const std::lock_guard lock(mutex_);
    return std::forward<Function>(function)(static_cast<const T&>(value_));
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace sekisho
