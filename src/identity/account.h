#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/chain.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/password.h"
#include "gate/actor.h"
#include "gate/policy.h"
#include "store/database.h"

namespace sekisho::identity {

struct NewAccount {
  std::string name;  ///< For signing in: 1 to 64 of a-z 0-9 . _ - @, lower-cased.
  std::string display_name;
  gate::Roles roles{gate::Role::kOfficial};
  gate::Level clearance;
  std::vector<std::string> groups;
};

struct Account {
  UserId id;
  std::string name;
  std::string display_name;
  gate::Roles roles;
  gate::Level clearance;
  std::vector<std::string> groups;  ///< Sorted.
  bool suspended = false;
  bool has_password = false;
  std::int64_t created_ms = 0;
};

/// People and groups. Every change is an Entry that is durable before the change is: a change without a record does
/// not exist. Changes hold from the next request on; suspending and a new password end all sessions.
///
/// Threads: safe from any. Blocks: database, fsync; where a password is set or checked, one Argon2id evaluation.
/// Errors of all: kUnavailable. `by` is who does it; authorize() it first.
class Accounts {
 public:
  /// All must outlive this.
  Accounts(store::Database& database, audit::Chain& chain, const gate::Policy& policy, const Clock& clock,
           crypto::PasswordCost cost = {});

  /// Errors: kConflict (the name is taken), kInvalid (name, unknown group, password rule).
  [[nodiscard]] Result<UserId> create(const gate::Actor& by, const NewAccount& account,
                                      std::optional<std::string_view> password);
  /// Errors: kInvalid (password rule), kDenied (no such account).
  [[nodiscard]] Result<void> set_password(const gate::Actor& by, const UserId& user, std::string_view password);
  [[nodiscard]] Result<void> set_suspended(const gate::Actor& by, const UserId& user, bool suspended);
  [[nodiscard]] Result<void> set_roles(const gate::Actor& by, const UserId& user, gate::Roles roles);
  [[nodiscard]] Result<void> set_clearance(const gate::Actor& by, const UserId& user, gate::Level clearance);
  [[nodiscard]] Result<void> set_groups(const gate::Actor& by, const UserId& user, std::vector<std::string> groups);

  /// Errors: kConflict (exists), kInvalid (empty, longer than 64 characters, control characters).
  [[nodiscard]] Result<void> add_group(const gate::Actor& by, std::string_view name);
  [[nodiscard]] Result<std::vector<std::string>> groups();

  [[nodiscard]] Result<std::vector<Account>> list();
  /// Errors: kDenied.
  [[nodiscard]] Result<Account> find(std::string_view name);
  [[nodiscard]] Result<Account> get(const UserId& user);

  /// A link's token for setting a password once, valid for `valid_ms`; earlier links of the account stop working.
  [[nodiscard]] Result<std::string> password_link(const gate::Actor& by, const UserId& user, std::int64_t valid_ms);
  /// Makes the first administrator, without a password, and their link's token. Called again before the link was used:
  /// the same account, a new link. Errors: kConflict where an operator can sign in already.
  [[nodiscard]] Result<std::string> begin_setup(const NewAccount& administrator, std::int64_t valid_ms);
  /// Whose link it is. `first`: no operator can sign in yet, so that its holder is to choose names, too.
  struct LinkHolder {
    std::string name, display_name;
    bool first = false;
  };
  /// Errors: kDenied (unknown, used, expired).
  [[nodiscard]] Result<LinkHolder> link_holder(std::string_view token);
  /// What the holder of a link wants to be called.
  struct Names {
    std::string name;
    std::string display_name;
  };
  /// Uses a link up; with `names` the account gets these. Errors: kDenied (unknown, used, expired), kInvalid (password
  /// rule, names) and kConflict (the name is taken): the link stays good.
  [[nodiscard]] Result<UserId> redeem_link(std::string_view token, std::string_view password, const std::optional<Names>& names = {});

  /// The account whose name and password these are. Unknown, suspended, without password and wrong password give the
  /// same kUnauthorized after the same work. Not limited by rate: sign_in.h does that.
  [[nodiscard]] Result<UserId> check_password(std::string_view name, std::string_view password);

 private:
  struct Change;
  [[nodiscard]] Result<void> change(const gate::Actor& by, const UserId& user, const Change& change);
  [[nodiscard]] Result<void> check_new_password(std::string_view password) const;

  store::Database& database_;
  audit::Chain& chain_;
  const gate::Policy& policy_;
  const Clock& clock_;
  crypto::PasswordCheck passwords_;
};

/// The actor behind `user` as the database knows them now, for the credential kinds to complete.
/// Errors: kUnauthorized (no such account, suspended, or a clearance that the policy does not know).
[[nodiscard]] Result<gate::Actor> load_actor(store::Connection& connection, const gate::Policy& policy, const UserId& user);

}  // namespace sekisho::identity
