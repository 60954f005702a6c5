#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/account_json.h"
#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "gate/gate.h"
#include "identity/account.h"
#include "identity/api_key.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

constexpr std::size_t kBodyBytes = 32 * limits::kKiB;
constexpr std::int64_t kLinkValid_ms = 24 * 60 * 60 * 1000;

/// What of an account is to change; what is not named stays.
struct Changes {
  std::optional<gate::Roles> roles;
  std::optional<gate::Level> clearance;
  std::optional<std::vector<std::string>> groups;
  std::optional<bool> suspended;
  std::optional<std::string> password;
};

Result<Changes> decode(Context& context, const Json& json) {
  Changes changes;
  JsonReader reader(json);
  const auto roles = reader.texts_if("roles", 4, {.max_characters = 16});
  const auto clearance = reader.integer_if("clearance");
  changes.groups = reader.texts_if("groups", 100, {.max_characters = 64});
  changes.suspended = reader.boolean_if("suspended");
  changes.password = reader.text_if("password", {.max_characters = limits::kPasswordBytes_max});
  if (auto done = reader.finish(); !done) return fail(done.error());
  if (roles) {
    auto named = roles_named(*roles);
    if (!named) return fail(named.error());
    changes.roles = *named;
  }
  if (clearance) {
    auto level = level_numbered(context, *clearance);
    if (!level) return fail(level.error());
    changes.clearance = *level;
  }
  return changes;
}

Result<Json> change(Context& context, const Request& request) {
  const auto id = id_of<UserId>(request);
  if (!id) return fail(id.error());
  auto body = body_of(request);
  if (!body) return fail(body.error());
  auto changes = decode(context, *body);
  if (!changes) return fail(changes.error());
  const gate::Actor& by = actor_of(request);
  // Nobody takes the last way in from themselves.
  const bool own = by.id == *id && (changes->suspended.value_or(false) || (changes->roles && !changes->roles->has(gate::Role::kOperator)));
  if (own) return fail(ErrorCode::kConflict, "this is your own account: another operator can do that");
  identity::Accounts& accounts = context.accounts;
  Result<void> done;
  if (changes->roles && done) done = accounts.set_roles(by, *id, *changes->roles);
  if (changes->clearance && done) done = accounts.set_clearance(by, *id, *changes->clearance);
  if (changes->groups && done) done = accounts.set_groups(by, *id, *changes->groups);
  if (changes->password && done) done = accounts.set_password(by, *id, *changes->password);
  if (changes->suspended && done) done = accounts.set_suspended(by, *id, *changes->suspended);
  if (!done) return fail(done.error());
  auto account = accounts.get(*id);
  if (!account) return fail(account.error());
  return account_json(*account);
}

Result<Json> add_group(Context& context, const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  JsonReader reader(*body);
  const std::string name = reader.text("name", {.min_characters = 1, .max_characters = 64});
  if (auto done = reader.finish(); !done) return fail(done.error());
  if (auto added = context.accounts.add_group(actor_of(request), name); !added) return fail(added.error());
  return Json::object({{"name", name}});
}

Result<Json> make_link(Context& context, const Request& request) {
  const auto id = id_of<UserId>(request);
  if (!id) return fail(id.error());
  auto token = context.accounts.password_link(actor_of(request), *id, kLinkValid_ms);
  if (!token) return fail(token.error());
  return Json::object({{"path", "/setup?token=" + *token}, {"expires_ms", context.clock.wall_ms() + kLinkValid_ms}});
}

Json key_json(const identity::ApiKey& key) {
  return Json::object({{"id", key.id.text()},
                       {"name", key.name},
                       {"hint", key.hint},
                       {"bound", key.shelves.has_value()},
                       {"expires_ms", key.expires_ms ? Json(*key.expires_ms) : Json()},
                       {"created_ms", key.created_ms}});
}

Result<Json> keys_of(Context& context, const UserId& owner) {
  auto keys = context.api_keys.list(owner);
  if (!keys) return fail(keys.error());
  Json::Array items;
  for (const identity::ApiKey& key : *keys) items.push_back(key_json(key));
  return Json::object({{"items", Json::array(std::move(items))}});
}

Result<Json> make_key(Context& context, const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  identity::NewApiKey key;
  JsonReader reader(*body);
  key.name = reader.text("name", {.min_characters = 1, .max_characters = 100});
  key.expires_ms = reader.integer_if("expires_ms", {.min = 0});
  if (auto done = reader.finish(); !done) return fail(done.error());
  auto issued = context.api_keys.create(actor_of(request), actor_of(request).id, key);
  if (!issued) return fail(issued.error());
  return Json::object({{"id", issued->id.text()}, {"secret", issued->secret}});
}

Result<void> revoke(Context& context, const Request& request, const Result<UserId>& owner, std::string_view key_text) {
  if (!owner) return fail(owner.error());
  auto key = KeyId::parse(key_text);
  if (!key) return fail(ErrorCode::kDenied, "no such key");
  return context.api_keys.revoke(actor_of(request), *owner, *key);
}

void add_key_routes(http::Router& router, Context& context) {
  const auto own = declared(identity::kOwnAccount);
  const auto none = http::BodyRule::none();
  router.add(Method::kGet, "/api/v1/keys", own, none, [&context](Request& request) { return answer(request, keys_of(context, actor_of(request).id)); });
  router.add(Method::kPost, "/api/v1/keys", own, http::BodyRule::buffered(kBodyBytes),
             [&context](Request& request) { return answer(request, make_key(context, request), 201); });
  router.add(Method::kDelete, "/api/v1/keys/{id}", own, none, [&context](Request& request) {
    return answer_empty(request, revoke(context, request, actor_of(request).id, request.param("id")));
  });
  router.add(Method::kGet, "/api/v1/admin/users/{id}/keys", declared(identity::kOperator), none, [&context](Request& request) {
    const auto id = id_of<UserId>(request);
    const auto account = id ? context.accounts.get(*id) : fail(id.error());
    return answer(request, account ? keys_of(context, *id) : fail(account.error()));
  });
  router.add(Method::kDelete, "/api/v1/admin/users/{id}/keys/{key}", declared(identity::kOperator), none, [&context](Request& request) {
    return answer_empty(request, revoke(context, request, id_of<UserId>(request), request.param("key")));
  });
}

}  // namespace

void add_account_routes(http::Router& router, Context& context) {
  const auto small = http::BodyRule::buffered(kBodyBytes);
  router.add(Method::kPatch, "/api/v1/admin/users/{id}", declared(identity::kOperator), small,
             [&context](Request& request) { return answer(request, change(context, request)); });
  router.add(Method::kPost, "/api/v1/admin/users/{id}/link", declared(identity::kOperator), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, make_link(context, request), 201); });
  router.add(Method::kPost, "/api/v1/groups", declared(identity::kOperator), small,
             [&context](Request& request) { return answer(request, add_group(context, request), 201); });
  add_key_routes(router, context);
}

}  // namespace sekisho::api
