#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "process/channel.h"

namespace sekisho::process {

struct SpawnOptions {
  std::string program;                 ///< Absolute path.
  std::vector<std::string> arguments;  ///< Without the program's own name.
  int input_fd = -1;                   ///< Becomes kInputFd, for reading only whatever it is here; borrowed. -1: none.
  int nice = 0;                        ///< Added to the worker's nice value (extraction and indexing: 19).
};

/// A running worker. The destructor kills it and waits for its end.
///
/// Threads: `channel` as Channel says; everything else from one thread at a time.
class Child {
 public:
  Child(pid_t pid, int channel_fd);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] Channel& channel() { return channel_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  void kill();
  /// Waits for the end. Returns how it ended in words for the log ("exit 0", "signal 9"); nothing after `timeout_ms`.
  [[nodiscard]] std::optional<std::string> wait(std::int64_t timeout_ms);

 private:
  pid_t pid_;
  Channel channel_;
  std::optional<std::string> ended_;
};

/// Starts a worker: fork, a PID namespace where the kernel gives one, descriptors, empty environment, death with its
/// parent, exec. The worker seals itself (sandbox.h) before it reads from kInputFd.
/// Threads: safe from any. Returns once exec has happened.
/// Errors: kUnavailable where the system refuses or the program cannot be executed, kBusy where 64 others wait.
[[nodiscard]] Result<std::unique_ptr<Child>> spawn(const SpawnOptions& options);

}  // namespace sekisho::process
