#include "chat/event.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/limits.h"

namespace sekisho::chat {
namespace {

constexpr std::size_t kEventOverhead_bytes = 64;

bool is_progress(const Event& event) { return event.name == "reading" || event.name == "queued"; }

std::int64_t size_of(const Event& event) {
  return static_cast<std::int64_t>(event.data.size() + event.name.size() + kEventOverhead_bytes);
}

/// One `text` event with the words of both, or nothing where one of them is something else.
std::optional<Event> joined(const Event& first, const Event& second) {
  if (first.name != "text" || second.name != "text") return std::nullopt;
  const auto a = Json::parse(first.data);
  const auto b = Json::parse(second.data);
  if (!a || !b) return std::nullopt;
  const Json text = Json::object({{"at", a->int_or("at")}, {"text", a->text_or("text") + b->text_or("text")}});
  return Event{second.number, "text", text.dump()};
}

}  // namespace

void EventLog::append(std::string_view name, const Json& data) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    events_.push_back({next_++, std::string(name), data.dump()});
    bytes_ += size_of(events_.back());
    if (bytes_ > static_cast<std::int64_t>(limits::kEventBufferBytes)) shrink();
  }
  wake_all();
}

void EventLog::shrink() {
  std::deque<Event> kept;
  for (Event& event : events_) {
    if (is_progress(event) && event.number + 1 < next_) continue;
    if (!kept.empty()) {
      if (auto one = joined(kept.back(), event)) {
        kept.back() = std::move(*one);
        continue;
      }
    }
    kept.push_back(std::move(event));
  }
  events_ = std::move(kept);
  bytes_ = 0;
  for (const Event& event : events_) bytes_ += size_of(event);
}

void EventLog::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_all();
}

void EventLog::set_label(gate::Label label) {
  const std::lock_guard lock(mutex_);
  label_ = std::move(label);
}

gate::Label EventLog::label() const {
  const std::lock_guard lock(mutex_);
  return label_;
}

void EventLog::wake_all() {
  std::vector<std::shared_ptr<Wake>> listeners;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
    for (const auto& listener : listeners_) {
      if (auto alive = listener.lock()) listeners.push_back(std::move(alive));
    }
  }
  changed_.notify_all();
  for (const auto& listener : listeners) (*listener)();
}

EventLog::Read EventLog::read(std::int64_t after, std::size_t max_events) const {
  const std::lock_guard lock(mutex_);
  Read result;
  const auto first = std::upper_bound(events_.begin(), events_.end(), after,
                                      [](std::int64_t number, const Event& event) { return number < event.number; });
  auto it = first;
  for (; it != events_.end() && result.events.size() < max_events; ++it) result.events.push_back(*it);
  result.closed = closed_ && it == events_.end();
  return result;
}

EventLog::Read EventLog::wait(std::int64_t after, std::int64_t timeout_ms) const {
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                      [&] { return closed_ || (!events_.empty() && events_.back().number > after); });
  }
  return read(after);
}

std::shared_ptr<void> EventLog::listen(Wake wake) {
  auto listener = std::make_shared<Wake>(std::move(wake));
  const std::lock_guard lock(mutex_);
  listeners_.push_back(listener);
  return listener;
}

std::int64_t EventLog::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace sekisho::chat
