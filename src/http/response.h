#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "http/headers.h"

namespace sekisho::http {

/// Yields the next piece of a long body, at most a few hundred KiB; an empty piece is the end. Called on a worker thread,
/// one call at a time. An error breaks the connection off, so that the client sees that the body is not whole.
using BodySource = std::function<Result<std::string>()>;

/// An answer that is known as a whole, or, with `source`, is made while it is sent.
/// Content-Length, Transfer-Encoding, Connection, Date and X-Request-Id are the server's; do not set them.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  /// Instead of `body`: bytes that many answers share (files of the page). shared_ptr because an answer under way may
  /// outlive the table it came from.
  std::shared_ptr<const std::string> shared_body;
  /// Instead of `body`: pulled piece by piece.
  BodySource source;
  /// Of the source, where known; otherwise the body is chunked.
  std::optional<std::uint64_t> source_bytes;

  [[nodiscard]] static Response json(const Json& value, int status = 200);
  [[nodiscard]] static Response text(std::string body, int status = 200);
  /// 204.
  [[nodiscard]] static Response empty();
  /// 303, a GET elsewhere on this server. `location` must start with '/'.
  [[nodiscard]] static Response see_other(std::string_view location);

  [[nodiscard]] std::string_view body_view() const { return shared_body ? std::string_view(*shared_body) : std::string_view(body); }
};

/// The status that tells `code` to an HTTP client: kInvalid 400, kTooLarge 413, kUnauthorized 401, kDenied 404,
/// kConflict 409, kRateLimited 429, kBusy and kUnavailable 503, kCancelled 499, kTimeout 504, kUnsupported 415,
/// kCorrupt 422, kInternal 500.
[[nodiscard]] int status_of(ErrorCode code);
/// {"error":{"code":"too_large","detail":"…"}} with that status; `detail` is left out for 5xx.
[[nodiscard]] Response error_response(int status, const Error& error);
[[nodiscard]] inline Response error_response(const Error& error) { return error_response(status_of(error.code), error); }

/// "Not Found".
[[nodiscard]] std::string_view reason_of(int status);

}  // namespace sekisho::http
