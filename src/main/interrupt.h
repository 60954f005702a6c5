#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

namespace sekisho::main {

/// While it lives, Ctrl+C (SIGINT) calls `on_first` instead of ending the process; a second one ends it. Made before any
/// other thread, which then leave the signal alone too.
class InterruptWatch {
 public:
  /// `on_first` runs on a thread of its own.
  explicit InterruptWatch(std::function<void()> on_first);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  [[nodiscard]] bool interrupted() const { return interrupted_; }

 private:
  void watch();

  const std::function<void()> on_first_;
  std::atomic<bool> interrupted_ = false;
  std::atomic<bool> ended_ = false;
  sigset_t before_{};
  std::thread thread_;
};

}  // namespace sekisho::main
