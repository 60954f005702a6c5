#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/context.h"
#include "base/json.h"
#include "base/result.h"
#include "gate/actor.h"
#include "gate/label.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "identity/authorize.h"

/// What every resource of the API needs to read a request and to answer it.
namespace sekisho::api {

/// A route's policy as http/ carries it, and back.
[[nodiscard]] http::RoutePolicy declared(identity::RoutePolicy policy);
[[nodiscard]] identity::RoutePolicy declared_in(const http::RouteInfo& route);

/// Who asks: left in Request::context by the pipeline. Only where the route's policy is not public.
[[nodiscard]] const gate::Actor& actor_of(const http::Request& request);

/// {"error":{"code","detail","trace_id"}}; our own faults keep their detail to the log, where it is written.
[[nodiscard]] http::Response error_answer(const http::Request& request, const Error& error);
/// http::ErrorPage: what the server answers by itself (404, 413, …), in OpenAI's form under /v1/.
[[nodiscard]] http::Response error_page(std::string_view path, int status, const Error& error);
/// The value as JSON, or the error.
[[nodiscard]] http::Response answer(const http::Request& request, const Result<Json>& result, int status = 200);
/// 204, or the error.
[[nodiscard]] http::Response answer_empty(const http::Request& request, const Result<void>& result);

/// The body as JSON. Errors: kInvalid, kTooLarge.
[[nodiscard]] Result<Json> body_of(const http::Request& request);
/// The id in the path. Errors: kDenied: no such thing has an id of that form.
template <typename IdType>
[[nodiscard]] Result<IdType> id_of(const http::Request& request) {
  auto id = IdType::parse(request.param("id"));
  if (!id) return fail(ErrorCode::kDenied, "no such thing");
  return id;
}
/// `limit` of a list, 1 to `max`. Errors: kInvalid.
[[nodiscard]] Result<std::size_t> limit_of(const http::Request& request, std::size_t fallback, std::size_t max);
/// A whole number of the query, at least 0. Errors: kInvalid.
[[nodiscard]] Result<std::int64_t> number_of(const http::Request& request, std::string_view name, std::int64_t fallback);

/// Levels are numbered from 1 outside, so that 機密性2 is 2 in most offices.
[[nodiscard]] inline std::int64_t level_number(gate::Level level) { return level.rank + 1; }
/// Errors: kInvalid where the policy has no such level.
[[nodiscard]] Result<gate::Level> level_numbered(const Context& context, std::int64_t number);
[[nodiscard]] Json readers_json(const gate::Label& label);
[[nodiscard]] Json texts_json(const std::vector<std::string>& texts);

}  // namespace sekisho::api
