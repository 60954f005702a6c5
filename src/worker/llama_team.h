#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace sekisho::worker {

/// Threads that compute stretches of one task together. Who is free takes the next stretch, so one that has to share its core
/// holds the others up for a stretch at most, and one that has not woken yet for nothing at all. Threads: one calls.
class Team {
 public:
  /// Whether more is expected at once: then who waits spins for a moment before it sleeps.
  enum class Next { kSoon, kLater };

  Team() = default;
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  /// Calls `work` with stretches [first, last) of [0, total), up to `at_once` long, from up to `count` ≥ 1 threads, this one among them.
  void share(std::size_t count, std::size_t total, std::size_t at_once, Next next, const std::function<void(std::size_t, std::size_t)>& work);

 private:
  void run(std::size_t helpers, Next next, const std::function<void()>& work);
  void help(std::size_t index);
  /// The first open call after `seen`; 0 at the end of all.
  [[nodiscard]] std::uint64_t await_call(std::uint64_t seen) const;

  std::vector<std::thread> threads_;
  const std::function<void()>* work_ = nullptr;
  std::atomic<std::size_t> wanted_ = 0;    ///< Helpers of this call.
  std::atomic<std::uint64_t> call_ = 2;    ///< Odd while a call is open, else even; 0 at the end of all.
  std::atomic<std::uint32_t> inside_ = 0;  ///< Helpers that look at the call.
  std::atomic<bool> spin_ = false;
};

}  // namespace sekisho::worker
