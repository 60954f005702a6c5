#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sekisho::http {

/// One server-sent event as its reader sees it.
struct ReceivedEvent {
  std::optional<std::uint64_t> id;  ///< Of this event or, where it has none, of the last that had one.
  std::string name;                 ///< "message" where the sender gave none.
  std::string data;                 ///< Lines joined by '\n'.
};

/// Cuts the bytes of a text/event-stream into events (HTML Living Standard §9.2.6), however they arrive. Comments, `retry`
/// and unknown fields are passed over, and so is an event without data. Threads: one at a time.
class EventParser {
 public:
  /// Errors: kTooLarge for an event beyond limits::kClientEventBytes.
  [[nodiscard]] Result<void> feed(std::string_view bytes);
  /// The next whole event, in order.
  [[nodiscard]] std::optional<ReceivedEvent> next();

 private:
  void take_line(std::string_view line);
  void dispatch();

  std::string line_;
  bool after_cr_ = false;
  bool at_start_ = true;
  std::optional<std::uint64_t> id_;
  std::string name_;
  std::string data_;
  std::deque<ReceivedEvent> ready_;
};

}  // namespace sekisho::http
