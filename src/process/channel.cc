#include "process/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <fmt/format.h>

#include "base/limits.h"

namespace sekisho::process {
namespace {

using Steady = std::chrono::steady_clock;

Error broken(std::string_view doing) { return {ErrorCode::kUnavailable, fmt::format("{}: {}", doing, std::strerror(errno))}; }

/// Waits until `fd` can be read or has ended. Nothing where `timeout_ms` passed first.
Result<bool> wait_readable(int fd, std::int64_t timeout_ms) {
  const auto deadline = Steady::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    int wait_ms = -1;
    if (timeout_ms >= 0) {
      const auto left_ms = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
      wait_ms = static_cast<int>(std::clamp<std::int64_t>(left_ms, 0, 1'000'000'000));
    }
    pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&entry, 1, wait_ms);
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return fail(broken("poll"));
  }
}

/// Reads what is there, at most `size` bytes; 0 at the end of the stream.
Result<std::size_t> read_some(int fd, char* to, std::size_t size) {
  for (;;) {
    const ssize_t got = ::recv(fd, to, size, 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return fail(broken("recv"));
  }
}

/// Fills `[to, to + size)` with the rest of a frame that has begun.
Result<void> read_rest(int fd, char* to, std::size_t size) {
  while (size > 0) {
    auto readable = wait_readable(fd, limits::kFrameStall_ms);
    if (!readable) return fail(readable.error());
    if (!*readable) return fail(ErrorCode::kCorrupt, "the other side stopped in the middle of a frame");
    auto got = read_some(fd, to, size);
    if (!got) return fail(got.error());
    if (*got == 0) return fail(ErrorCode::kCorrupt, "the other side ended in the middle of a frame");
    to += *got;
    size -= *got;
  }
  return {};
}

/// A frame whose first byte is there to be read; nothing at the end of the stream.
Result<std::optional<Frame>> read_frame(int fd) {
  char header_bytes[kFrameHeaderBytes];
  auto begun = read_some(fd, header_bytes, sizeof header_bytes);
  if (!begun) return fail(begun.error());
  if (*begun == 0) return std::nullopt;
  if (auto rest = read_rest(fd, header_bytes + *begun, sizeof header_bytes - *begun); !rest) return fail(rest.error());
  auto header = decode_header({header_bytes, sizeof header_bytes});
  if (!header) return fail(header.error());
  Frame frame{.type = header->type, .id = header->id, .payload = std::string(header->payload_bytes, '\0')};
  if (auto rest = read_rest(fd, frame.payload.data(), frame.payload.size()); !rest) return fail(rest.error());
  return frame;
}

}  // namespace

Channel::Channel(int fd) : fd_(fd) {}

Channel::~Channel() { ::close(fd_); }

Result<std::pair<int, int>> Channel::make_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return fail(broken("socketpair"));
  return std::pair(ends[0], ends[1]);
}

Result<void> Channel::send(const Frame& frame) {
  if (frame.payload.size() > limits::kFrameBytes) {
    return fail(ErrorCode::kTooLarge, fmt::format("a frame of {} bytes, more than {}", frame.payload.size(), limits::kFrameBytes));
  }
  const std::string bytes = encode_header(frame) + frame.payload;
  const std::lock_guard lock(send_mutex_);
  for (std::size_t sent = 0; sent < bytes.size();) {
    // send, not write: no SIGPIPE. Not sendmsg: the seal of a worker has no call that could pass a descriptor on.
    const ssize_t count = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      const Error error = broken("send");
      shut_down();  // A frame that is there by half must not be followed by another.
      return fail(error);
    }
  }
  return {};
}

Result<std::optional<Frame>> Channel::receive(std::int64_t timeout_ms) {
  auto readable = wait_readable(fd_, timeout_ms);
  if (!readable) return fail(readable.error());
  if (!*readable) return fail(ErrorCode::kTimeout, fmt::format("nothing arrived in {} ms", timeout_ms));
  auto frame = read_frame(fd_);
  if (!frame) shut_down();  // What follows a broken frame is never read as one.
  return frame;
}

void Channel::shut_down() { ::shutdown(fd_, SHUT_RDWR); }

}  // namespace sekisho::process
