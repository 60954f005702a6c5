#include "base/worker_pool.h"

#include <utility>

#include <fmt/format.h>

namespace sekisho {

WorkerPool::WorkerPool(Options options) : queue_limit_(options.queue) {
  threads_.reserve(options.threads);
  for (std::size_t i = 0; i < options.threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Result<void> WorkerPool::submit(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_limit_) return fail(ErrorCode::kBusy, fmt::format("worker pool: {} waiting", queue_.size()));
    queue_.push_back(std::move(work));
  }
  ready_.notify_one();
  return {};
}

void WorkerPool::run() {
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace sekisho
