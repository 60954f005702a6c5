#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "base/result.h"
#include "process/frame.h"

namespace sekisho::process {

/// Descriptors as a worker finds them. Nothing else is open in it but 0 (null), 1 (null) and 2 (the server's log).
inline constexpr int kChannelFd = 3;
inline constexpr int kInputFd = 4;  ///< The model file or the document, for reading only.

/// Frames over one connected stream socket. Owns the descriptor.
///
/// Threads: any number may send, one may receive. `send` blocks while the other side does not read.
class Channel {
 public:
  explicit Channel(int fd);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// Two connected ends (socketpair, close-on-exec).
  [[nodiscard]] static Result<std::pair<int, int>> make_pair();

  /// Errors: kUnavailable where the other side is gone, kTooLarge past limits::kFrameBytes (the channel goes on).
  [[nodiscard]] Result<void> send(const Frame& frame);

  /// The next frame; nothing where the other side closed in good order.
  /// Errors: kTimeout after `timeout_ms` without the first byte (negative: wait for ever), kUnavailable, and kCorrupt for
  /// bytes that are no frame, half a frame, or limits::kFrameStall_ms of silence inside one. After the last two it is shut.
  [[nodiscard]] Result<std::optional<Frame>> receive(std::int64_t timeout_ms = -1);

  /// Ends both directions: a blocked `receive` on either side returns.
  void shut_down();

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
  std::mutex send_mutex_;
};

}  // namespace sekisho::process
