#include "http/event_stream.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sekisho::http {

std::string serialize_event(const ServerEvent& event) {
  CHECK(event.name.find_first_of("\r\n") == std::string_view::npos);
  std::string text;
  text.reserve(event.data.size() + event.name.size() + 48);
  if (event.id) text.append("id: ").append(std::to_string(*event.id)).append("\n");
  if (!event.name.empty()) text.append("event: ").append(event.name).append("\n");
  std::string_view rest = event.data;
  while (true) {
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    text.append("data: ").append(rest.substr(0, end)).append("\n");
    if (end == rest.size()) return text.append("\n");
    const bool two = rest.substr(end).starts_with("\r\n");
    rest.remove_prefix(end + (two ? 2 : 1));
  }
}

std::shared_ptr<EventStream> EventStream::create(Options options) {
  return std::shared_ptr<EventStream>(new EventStream(std::move(options)));
}

EventStream::Sent EventStream::send(const ServerEvent& event) {
  const std::string text = serialize_event(event);
  const std::lock_guard lock(mutex_);
  if (gone_ || closed_) return Sent::kGone;
  const std::size_t waiting_bytes = pending_.size() + in_flight_bytes_;
  if (waiting_bytes > 0 && waiting_bytes + text.size() > options_.buffer_bytes) {
    was_full_ = true;
    return Sent::kFull;
  }
  pending_ += text;
  if (connection_waits_) {
    connection_waits_ = false;
    wake_();
  }
  return Sent::kQueued;
}

void EventStream::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  if (connection_waits_) {
    connection_waits_ = false;
    wake_();
  }
}

bool EventStream::gone() const {
  const std::lock_guard lock(mutex_);
  return gone_;
}

std::size_t EventStream::queued_bytes() const {
  const std::lock_guard lock(mutex_);
  return pending_.size() + in_flight_bytes_;
}

void EventStream::on_drained(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  drained_ = std::move(callback);
}

void EventStream::on_gone(std::function<void()> callback) {
  {
    const std::lock_guard lock(mutex_);
    if (!gone_) {
      on_gone_ = std::move(callback);
      return;
    }
  }
  callback();
}

void EventStream::attach(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

EventStream::Taken EventStream::take() {
  std::function<void()> drained;
  Taken taken;
  {
    const std::lock_guard lock(mutex_);
    taken.bytes = std::exchange(pending_, {});
    in_flight_bytes_ = taken.bytes.size();
    taken.ended = closed_ && taken.bytes.empty();
    if (taken.bytes.empty() && !closed_) connection_waits_ = true;
    if (was_full_ && taken.bytes.empty()) {
      was_full_ = false;
      drained = drained_;
    }
  }
  if (drained) drained();
  return taken;
}

void EventStream::detach() {
  std::function<void()> callback;
  {
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
    drained_ = nullptr;
    connection_waits_ = false;
    const bool delivered = closed_ && pending_.empty() && in_flight_bytes_ == 0;
    gone_ = !delivered;
    pending_.clear();
    in_flight_bytes_ = 0;
    callback = std::exchange(on_gone_, nullptr);
    if (delivered) callback = nullptr;
  }
  if (callback) callback();
}

}  // namespace sekisho::http
