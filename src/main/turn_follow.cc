#include "main/turn_follow.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace sekisho::main {
namespace {

using std::chrono::milliseconds;
constexpr std::array kWaits = {milliseconds(200), milliseconds(500), milliseconds(1'000), milliseconds(2'000), milliseconds(3'000), milliseconds(4'000)};

bool may_come_back(const Error& error) { return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout; }

/// Reads until the turn or the stream has ended.
Result<void> read_all(http::EventReader& events, TurnRecord& record, const TurnListener& listener) {
  while (!record.ended()) {
    auto event = events.next();
    if (!event) return fail(event.error());
    if (!*event) return fail(ErrorCode::kUnavailable, "the stream ended before the turn");
    auto added = record.take(**event);
    if (!added) return fail(added.error());
    if (listener) listener(**event, *added);
  }
  return {};
}

}  // namespace

Result<void> follow_turn(http::Client& client, const Json& request, TurnRecord& record, const TurnListener& listener) {
  auto events = client.events(http::Method::kPost, "/api/v1/turns", &request);
  if (!events) return fail(events.error());
  auto result = read_all(*events, record, listener);
  for (std::size_t tries = 0; !result && may_come_back(result.error()) && !record.turn_id.empty() && tries < kWaits.size();) {
    std::this_thread::sleep_for(kWaits[tries]);
    const auto before = record.last_number;
    events = client.events(http::Method::kGet, fmt::format("/api/v1/turns/{}/events?after={}", record.turn_id, before));
    result = events ? read_all(*events, record, listener) : Result<void>(fail(events.error()));
    const bool moved_on = record.last_number > before;
    tries = moved_on ? 0 : tries + 1;
    if (!moved_on && !record.ended()) record.read_again();
  }
  return result;
}

}  // namespace sekisho::main
