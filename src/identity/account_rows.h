#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "gate/actor.h"
#include "gate/policy.h"
#include "identity/account.h"
#include "store/database.h"

/// The rows behind Accounts: plain SQL inside someone's transaction, no rules and no Entries. For identity/ alone.
namespace sekisho::identity {

[[nodiscard]] std::string lower_case(std::string_view text);  ///< ASCII.
[[nodiscard]] std::int64_t bits_of(gate::Roles roles);
[[nodiscard]] gate::Roles roles_of(std::int64_t bits);

/// For statements whose count does not matter.
[[nodiscard]] Result<void> run(store::Connection& connection, std::string_view sql, const store::Connection::Values& values);

/// Sorted.
[[nodiscard]] Result<std::vector<std::string>> groups_of(store::Connection& connection, const UserId& user);
/// Errors: kInvalid (unknown group).
[[nodiscard]] Result<void> replace_groups(store::Connection& connection, const UserId& user, const std::vector<std::string>& groups);
/// `password_hash`: text or NULL. Errors: kConflict (the name is taken), kInvalid (unknown group).
[[nodiscard]] Result<void> insert_account(store::Connection& connection, const gate::Policy& policy, const UserId& id,
                                          const NewAccount& account, const store::Value& password_hash, std::int64_t now_ms);
/// `condition`: "" or "WHERE …" over the columns of account.
[[nodiscard]] Result<std::vector<Account>> accounts_where(store::Connection& connection, const gate::Policy& policy,
                                                          std::string_view condition, const store::Connection::Values& values);

/// A new link's token; earlier links of `user` and expired ones of anyone go.
[[nodiscard]] Result<std::string> insert_link(store::Connection& connection, const UserId& user, std::int64_t now_ms, std::int64_t valid_ms);
/// Errors: kDenied (unknown, used, expired).
[[nodiscard]] Result<UserId> user_of_link(store::Connection& connection, std::string_view token, std::int64_t now_ms);
/// Sets the hash; links and sessions of `user` end.
[[nodiscard]] Result<void> store_password(store::Connection& connection, const UserId& user, const std::string& hash);

}  // namespace sekisho::identity
