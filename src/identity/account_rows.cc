#include "identity/account_rows.h"

#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "crypto/hash.h"
#include "crypto/random.h"

namespace sekisho::identity {
namespace {

constexpr std::string_view kColumns = "id, name, display_name, roles, clearance, suspended, password_hash IS NOT NULL, created_ms";

Result<Account> account_from(const gate::Policy& policy, const store::Row& row) {
  Account account;
  const Result<UserId> id = UserId::parse(row.text(0));
  if (!id) return fail(ErrorCode::kCorrupt, "an account without an id");
  account.id = *id;
  account.name = row.text(1);
  account.display_name = row.text(2);
  account.roles = roles_of(row.integer(3));
  // A level of an earlier policy is shown as the lowest; with it nobody signs in until it is set anew.
  account.clearance = policy.level_named(row.text(4)).value_or(gate::Level{});
  account.suspended = row.integer(5) != 0;
  account.has_password = row.integer(6) != 0;
  account.created_ms = row.integer(7);
  return account;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::int64_t bits_of(gate::Roles roles) {
  std::int64_t bits = 0;
  for (const gate::Role role : roles.list()) bits |= static_cast<std::int64_t>(role);
  return bits;
}

gate::Roles roles_of(std::int64_t bits) {
  gate::Roles roles;
  for (const gate::Role role : {gate::Role::kOfficial, gate::Role::kAuthor, gate::Role::kOperator, gate::Role::kAuditor}) {
    if ((bits & static_cast<std::int64_t>(role)) != 0) roles.add(role);
  }
  return roles;
}

Result<void> run(store::Connection& connection, std::string_view sql, const store::Connection::Values& values) {
  const Result<std::int64_t> done = connection.execute(sql, values);
  if (!done) return fail(done.error());
  return {};
}

Result<std::vector<std::string>> groups_of(store::Connection& connection, const UserId& user) {
  const auto rows = connection.query("SELECT group_name FROM membership WHERE user_id = ? ORDER BY group_name", {user.text()});
  if (!rows) return fail(rows.error());
  std::vector<std::string> groups;
  for (const store::Row& row : *rows) groups.push_back(row.text(0));
  return groups;
}

Result<void> replace_groups(store::Connection& connection, const UserId& user, const std::vector<std::string>& groups) {
  if (Result<void> cleared = run(connection, "DELETE FROM membership WHERE user_id = ?", {user.text()}); !cleared) return cleared;
  for (const std::string& group : std::set<std::string>(groups.begin(), groups.end())) {
    const Result<void> added = run(connection, "INSERT INTO membership(user_id, group_name) VALUES (?, ?)", {user.text(), group});
    if (!added && added.error().code == ErrorCode::kConflict) return fail(ErrorCode::kInvalid, "groups: unknown group \"" + group + "\"");
    if (!added) return added;
  }
  return {};
}

Result<void> insert_account(store::Connection& connection, const gate::Policy& policy, const UserId& id, const NewAccount& account,
                            const store::Value& password_hash, std::int64_t now_ms) {
  const Result<void> added = run(connection,
                                 "INSERT INTO account(id, name, display_name, password_hash, roles, clearance, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
                                 {id.text(), lower_case(account.name), account.display_name, password_hash, bits_of(account.roles),
                                  policy.rule(account.clearance).name, now_ms});
  if (!added && added.error().code == ErrorCode::kConflict) return fail(ErrorCode::kConflict, "name: taken");
  if (!added) return added;
  return replace_groups(connection, id, account.groups);
}

Result<std::vector<Account>> accounts_where(store::Connection& connection, const gate::Policy& policy, std::string_view condition,
                                            const store::Connection::Values& values) {
  const auto rows = connection.query(fmt::format("SELECT {} FROM account {} ORDER BY name", kColumns, condition), values);
  if (!rows) return fail(rows.error());
  const auto memberships = connection.query(
      fmt::format("SELECT user_id, group_name FROM membership WHERE user_id IN (SELECT id FROM account {}) ORDER BY group_name", condition), values);
  if (!memberships) return fail(memberships.error());
  std::map<std::string, std::vector<std::string>> groups;
  for (const store::Row& row : *memberships) groups[row.text(0)].push_back(row.text(1));
  std::vector<Account> accounts;
  for (const store::Row& row : *rows) {
    Result<Account> account = account_from(policy, row);
    if (!account) return fail(account.error());
    account->groups = std::move(groups[account->id.text()]);
    accounts.push_back(std::move(*account));
  }
  return accounts;
}

Result<std::string> insert_link(store::Connection& connection, const UserId& user, std::int64_t now_ms, std::int64_t valid_ms) {
  std::string token = crypto::random_token();
  Result<void> cleared = run(connection, "DELETE FROM password_link WHERE user_id = ? OR expires_ms <= ?", {user.text(), now_ms});
  if (!cleared) return fail(cleared.error());
  Result<void> added = run(connection, "INSERT INTO password_link(token_sha256, user_id, expires_ms) VALUES (?, ?, ?)",
                           {crypto::sha256(token).hex(), user.text(), now_ms + valid_ms});
  if (!added) return fail(added.error());
  return token;
}

Result<UserId> user_of_link(store::Connection& connection, std::string_view token, std::int64_t now_ms) {
  const auto rows = connection.query("SELECT user_id FROM password_link WHERE token_sha256 = ? AND expires_ms > ?",
                                     {crypto::sha256(token).hex(), now_ms});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(ErrorCode::kDenied, "the link is unknown, used or expired");
  return UserId::parse(rows->front().text(0));
}

Result<void> store_password(store::Connection& connection, const UserId& user, const std::string& hash) {
  if (Result<void> set = run(connection, "UPDATE account SET password_hash = ? WHERE id = ?", {hash, user.text()}); !set) return set;
  if (Result<void> used = run(connection, "DELETE FROM password_link WHERE user_id = ?", {user.text()}); !used) return used;
  return run(connection, "DELETE FROM session WHERE user_id = ?", {user.text()});
}

}  // namespace sekisho::identity
