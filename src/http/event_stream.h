#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "http/headers.h"

namespace sekisho::http {

/// One server-sent event (HTML Living Standard §9.2). `name` and `id` may be left out; line ends in `data` are kept by
/// framing, so that the reader sees '\n' for each.
struct ServerEvent {
  std::optional<std::uint64_t> id;
  std::string_view name;  ///< No line end in it.
  std::string_view data;
};

/// "id: 7\nevent: token\ndata: 予算\n\n".
[[nodiscard]] std::string serialize_event(const ServerEvent& event);

/// An answer that goes on after its handler returned: events that any thread pushes and the connection writes.
///
/// The handler creates it, hands a copy to whoever produces, and returns it. shared_ptr because the producer and the
/// connection each outlive the other in some cases; neither waits for the other. Events may be sent before the handler
/// returns. A comment goes out every Limits::stream_keep_alive_ms of silence.
///
///     auto stream = EventStream::create();
///     turn.subscribe(stream);
///     return stream;
///
/// Threads: safe from any. Callbacks run on a network thread or within the call that registers them, outside the lock,
/// and must not block.
class EventStream {
 public:
  struct Options {
    std::size_t buffer_bytes = 64 * limits::kKiB;  ///< Not yet taken by the client's TCP connection.
    Headers headers;                               ///< Beside Content-Type and Cache-Control.
  };
  enum class Sent {
    kQueued,
    kFull,  ///< Dropped: the reader is too slow. Try again after on_drained.
    kGone,  ///< Dropped: the client went away, or the stream was closed.
  };

  [[nodiscard]] static std::shared_ptr<EventStream> create(Options options);
  [[nodiscard]] static std::shared_ptr<EventStream> create() { return create(Options{}); }
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  /// Queues one event whole or not at all. An event is admitted to an empty buffer whatever its size.
  [[nodiscard]] Sent send(const ServerEvent& event);
  /// The end: what is queued still goes out. Further calls do nothing.
  void close();
  /// Whether the client is known to have gone. A client that shuts down its sending side counts as gone.
  [[nodiscard]] bool gone() const;
  [[nodiscard]] std::size_t queued_bytes() const;

  /// Called each time the buffer has emptied after a send() that found it full. At most one callback; set it before sending.
  void on_drained(std::function<void()> callback);
  /// Called once when the client goes before close(); at once if it already has. At most one callback.
  void on_gone(std::function<void()> callback);

 private:
  friend class Connection;
  explicit EventStream(Options options) : options_(std::move(options)) {}

  /// The connection's side. `wake` runs under the lock when there is something to take; it must only post.
  void attach(std::function<void()> wake);
  struct Taken {
    std::string bytes;
    bool ended = false;
  };
  /// What waits, and whether that was the last. The earlier piece counts as delivered now.
  [[nodiscard]] Taken take();
  /// Forgets the connection; the client is gone unless close() came first and all was written.
  void detach();

  const Options options_;
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  std::function<void()> drained_;
  std::function<void()> on_gone_;
  std::string pending_;
  std::size_t in_flight_bytes_ = 0;
  bool connection_waits_ = false;
  bool was_full_ = false;
  bool closed_ = false;
  bool gone_ = false;
};

}  // namespace sekisho::http
