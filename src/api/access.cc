#include "api/access.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/respond.h"
#include "gate/gate.h"
#include "identity/api_key.h"
#include "identity/authorize.h"
#include "identity/rate_limit.h"
#include "identity/session.h"

namespace sekisho::api {
namespace {

constexpr std::string_view kBearer = "Bearer ";

/// The key of `Authorization: Bearer …`, or nothing.
std::optional<std::string_view> bearer_of(const http::Request& request) {
  const auto header = request.headers.get("Authorization");
  if (!header || !header->starts_with(kBearer)) return std::nullopt;
  return header->substr(kBearer.size());
}

/// What a request came with. A key counts before a cookie.
struct Presented {
  std::optional<std::string> key, session;
};
Presented presented_by(const http::Request& request) {
  if (const auto key = bearer_of(request)) return {std::string(*key), std::nullopt};
  if (const auto cookie = request.cookie(kSessionCookie)) return {std::nullopt, std::string(*cookie)};
  return {};
}

/// Whoever the credential belongs to. One that does not hold is an error only where one is needed, so that a page with an
/// ended session can still sign in.
std::optional<gate::Actor> resolve(Context& context, const Presented& presented) {
  if (!presented.key && !presented.session) return std::nullopt;
  auto actor = presented.key ? context.api_keys.resolve(*presented.key) : context.sessions.resolve(*presented.session);
  return actor ? std::optional(*std::move(actor)) : std::nullopt;
}

http::Step who_asks(Context& context) {
  return {"who asks", "authorisation and rates need to know; a public route works without",
          [&context](http::Request& request, const http::RouteInfo&) -> std::optional<http::Response> {
            if (auto actor = resolve(context, presented_by(request))) request.context = *std::move(actor);
            return std::nullopt;
          }};
}

http::Step may_they() {
  return {"may they use this route", "before a byte of the body is read",
          [](http::Request& request, const http::RouteInfo& route) -> std::optional<http::Response> {
            const auto* known = std::any_cast<gate::Actor>(&request.context);
            const auto allowed = identity::authorize(known ? std::optional(*known) : std::nullopt, declared_in(route));
            if (allowed) return std::nullopt;
            return error_answer(request, allowed.error());
          }};
}

http::Step from_the_page() {
  return {"sent by our page", "a cookie is sent by any page of the browser, the CSRF token by ours alone (OWASP, synchronizer token)",
          [](http::Request& request, const http::RouteInfo& route) -> std::optional<http::Response> {
            const auto* actor = std::any_cast<gate::Actor>(&request.context);
            const bool reads = route.method == http::Method::kGet || route.method == http::Method::kHead;
            if (reads || actor == nullptr || actor->credential != gate::Credential::kSession) return std::nullopt;
            if (declared_in(route).audience == identity::Audience::kPublic) return std::nullopt;
            const auto token = request.headers.get(kCsrfHeader);
            const auto cookie = request.cookie(kSessionCookie);
            if (token && cookie && identity::csrf_matches(*cookie, *token)) return std::nullopt;
            return error_answer(request, {ErrorCode::kUnauthorized, std::string(kCsrfHeader) + ": missing or wrong"});
          }};
}

http::Step not_too_often(Context& context) {
  return {"not too often", "one account or address cannot take the server from the others",
          [&context](http::Request& request, const http::RouteInfo&) -> std::optional<http::Response> {
            const auto* actor = std::any_cast<gate::Actor>(&request.context);
            const std::string key = actor ? actor->id.text() : "address:" + request.remote_address;
            const auto taken = context.requests.take(key);
            if (taken) return std::nullopt;
            return error_answer(request, taken.error());
          }};
}

}  // namespace

WhoStillAsks who_still_asks(Context& context, const http::Request& request, identity::RoutePolicy policy) {
  return [&context, presented = presented_by(request), policy]() -> std::optional<gate::Actor> {
    auto actor = resolve(context, presented);
    return identity::authorize(actor, policy) ? std::move(actor) : std::nullopt;
  };
}

StillAllowed still_allowed(Context& context, const http::Request& request, identity::RoutePolicy policy) {
  return [&context, who = who_still_asks(context, request, policy)](const gate::Label& label) {
    const auto actor = who();
    return actor && context.gate.judge(*actor, label, {gate::Destination::screen()}) == gate::Refusal::kNone;
  };
}

const char* page_security_policy() {
  return "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; "
         "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
}

http::Pipeline make_pipeline(Context& context) {
  return http::Pipeline({who_asks(context), may_they(), from_the_page(), not_too_often(context)}, {http::security_headers()});
}

}  // namespace sekisho::api
