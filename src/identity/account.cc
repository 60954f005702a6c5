#include "identity/account.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "gate/personal.h"
#include "identity/account_rows.h"
#include "identity/change.h"
#include "text/utf8.h"

namespace sekisho::identity {
namespace {

constexpr std::size_t kNameCharacters = 64;
constexpr std::size_t kDisplayNameCharacters = 100;
constexpr std::size_t kGroupCharacters = 64;
constexpr std::size_t kDifferentCharacters = 5;

bool is_account_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameCharacters && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-@") == std::string_view::npos;
}

Json names_of(gate::Roles roles) {
  Json::Array names;
  for (const gate::Role role : roles.list()) names.emplace_back(name_of(role));
  return Json(std::move(names));
}

Json texts(const std::vector<std::string>& values) {
  Json::Array items;
  for (const std::string& value : values) items.emplace_back(value);
  return Json(std::move(items));
}

Result<void> check_names(std::string_view name, std::string_view display_name) {
  if (!is_account_name(lower_case(name))) return fail(ErrorCode::kInvalid, "name: 1 to 64 of a-z 0-9 . _ - @");
  if (!is_plain_text(display_name, kDisplayNameCharacters)) {
    return fail(ErrorCode::kInvalid, "display_name: 1 to 100 characters, no control characters");
  }
  return {};
}

Result<void> check_account(const gate::Policy& policy, const NewAccount& account) {
  if (Result<void> checked = check_names(account.name, account.display_name); !checked) return checked;
  if (account.roles.empty()) return fail(ErrorCode::kInvalid, "roles: at least one");
  if (account.clearance < gate::Level{0} || account.clearance > policy.highest()) return fail(ErrorCode::kInvalid, "clearance: no such level");
  return {};
}

Json facts_of(const gate::Policy& policy, const NewAccount& account) {
  return Json::object({{"clearance", policy.rule(account.clearance).name}, {"groups", texts(account.groups)}, {"roles", names_of(account.roles)}});
}

Result<Account> only_one(Result<std::vector<Account>> accounts) {
  if (!accounts) return fail(accounts.error());
  if (accounts->empty()) return fail(ErrorCode::kDenied, "no such account");
  return std::move(accounts->front());
}

}  // namespace

/// What a change does and how the log calls it.
struct Accounts::Change {
  std::string kind;
  Json details;
  std::function<Result<void>(store::Connection&)> apply;
};

Accounts::Accounts(store::Database& database, audit::Chain& chain, const gate::Policy& policy, const Clock& clock, crypto::PasswordCost cost)
    : database_(database), chain_(chain), policy_(policy), clock_(clock), passwords_(cost) {}

Result<void> Accounts::change(const gate::Actor& by, const UserId& user, const Change& change) {
  return database_.write([&](store::Connection& connection) -> Result<void> {
    const auto known = connection.query("SELECT 1 FROM account WHERE id = ?", {user.text()});
    if (!known) return fail(known.error());
    if (known->empty()) return fail(ErrorCode::kDenied, "no such account");
    if (Result<void> applied = change.apply(connection); !applied) return applied;
    return append_change(chain_, by, change.kind, {user.text()}, change.details);
  });
}

Result<void> Accounts::check_new_password(std::string_view password) const {
  const gate::PasswordRule& rule = policy_.password();
  const bool readable = text::is_valid_utf8(password) && password.size() <= rule.max_bytes;
  if (!readable || text::count_characters(password) < rule.min_characters) {
    return fail(ErrorCode::kInvalid, fmt::format("password: at least {} characters, at most {} bytes", rule.min_characters, rule.max_bytes));
  }
  const std::u32string characters = text::to_utf32(password);
  if (std::set<char32_t>(characters.begin(), characters.end()).size() < kDifferentCharacters) {
    return fail(ErrorCode::kInvalid, fmt::format("password: at least {} different characters", kDifferentCharacters));
  }
  return {};
}

Result<UserId> Accounts::create(const gate::Actor& by, const NewAccount& account, std::optional<std::string_view> password) {
  if (Result<void> checked = check_account(policy_, account); !checked) return fail(checked.error());
  store::Value hash = nullptr;
  if (password) {
    if (Result<void> checked = check_new_password(*password); !checked) return fail(checked.error());
    Result<std::string> hashed = passwords_.hash(*password);
    if (!hashed) return fail(hashed.error());
    hash = std::move(*hashed);
  }
  const UserId id = UserId::random();
  const Result<void> created = database_.write([&](store::Connection& connection) -> Result<void> {
    if (Result<void> added = insert_account(connection, policy_, id, account, hash, clock_.wall_ms()); !added) return added;
    return append_change(chain_, by, "account.created", {id.text()}, facts_of(policy_, account));
  });
  if (!created) return fail(created.error());
  return id;
}

Result<void> Accounts::set_password(const gate::Actor& by, const UserId& user, std::string_view password) {
  if (Result<void> checked = check_new_password(password); !checked) return checked;
  const Result<std::string> hash = passwords_.hash(password);
  if (!hash) return fail(hash.error());
  return change(by, user, {"account.password_set", Json::object(), [&](store::Connection& connection) {
                             return store_password(connection, user, *hash);
                           }});
}

