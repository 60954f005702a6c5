#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "http/client.h"
#include "main/turn_record.h"

namespace sekisho::main {

/// Told of each event after the record has taken it, with the text that it added.
using TurnListener = std::function<void(const http::ReceivedEvent& event, std::string_view added)>;

/// Asks (`request` as POST /api/v1/turns has it) and reads the events until the turn has ended. When the connection breaks,
/// it connects again and reads on after the last number, for about ten seconds of silence from the server.
/// A turn that failed is no error here: `record.failed` says so.
/// Errors: what the server answers to the request; kUnavailable where it stays away; kCorrupt.
[[nodiscard]] Result<void> follow_turn(http::Client& client, const Json& request, TurnRecord& record, const TurnListener& listener);

}  // namespace sekisho::main
