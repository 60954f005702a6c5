#include <string>
#include <utility>

#include <fmt/format.h>

#include "api/access.h"
#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "gate/policy.h"
#include "identity/account.h"
#include "identity/session.h"
#include "identity/sign_in.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

constexpr std::size_t kBodyBytes = 8 * limits::kKiB;

Json levels_json(const gate::Policy& policy) {
  Json::Array levels;
  for (std::size_t i = 0; i < policy.levels().size(); ++i) {
    const gate::LevelRule& rule = policy.levels()[i];
    levels.push_back(Json::object({{"value", i + 1}, {"name", rule.name}, {"short", rule.short_name}, {"weight", rule.weight}}));
  }
  return Json::array(std::move(levels));
}

/// The 取扱制限 that a shelf may bear.
Json handling_json(const gate::Policy& policy) {
  Json::Array names;
  for (const gate::HandlingRule& rule : policy.handling()) names.emplace_back(rule.name);
  return Json::array(std::move(names));
}

/// The highest level that may be written out; 0 where none may.
std::int64_t export_level(const gate::Policy& policy) {
  const auto level = policy.approved_up_to(gate::Destination::exported());
  return level ? level_number(*level) : 0;
}

Json session_json(const Context& context, const gate::Actor& actor, std::string csrf) {
  Json::Array roles;
  for (const gate::Role role : actor.roles.list()) roles.emplace_back(gate::name_of(role));
  const Json user = Json::object({{"id", actor.id.text()},
                                  {"name", actor.name},
                                  {"display_name", actor.display_name},
                                  {"roles", Json::array(std::move(roles))},
                                  {"clearance", level_number(actor.clearance)},
                                  {"groups", texts_json(actor.groups)}});
  const Json model = context.model_name.empty() ? Json() : Json::object({{"name", context.model_name}, {"title", context.model_title}});
  return Json::object({{"user", user},
                       {"office", Json::object({{"name", context.office_name}})},
                       {"csrf", std::move(csrf)},
                       {"levels", levels_json(context.policy)},
                       {"model", model},
                       {"handling", handling_json(context.policy)},
                       {"limits", Json::object({{"question_characters", limits::kQuestionCharacters}, {"document_bytes", limits::kDocumentBytes}, {"export_level", export_level(context.policy)}})}});
}

std::string cookie_line(const Context& context, std::string_view token, std::int64_t max_age_s) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", kSessionCookie, token, max_age_s,
                     context.secure_cookies ? "; Secure" : "");
}

/// The answer to whoever has just proved who they are.
http::Response begun(Context& context, const Request& request, const Result<identity::NewSession>& session) {
  if (!session) return error_answer(request, session.error());
  auto actor = context.sessions.resolve(session->token);
  if (!actor) return error_answer(request, actor.error());
  http::Response response = http::Response::json(session_json(context, *actor, session->csrf_token));
  response.headers.add("Set-Cookie", cookie_line(context, session->token, context.policy.session().total_ms / 1000));
  return response;
}

http::Response sign_in(Context& context, const Request& request) {
  auto body = body_of(request);
  if (!body) return error_answer(request, body.error());
  JsonReader reader(*body);
  const std::string name = reader.text("name", {.max_characters = 64});
  const std::string password = reader.text("password", {.max_characters = limits::kPasswordBytes_max});
  if (auto done = reader.finish(); !done) return error_answer(request, done.error());
  return begun(context, request, context.sign_in.with_password(name, password, request.remote_address));
}

http::Response set_up(Context& context, const Request& request) {
  auto body = body_of(request);
  if (!body) return error_answer(request, body.error());
  JsonReader reader(*body);
  const std::string token = reader.text("token", {.max_characters = 200});
  const std::string password = reader.text("password", {.max_characters = limits::kPasswordBytes_max});
  const auto name = reader.text_if("name", {.max_characters = 64});
  const auto display_name = reader.text_if("display_name", {.max_characters = 64});
  if (auto done = reader.finish(); !done) return error_answer(request, done.error());
  const auto holder = context.accounts.link_holder(token);
  if (!holder) return error_answer(request, holder.error());
  // Nobody takes another name by a link that was made for them.
  if (holder->first != name.has_value() || holder->first != display_name.has_value()) {
    return error_answer(request, Error{ErrorCode::kInvalid, "name and display_name: with the first link, and with no other"});
  }
  const auto names = holder->first ? std::optional(identity::Accounts::Names{*name, *display_name}) : std::nullopt;
  auto user = context.accounts.redeem_link(token, password, names);
  if (!user) return error_answer(request, user.error());
  return begun(context, request, context.sessions.begin(*user));
}

/// A new password of one's own: who knows the present one gets it, and a session anew, because all others end.
http::Response change_password(Context& context, const Request& request) {
  auto body = body_of(request);
  if (!body) return error_answer(request, body.error());
  JsonReader reader(*body);
  const std::string current = reader.text("current", {.max_characters = limits::kPasswordBytes_max});
  const std::string password = reader.text("password", {.max_characters = limits::kPasswordBytes_max});
  if (auto done = reader.finish(); !done) return error_answer(request, done.error());
  const gate::Actor& actor = actor_of(request);
  // Signing in counts the tries, and records them.
  auto known = context.sign_in.with_password(actor.name, current, request.remote_address);
  if (!known && known.error().code == ErrorCode::kUnauthorized) return error_answer(request, {ErrorCode::kInvalid, "$.current: not the present password"});
  if (!known) return error_answer(request, known.error());
  if (auto set = context.accounts.set_password(actor, actor.id, password); !set) {
    static_cast<void>(context.sessions.end(known->token));
    return error_answer(request, set.error());
  }
  return begun(context, request, context.sessions.begin(actor.id));
}

}  // namespace

void add_session_routes(http::Router& router, Context& context) {
  const auto small = http::BodyRule::buffered(kBodyBytes);
  router.add(Method::kGet, "/api/v1/session", declared(identity::kSignedIn), http::BodyRule::none(), [&context](Request& request) {
    const auto cookie = request.cookie(kSessionCookie);
    return http::Response::json(session_json(context, actor_of(request), cookie ? identity::csrf_token_of(*cookie) : ""));
  });
  router.add(Method::kPost, "/api/v1/session", declared(identity::kPublic), small,
             [&context](Request& request) { return sign_in(context, request); });
  router.add(Method::kDelete, "/api/v1/session", declared(identity::kOwnAccount), http::BodyRule::none(), [&context](Request& request) {
    const auto cookie = request.cookie(kSessionCookie);
    http::Response response = answer_empty(request, context.sessions.end(cookie.value_or("")));
    response.headers.add("Set-Cookie", cookie_line(context, "", 0));
    return response;
  });
  router.add(Method::kPost, "/api/v1/session/password", declared(identity::kOwnAccount), small,
             [&context](Request& request) { return change_password(context, request); });
  router.add(Method::kGet, "/api/v1/setup", declared(identity::kPublic), http::BodyRule::none(), [&context](Request& request) {
    const auto holder = context.accounts.link_holder(request.query_value("token").value_or(""));
    if (!holder) return http::Response::json(Json::object({{"valid", false}}));
    Json json = Json::object({{"valid", true}, {"first", holder->first}});
    if (!holder->first) json.set("name", holder->name), json.set("display_name", holder->display_name);
    return http::Response::json(std::move(json));
  });
  router.add(Method::kPost, "/api/v1/setup", declared(identity::kPublic), small,
             [&context](Request& request) { return set_up(context, request); });
}

}  // namespace sekisho::api