Result<void> Accounts::set_suspended(const gate::Actor& by, const UserId& user, bool suspended) {
  return change(by, user, {suspended ? "account.suspended" : "account.resumed", Json::object(), [&](store::Connection& connection) -> Result<void> {
                             Result<void> set = run(connection, "UPDATE account SET suspended = ? WHERE id = ?", {std::int64_t{suspended}, user.text()});
                             if (!set || !suspended) return set;
                             return run(connection, "DELETE FROM session WHERE user_id = ?", {user.text()});
                           }});
}

Result<void> Accounts::set_roles(const gate::Actor& by, const UserId& user, gate::Roles roles) {
  if (roles.empty()) return fail(ErrorCode::kInvalid, "roles: at least one");
  return change(by, user, {"account.roles_set", Json::object({{"roles", names_of(roles)}}), [&](store::Connection& connection) {
                             return run(connection, "UPDATE account SET roles = ? WHERE id = ?", {bits_of(roles), user.text()});
                           }});
}

Result<void> Accounts::set_clearance(const gate::Actor& by, const UserId& user, gate::Level clearance) {
  if (clearance < gate::Level{0} || clearance > policy_.highest()) return fail(ErrorCode::kInvalid, "clearance: no such level");
  const std::string name = policy_.rule(clearance).name;
  return change(by, user, {"account.clearance_set", Json::object({{"clearance", name}}), [&](store::Connection& connection) {
                             return run(connection, "UPDATE account SET clearance = ? WHERE id = ?", {name, user.text()});
                           }});
}

Result<void> Accounts::set_groups(const gate::Actor& by, const UserId& user, std::vector<std::string> groups) {
  return change(by, user, {"account.groups_set", Json::object({{"groups", texts(groups)}}), [&](store::Connection& connection) {
                             return replace_groups(connection, user, groups);
                           }});
}

Result<void> Accounts::add_group(const gate::Actor& by, std::string_view name) {
  const bool has_comma = name.find(',') != std::string_view::npos || name.find("、") != std::string_view::npos;
  if (!is_plain_text(name, kGroupCharacters) || has_comma || name.starts_with(gate::kPersonalPrefix)) {
    return fail(ErrorCode::kInvalid, "group: 1 to 64 characters, no commas, no control characters, not beginning with user:");
  }
  return database_.write([&](store::Connection& connection) -> Result<void> {
    const Result<void> added = run(connection, "INSERT INTO reader_group(name, created_ms) VALUES (?, ?)", {std::string(name), clock_.wall_ms()});
    if (!added && added.error().code == ErrorCode::kConflict) return fail(ErrorCode::kConflict, "group: exists already");
    if (!added) return added;
    return append_change(chain_, by, "group.created", {}, Json::object({{"name", name}}));
  });
}

Result<std::vector<std::string>> Accounts::groups() {
  return database_.read([](store::Connection& connection) -> Result<std::vector<std::string>> {
    const auto rows = connection.query("SELECT name FROM reader_group ORDER BY name");
    if (!rows) return fail(rows.error());
    std::vector<std::string> names;
    for (const store::Row& row : *rows) names.push_back(row.text(0));
    return names;
  });
}

Result<std::vector<Account>> Accounts::list() {
  return database_.read([&](store::Connection& connection) { return accounts_where(connection, policy_, "", {}); });
}

Result<Account> Accounts::find(std::string_view name) {
  return only_one(database_.read(
      [&](store::Connection& connection) { return accounts_where(connection, policy_, "WHERE name = ?", {lower_case(name)}); }));
}

Result<Account> Accounts::get(const UserId& user) {
  return only_one(
      database_.read([&](store::Connection& connection) { return accounts_where(connection, policy_, "WHERE id = ?", {user.text()}); }));
}

Result<std::string> Accounts::password_link(const gate::Actor& by, const UserId& user, std::int64_t valid_ms) {
  std::string token;
  const Result<void> made = change(by, user, {"account.link_made", Json::object({{"valid_ms", valid_ms}}), [&](store::Connection& connection) -> Result<void> {
                                                Result<std::string> link = insert_link(connection, user, clock_.wall_ms(), valid_ms);
                                                if (!link) return fail(link.error());
                                                token = std::move(*link);
                                                return {};
                                              }});
  if (!made) return fail(made.error());
  return token;
}

