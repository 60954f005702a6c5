#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "http/event_parser.h"

namespace sekisho::main {

/// What the events of one turn add up to (docs/life-of-a-turn.md). A number that was seen already changes nothing, and text
/// that overlaps what is there is cut, so that a stream may be read on after a broken connection. Threads: one at a time.
class TurnRecord {
 public:
  /// The text that this event adds to the answer, if any. Errors: kCorrupt, where the event is not as agreed.
  [[nodiscard]] Result<std::string> take(const http::ReceivedEvent& event);

  /// Makes ready for all events from the first on, numbered anew, as a server that was restarted sends them.
  void read_again();

  [[nodiscard]] bool ended() const { return done.has_value() || failed.has_value(); }
  [[nodiscard]] bool not_found() const { return nearest.has_value() || (done && done->bool_or("not_found")); }
  [[nodiscard]] bool cancelled() const { return done && done->text_or("reason") == "cancelled"; }
  /// Numbers of the sources that the sentences rest on: the best one of each.
  [[nodiscard]] std::set<std::int64_t> cited() const;
  /// The source of that number, or nullptr.
  [[nodiscard]] const Json* source(std::int64_t number) const;
  /// The part of the answer between two UTF-16 offsets, as claims count.
  [[nodiscard]] std::string part(std::int64_t begin, std::int64_t end) const;
  /// One value for programs: turn_id, conversation_id, answer, not_found, sources, cited, claims, label, notices, done, error.
  [[nodiscard]] Json to_json() const;

  std::uint64_t last_number = 0;  ///< From which to read on.
  std::string turn_id;
  std::string conversation_id;
  std::string answer;
  Json::Array sources;
  Json::Array claims;
  Json::Array notices;
  Json label;
  std::optional<Json::Array> nearest;  ///< Of `not_found`.
  std::optional<Json> done;
  std::optional<Error> failed;

 private:
  std::string add_text(std::int64_t at, std::string_view text);

  std::int64_t units_ = 0;  ///< Of the answer, in UTF-16.
};

}  // namespace sekisho::main
