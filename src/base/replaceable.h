#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace sekisho {

/// A value that many read and that is seldom replaced, always as a whole. What was there before is kept until the end, so that
/// references into it stay valid. Copies share one value.
///
/// Threads: safe from any; reading takes no lock.
template <typename T>
class Replaceable {
 public:
  explicit Replaceable(T first) { replace(std::move(first)); }

  [[nodiscard]] const T& get() const { return *shared_->now.load(std::memory_order_acquire); }
  void replace(T next) {
    const std::lock_guard lock(shared_->mutex);
    shared_->all.push_back(std::make_unique<const T>(std::move(next)));
    shared_->now.store(shared_->all.back().get(), std::memory_order_release);
  }
  /// How many values there were, this one included.
  [[nodiscard]] std::size_t versions() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->all.size();
  }

 private:
  struct Shared {
    std::atomic<const T*> now = nullptr;
    std::mutex mutex;
    std::vector<std::unique_ptr<const T>> all;
  };
  // Shared with the copies.
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace sekisho