Result<std::string> Accounts::begin_setup(const NewAccount& administrator, std::int64_t valid_ms) {
  if (Result<void> checked = check_account(policy_, administrator); !checked) return fail(checked.error());
  return database_.write([&](store::Connection& connection) -> Result<std::string> {
    const auto known = connection.query("SELECT id, name, roles, password_hash IS NOT NULL FROM account");
    if (!known) return fail(known.error());
    UserId user;
    for (const store::Row& row : *known) {
      const bool same_name = row.text(1) == lower_case(administrator.name);
      const bool has_password = row.integer(3) != 0;
      if (has_password && (same_name || roles_of(row.integer(2)).has(gate::Role::kOperator))) {
        return fail(ErrorCode::kConflict, "set up already: an operator has a password");
      }
      if (same_name) user = UserId::parse(row.text(0)).value_or(UserId());
    }
    if (user.empty()) {
      user = UserId::random();
      Result<void> added = insert_account(connection, policy_, user, administrator, nullptr, clock_.wall_ms());
      if (!added) return fail(added.error());
    }
    Result<std::string> token = insert_link(connection, user, clock_.wall_ms(), valid_ms);
    if (!token) return token;
    const gate::Actor local = gate::Actor::local_operator("setup", policy_.highest());
    Result<void> recorded = append_change(chain_, local, "account.setup_begun", {user.text()}, facts_of(policy_, administrator));
    if (!recorded) return fail(recorded.error());
    return token;
  });
}

Result<Accounts::LinkHolder> Accounts::link_holder(std::string_view token) {
  return database_.read([&](store::Connection& connection) -> Result<LinkHolder> {
    const auto user = user_of_link(connection, token, clock_.wall_ms());
    if (!user) return fail(user.error());
    const auto accounts = connection.query("SELECT id, name, display_name, roles, password_hash IS NOT NULL FROM account");
    if (!accounts) return fail(accounts.error());
    LinkHolder holder{.name = {}, .display_name = {}, .first = true};
    for (const store::Row& row : *accounts) {
      if (row.text(0) == user->text()) holder.name = row.text(1), holder.display_name = row.text(2);
      if (row.integer(4) != 0 && roles_of(row.integer(3)).has(gate::Role::kOperator)) holder.first = false;
    }
    return holder;
  });
}

Result<UserId> Accounts::redeem_link(std::string_view token, std::string_view password, const std::optional<Names>& names) {
  if (names) {
    if (Result<void> checked = check_names(names->name, names->display_name); !checked) return fail(checked.error());
  }
  const std::int64_t now_ms = clock_.wall_ms();
  const auto user = database_.read([&](store::Connection& connection) { return user_of_link(connection, token, now_ms); });
  if (!user) return user;
  if (Result<void> checked = check_new_password(password); !checked) return fail(checked.error());
  const Result<std::string> hash = passwords_.hash(password);
  if (!hash) return fail(hash.error());
  return database_.write([&](store::Connection& connection) -> Result<UserId> {
    // Again, and now alone: two who hold the same link do not both use it.
    const Result<UserId> again = user_of_link(connection, token, now_ms);
    if (!again) return again;
    if (Result<void> stored = store_password(connection, *again, *hash); !stored) return fail(stored.error());
    if (names) {
      const auto named = connection.execute("UPDATE account SET name = ?, display_name = ? WHERE id = ?",
                                            {lower_case(names->name), names->display_name, again->text()});
      if (!named && named.error().code == ErrorCode::kConflict) return fail(ErrorCode::kConflict, "name: taken");
      if (!named) return fail(named.error());
    }
    gate::Actor self;
    self.id = *again;
    Result<void> recorded = append_change(chain_, self, "account.link_used", {again->text()}, Json::object());
    if (!recorded) return fail(recorded.error());
    return again;
  });
}

Result<UserId> Accounts::check_password(std::string_view name, std::string_view password) {
  struct Stored {
    std::string id;
    std::string hash;
  };
  const auto stored = database_.read([&](store::Connection& connection) -> Result<Stored> {
    const auto rows = connection.query("SELECT id, password_hash, suspended FROM account WHERE name = ?", {lower_case(name)});
    if (!rows) return fail(rows.error());
    if (rows->empty() || rows->front().integer(2) != 0) return Stored{};
    return Stored{rows->front().text(0), rows->front().text_or_empty(1)};
  });
  if (!stored) return fail(stored.error());
  // Too long to be right, and hashing would take its time: the same work on nothing.
  const bool possible = password.size() <= policy_.password().max_bytes;
  if (!passwords_.matches(possible ? std::string_view(stored->hash) : "", possible ? password : "")) {
    return fail(ErrorCode::kUnauthorized, "name or password");
  }
  return UserId::parse(stored->id);
}

Result<gate::Actor> load_actor(store::Connection& connection, const gate::Policy& policy, const UserId& user) {
  const auto rows =
      connection.query("SELECT name, display_name, roles, clearance FROM account WHERE id = ? AND suspended = 0", {user.text()});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(ErrorCode::kUnauthorized, "no such account");
  const store::Row& row = rows->front();
  const Result<gate::Level> clearance = policy.level_named(row.text(3));
  if (!clearance) return fail(ErrorCode::kUnauthorized, clearance.error().detail);
  Result<std::vector<std::string>> groups = groups_of(connection, user);
  if (!groups) return fail(groups.error());
  gate::Actor actor;
  actor.id = user;
  actor.name = row.text(0);
  actor.display_name = row.text(1);
  actor.roles = roles_of(row.integer(2));
  actor.clearance = *clearance;
  actor.groups = std::move(*groups);
  return actor;
}

}  // namespace sekisho::identity
