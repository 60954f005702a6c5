#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "gate/label.h"

namespace sekisho::chat {

/// One message of a turn's stream. Numbers count from 1 without a gap.
struct Event {
  std::int64_t number = 0;
  std::string name;  ///< started, queued, sources, reading, label, text, claim, notice, not_found, done, failed.
  std::string data;  ///< JSON.
};

/// The stream of one turn: kept whole while the turn runs and for a while after, so that a page that was reloaded, a second
/// tab and a broken connection read on by number. At most limits::kEventBufferBytes: when that is full, progress events are
/// dropped first and neighbouring `text` events are joined; nothing that the reader needs is lost. A `text` event says `at`
/// which UTF-16 offset of the answer it begins, so that a joined one that overlaps what a reader has does no harm.
///
/// Threads: safe from any.
class EventLog {
 public:
  /// Called after each append and at the end, from the appending thread, without a lock held.
  using Wake = std::function<void()>;

  /// Appends; after close() it does nothing.
  void append(std::string_view name, const Json& data);
  /// No event follows.
  void close();
  /// What its events bear, from here on: who reads them is asked for it again (api/chat_routes.cc).
  void set_label(gate::Label label);
  [[nodiscard]] gate::Label label() const;

  struct Read {
    std::vector<Event> events;
    bool closed = false;  ///< And nothing follows `events`.
  };
  /// The events after `after`, at most `max_events`.
  [[nodiscard]] Read read(std::int64_t after, std::size_t max_events = 256) const;
  /// As read, but waits up to `timeout_ms` for a first event or the end.
  [[nodiscard]] Read wait(std::int64_t after, std::int64_t timeout_ms) const;

  /// Adds a listener until its token is destroyed.
  [[nodiscard]] std::shared_ptr<void> listen(Wake wake);
  [[nodiscard]] std::int64_t bytes() const;

 private:
  void shrink();
  void wake_all();

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<Event> events_;
  std::int64_t next_ = 1;
  std::int64_t bytes_ = 0;
  bool closed_ = false;
  gate::Label label_;
  // Listeners outlive neither side for sure, hence weak: a connection may go at any moment.
  std::vector<std::weak_ptr<Wake>> listeners_;
};

}  // namespace sekisho::chat
