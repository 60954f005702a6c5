#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "base/result.h"
#include "http/headers.h"
#include "http/request.h"
#include "http/response.h"

/// The heads of messages, without any input or output: what a request's first lines mean, and how an answer's are written.
namespace sekisho::http {

/// Why a request is not served, and the status that says so.
struct Refusal {
  int status = 400;
  Error error;
};

/// The first lines of a request as the parser took them apart.
struct RequestLine {
  std::string_view method;
  std::string_view target;
  unsigned version = 11;  ///< 10 or 11.
};

/// Checks what the parser does not, strictly where laxness lets two programs disagree about where a message ends
/// (RFC 9112 §6.3): one Content-Length, never with Transfer-Encoding, which is "chunked" alone and HTTP/1.1 only; one
/// Host. Decodes path and query. Refusals: 400, 414, 417 (Expect), 501 (method, coding), 505 (version).
[[nodiscard]] tl::expected<Request, Refusal> make_request(RequestLine line, Headers headers);

/// Whether `headers` announce a body.
[[nodiscard]] bool announces_body(const Headers& headers);
/// Whether `host` is a numeric IPv4 or IPv6 address: no name that an attacker could rebind.
[[nodiscard]] bool is_numeric_address(const std::string& host);

/// How the end of an answer's body is told.
struct Framing {
  enum class Body { kNone, kLength, kChunked, kUntilClose };
  Body body = Body::kLength;
  std::uint64_t length = 0;
  bool close = false;  ///< The connection ends after this answer.
};
/// Status line and header lines with the empty line. Control characters in values become spaces.
[[nodiscard]] std::string serialize_head(const Response& response, const Framing& framing, std::string_view trace_id);

}  // namespace sekisho::http
