#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/account_json.h"
#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "chat/use.h"
#include "identity/account.h"
#include "model/engine.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

constexpr std::size_t kBodyBytes = 32 * limits::kKiB;

Result<Json> list(Context& context) {
  auto accounts = context.accounts.list();
  if (!accounts) return fail(accounts.error());
  Json::Array items;
  for (const identity::Account& account : *accounts) items.push_back(account_json(account));
  return Json::object({{"items", Json::array(std::move(items))}});
}

Result<Json> create(Context& context, const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  JsonReader reader(*body);
  identity::NewAccount account;
  account.name = reader.text("name", {.min_characters = 1, .max_characters = 64});
  account.display_name = reader.text("display_name", {.min_characters = 1, .max_characters = 64});
  const auto roles = reader.texts("roles", 4, {.max_characters = 16});
  const auto number = reader.integer("clearance");
  account.groups = reader.texts("groups", 100, {.max_characters = 64});
  const std::string password = reader.text("password", {.max_characters = limits::kPasswordBytes_max});
  if (auto done = reader.finish(); !done) return fail(done.error());
  auto named = roles_named(roles);
  if (!named) return fail(named.error());
  account.roles = *named;
  auto level = level_numbered(context, number);
  if (!level) return fail(level.error());
  account.clearance = *level;
  auto user = context.accounts.create(actor_of(request), account, password);
  if (!user) return fail(user.error());
  auto made = context.accounts.get(*user);
  if (!made) return fail(made.error());
  return account_json(*made);
}

/// The answers of the last day, an hour a row, and who waits now.
Result<Json> speed(Context& context) {
  auto hours = chat::hourly_use(context.database, context.clock.wall_ms());
  if (!hours) return fail(hours.error());
  Json::Array items;
  for (const chat::HourOfUse& hour : *hours) {
    items.push_back(Json::object({{"begin_ms", hour.begin_ms},
                                  {"answers", hour.answers},
                                  {"failed", hour.failed},
                                  {"first_text_ms", hour.first_text_ms},
                                  {"tokens_per_second", hour.tokens_per_second}}));
  }
  const model::EngineInfo info = context.engine != nullptr ? context.engine->info() : model::EngineInfo{};
  return Json::object({{"hours", Json::array(std::move(items))}, {"waiting", info.waiting}, {"running", info.running}});
}

Result<Json> act_on_model(Context& context, const Request& request, std::string_view act) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  JsonReader reader(*body);
  const std::string name = reader.text("name", {.min_characters = 1, .max_characters = 100});
  if (auto done = reader.finish(); !done) return fail(done.error());
  return context.model_desk(actor_of(request), act, name);
}

}  // namespace

void add_admin_routes(http::Router& router, Context& context) {
  router.add(Method::kGet, "/api/v1/models", declared(identity::kSignedIn), http::BodyRule::none(),
             [&context](Request&) { return http::Response::json(context.models()); });
  router.add(Method::kGet, "/api/v1/admin/models", declared(identity::kOperator), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, context.model_desk(actor_of(request), "list", "")); });
  for (const std::string_view act : {"fetch", "verify", "choose"}) {
    router.add(Method::kPost, "/api/v1/admin/models/" + std::string(act), declared(identity::kOperator), http::BodyRule::buffered(kBodyBytes),
               [&context, act](Request& request) { return answer(request, act_on_model(context, request, act)); });
  }
  router.add(Method::kGet, "/api/v1/admin/health", declared(identity::kOperator), http::BodyRule::none(),
             [&context](Request&) { return http::Response::json(context.health()); });
  router.add(Method::kGet, "/api/v1/admin/storage", declared(identity::kOperator), http::BodyRule::none(),
             [&context](Request&) { return http::Response::json(context.storage()); });
  router.add(Method::kGet, "/api/v1/admin/speed", declared(identity::kOperator), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, speed(context)); });
  router.add(Method::kGet, "/api/v1/admin/users", declared(identity::kOperator), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, list(context)); });
  router.add(Method::kPost, "/api/v1/admin/users", declared(identity::kOperator), http::BodyRule::buffered(kBodyBytes),
             [&context](Request& request) { return answer(request, create(context, request), 201); });
}

}  // namespace sekisho::api
