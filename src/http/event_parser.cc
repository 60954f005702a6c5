#include "http/event_parser.h"

#include <charconv>
#include <utility>

#include "base/limits.h"

namespace sekisho::http {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Result<void> EventParser::feed(std::string_view bytes) {
  for (const char c : bytes) {
    // A line ends with CR, LF or CR LF; the LF of a pair may come in a later piece.
    const bool second_of_pair = after_cr_ && c == '\n';
    after_cr_ = c == '\r';
    if (second_of_pair) continue;
    if (c == '\r' || c == '\n') {
      take_line(line_);
      line_.clear();
    } else {
      line_ += c;
      if (line_.size() + data_.size() > limits::kClientEventBytes) return fail(ErrorCode::kTooLarge, "an event of the server is too large");
    }
  }
  return {};
}

std::optional<ReceivedEvent> EventParser::next() {
  if (ready_.empty()) return std::nullopt;
  ReceivedEvent event = std::move(ready_.front());
  ready_.pop_front();
  return event;
}

void EventParser::take_line(std::string_view line) {
  if (std::exchange(at_start_, false) && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.empty()) return dispatch();
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    data_ += value;
    data_ += '\n';
  } else if (field == "event") {
    name_ = value;
  } else if (field == "id") {
    std::uint64_t id = 0;
    const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), id);
    if (ec == std::errc() && end == value.data() + value.size()) id_ = id;
  }
}

void EventParser::dispatch() {
  std::string name = std::exchange(name_, {});
  if (data_.empty()) return;
  data_.pop_back();
  ready_.push_back({id_, name.empty() ? "message" : std::move(name), std::exchange(data_, {})});
}

}  // namespace sekisho::http
