#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"

namespace sekisho {

/// A fixed number of threads that run short blocking work (disk, password hashing) off the network threads.
///
/// Threads: safe from any. Bounded: a full queue refuses. The destructor finishes what was accepted.
class WorkerPool {
 public:
  struct Options {
    std::size_t threads = 2;
    std::size_t queue = 1024;
  };
  explicit WorkerPool(Options options);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Errors: kBusy where the queue is full.
  [[nodiscard]] Result<void> submit(std::function<void()> work);

 private:
  void run();

  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sekisho
