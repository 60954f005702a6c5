#include "api/respond.h"

#include <any>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "api/openai_error.h"
#include "base/check.h"
#include "base/log.h"
#include "gate/policy.h"
#include "identity/rate_limit.h"

namespace sekisho::api {
namespace {

constexpr int kSessionOnlyBit = 64;

bool is_our_fault(ErrorCode code) { return code == ErrorCode::kInternal || code == ErrorCode::kCorrupt; }

}  // namespace

http::RoutePolicy declared(identity::RoutePolicy policy) {
  const int only = policy.credentials == identity::Credentials::kSessionOnly ? kSessionOnlyBit : 0;
  return http::RoutePolicy(static_cast<int>(policy.audience) | only);
}

identity::RoutePolicy declared_in(const http::RouteInfo& route) {
  const int value = route.policy.value();
  return identity::RoutePolicy(static_cast<identity::Audience>(value & ~kSessionOnlyBit),
                               (value & kSessionOnlyBit) != 0 ? identity::Credentials::kSessionOnly : identity::Credentials::kAny);
}

const gate::Actor& actor_of(const http::Request& request) {
  const auto* actor = std::any_cast<gate::Actor>(&request.context);
  CHECK(actor != nullptr);
  return *actor;
}

http::Response error_answer(const http::Request& request, const Error& error) {
  if (is_our_fault(error.code) || error.code == ErrorCode::kUnavailable) {
    log_error("request.failed", {{"trace_id", request.trace_id}, {"code", std::string(name_of(error.code))}, {"detail", error.detail}});
  }
  const auto wait_s = identity::retry_after_s(error);
  const auto with_wait = [&](http::Response response) {
    if (wait_s) response.headers.set("Retry-After", std::to_string(*wait_s));
    return response;
  };
  if (request.path.starts_with("/v1/")) return with_wait(openai_error(error));
  const std::string detail = is_our_fault(error.code) ? "see the server's log" : error.detail;
  const Json body = Json::object({{"error", Json::object({{"code", name_of(error.code)}, {"detail", detail}, {"trace_id", request.trace_id}})}});
  return with_wait(http::Response::json(body, http::status_of(error.code)));
}

http::Response error_page(std::string_view path, int status, const Error& error) {
  return path.starts_with("/v1/") ? http::Response::json(openai_error_json(error), status) : http::error_response(status, error);
}

http::Response answer(const http::Request& request, const Result<Json>& result, int status) {
  return result ? http::Response::json(*result, status) : error_answer(request, result.error());
}

http::Response answer_empty(const http::Request& request, const Result<void>& result) {
  return result ? http::Response::empty() : error_answer(request, result.error());
}

Result<Json> body_of(const http::Request& request) {
  if (request.body.empty()) return fail(ErrorCode::kInvalid, "$: a JSON body is missing");
  return Json::parse(request.body);
}

Result<std::int64_t> number_of(const http::Request& request, std::string_view name, std::int64_t fallback) {
  const auto text = request.query_value(name);
  if (!text) return fallback;
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (ec != std::errc() || end != text->data() + text->size() || value < 0) {
    return fail(ErrorCode::kInvalid, fmt::format("{}: must be a whole number, 0 or more", name));
  }
  return value;
}

Result<std::size_t> limit_of(const http::Request& request, std::size_t fallback, std::size_t max) {
  auto limit = number_of(request, "limit", static_cast<std::int64_t>(fallback));
  if (!limit) return fail(limit.error());
  if (*limit < 1 || *limit > static_cast<std::int64_t>(max)) return fail(ErrorCode::kInvalid, fmt::format("limit: 1 to {}", max));
  return static_cast<std::size_t>(*limit);
}

Result<gate::Level> level_numbered(const Context& context, std::int64_t number) {
  if (number < 1 || number > static_cast<std::int64_t>(context.policy.levels().size())) {
    return fail(ErrorCode::kInvalid, fmt::format("level: 1 to {}", context.policy.levels().size()));
  }
  return gate::Level{static_cast<int>(number) - 1};
}

Json texts_json(const std::vector<std::string>& texts) {
  Json::Array items;
  for (const std::string& text : texts) items.emplace_back(text);
  return Json::array(std::move(items));
}

Json readers_json(const gate::Label& label) {
  Json::Array sets;
  for (const gate::ReaderSet& set : label.readers()) sets.push_back(texts_json(set));
  return Json::array(std::move(sets));
}

}  // namespace sekisho::api
