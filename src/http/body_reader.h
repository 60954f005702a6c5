#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sekisho::http {

/// A request's body as it arrives, read by the handler of a streamed route. At most limits::kHttpUploadBufferBytes
/// wait here; beyond that the client's TCP connection is not read, so that memory stays bounded.
///
/// Threads: the handler reads on its own thread; the connection fills from the network thread.
class BodyReader {
 public:
  BodyReader() = default;
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  /// Blocks until there are bytes and copies at most `into.size()` of them (which must not be 0); 0 is the body's end.
  /// Errors, for good: kTooLarge (more than the route admits), kTimeout (the sender stalled or is far too slow),
  /// kInvalid (broken chunk framing), kCancelled (the client is gone or the server stops).
  [[nodiscard]] Result<std::size_t> read(std::span<char> into);

 private:
  friend class Connection;
  /// `wake` runs under the lock, whenever there is room again; it must only post.
  void attach(std::function<void()> wake);
  void detach();
  /// Whether the connection may read more of the socket.
  [[nodiscard]] bool has_room();
  void push(std::string_view bytes);
  void finish();
  void break_off(Error error);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> wake_;
  std::string buffer_;
  std::size_t read_offset_ = 0;
  bool finished_ = false;
  bool connection_waits_ = false;
  std::optional<Error> error_;
};

}  // namespace sekisho::http
