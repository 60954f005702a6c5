#include <string>
#include <utility>
#include <vector>

#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "identity/account.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

constexpr std::size_t kBodyBytes = 32 * limits::kKiB;

Json account_json(const identity::Account& account) {
  Json::Array roles;
  for (const gate::Role role : account.roles.list()) roles.emplace_back(gate::name_of(role));
  return Json::object({{"id", account.id.text()},
                       {"name", account.name},
                       {"display_name", account.display_name},
                       {"roles", Json::array(std::move(roles))},
                       {"clearance", level_number(account.clearance)},
                       {"groups", texts_json(account.groups)},
                       {"suspended", account.suspended},
                       {"created_ms", account.created_ms}});
}

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
  account.roles = {};
  for (const std::string& name : roles) {
    auto role = gate::role_named(name);
    if (!role) return fail(role.error());
    account.roles.add(*role);
  }
  auto level = level_numbered(context, number);
  if (!level) return fail(level.error());
  account.clearance = *level;
  auto user = context.accounts.create(actor_of(request), account, password);
  if (!user) return fail(user.error());
  auto made = context.accounts.get(*user);
  if (!made) return fail(made.error());
  return account_json(*made);
}

}  // namespace

void add_admin_routes(http::Router& router, Context& context) {
  router.add(Method::kGet, "/api/v1/models", declared(identity::kSignedIn), http::BodyRule::none(),
             [&context](Request&) { return http::Response::json(context.models()); });
  router.add(Method::kGet, "/api/v1/admin/health", declared(identity::kOperator), http::BodyRule::none(),
             [&context](Request&) { return http::Response::json(context.health()); });
  router.add(Method::kGet, "/api/v1/admin/users", declared(identity::kOperator), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, list(context)); });
  router.add(Method::kPost, "/api/v1/admin/users", declared(identity::kOperator), http::BodyRule::buffered(kBodyBytes),
             [&context](Request& request) { return answer(request, create(context, request), 201); });
}

}  // namespace sekisho::api
