#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sekisho::main {

/// Small work that a running server does again and again, on one thread of its own.
///
/// Threads: the work runs on that thread alone. The destructor waits for what is under way.
class Upkeep {
 public:
  struct Duty {
    std::int64_t every_ms = 0;  ///< For the first time after that long.
    std::function<void()> work;
  };
  explicit Upkeep(std::vector<Duty> duties);
  ~Upkeep();
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

 private:
  void run();

  const std::vector<Duty> duties_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sekisho::main
