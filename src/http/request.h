#pragma once

#include <any>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/body_reader.h"
#include "http/headers.h"

namespace sekisho::http {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

/// "GET" … "OPTIONS".
[[nodiscard]] std::string_view name_of(Method method);
/// The method with exactly that name; nothing for one that we do not serve.
[[nodiscard]] std::optional<Method> method_named(std::string_view name);

/// A name with its value, both percent-decoded and valid UTF-8.
using NamedValue = std::pair<std::string, std::string>;

/// One request, as steps and handlers see it. Threads: one at a time.
struct Request {
  Method method = Method::kGet;
  std::string path;                   ///< As sent, without the query: "/api/v1/shelves/%E4%BA%88".
  std::vector<std::string> segments;  ///< Of the path, each percent-decoded; a decoded segment may hold '/'.
  std::vector<NamedValue> params;     ///< What the pattern's `{name}` parts matched, decoded.
  std::vector<NamedValue> query;      ///< In the order sent.
  Headers headers;
  std::string host;                   ///< Host without its port, lower case; empty in HTTP/1.0.
  std::string body;                   ///< Whole, where the route's body is buffered.
  BodyReader* upload = nullptr;       ///< Where the route's body is streamed; valid until the handler returns.
  std::optional<std::uint64_t> body_bytes;  ///< As declared by Content-Length; nothing for a chunked body.
  std::string remote_address;         ///< Numeric, without port.
  bool encrypted = false;             ///< Came over TLS.
  std::string trace_id;               ///< Fresh for each request; also the answer's X-Request-Id.
  std::any context;                   ///< What a step leaves for the handler (the session's actor).

  /// What `{name}` of the route's pattern matched. The pattern must have it.
  [[nodiscard]] const std::string& param(std::string_view name) const;
  /// The first value of a query parameter.
  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const;
  /// The value of a cookie.
  [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const;
};

/// Whether '+' means itself (paths) or a space (queries).
enum class PlusSign { kLiteral, kSpace };
/// Percent-decodes one path segment or one part of a query.
/// Errors: kInvalid for a broken escape, bytes that are not UTF-8, or control characters.
[[nodiscard]] Result<std::string> percent_decode(std::string_view text, PlusSign plus);
/// Decodes `a=1&b=x%20y`. Errors: as percent_decode; kInvalid for more than limits::kHttpQueryParameters.
[[nodiscard]] Result<std::vector<NamedValue>> parse_query(std::string_view text);

}  // namespace sekisho::http
