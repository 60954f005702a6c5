#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "http/response.h"

namespace sekisho::api {

/// {"error":{"message","type","param","code"}}, as OpenAI's clients read it. The path in front of a detail
/// ("$.messages[0].role: …") becomes `param`. Our own faults keep their detail to the log.
[[nodiscard]] Json openai_error_json(const Error& error);

/// The status by which OpenAI's clients choose their exception: as http::status_of, but what a request asks too much of
/// (kTooLarge, kUnsupported, kCorrupt) is 400.
[[nodiscard]] int openai_status_of(ErrorCode code);

[[nodiscard]] http::Response openai_error(const Error& error);

/// Has `reader` report an error that a reader of its member `key` found further in, with the whole path once.
void reject_within(JsonReader& reader, std::string_view key, const Error& error);

}  // namespace sekisho::api
