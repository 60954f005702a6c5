#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "gate/actor.h"
#include "gate/policy.h"
#include "store/database.h"

namespace sekisho::identity {

struct NewSession {
  std::string token;       ///< For the cookie; the database holds its hash alone.
  std::string csrf_token;  ///< For the page; csrf_matches() checks it.
};

/// Sessions of people at the page. Each request reads the account anew: suspension, roles, groups, clearance and
/// revocation hold from the next request on.
///
/// Threads: safe from any. Blocks: database.
class Sessions {
 public:
  /// All must outlive this.
  Sessions(store::Database& database, const gate::Policy& policy, const Clock& clock);

  [[nodiscard]] Result<NewSession> begin(const UserId& user);
  /// Who holds `token`. Errors: kUnauthorized (unknown, ended, idle or old beyond the policy, account suspended).
  [[nodiscard]] Result<gate::Actor> resolve(std::string_view token);
  [[nodiscard]] Result<void> end(std::string_view token);
  [[nodiscard]] Result<void> end_all_of(const UserId& user);
  /// Removes what has expired. Call now and then.
  [[nodiscard]] Result<void> sweep();

 private:
  store::Database& database_;
  const gate::Policy& policy_;
  const Clock& clock_;
};

/// The CSRF token of a session, derived from its token.
[[nodiscard]] std::string csrf_token_of(std::string_view session_token);
/// In constant time.
[[nodiscard]] bool csrf_matches(std::string_view session_token, std::string_view csrf_token);

}  // namespace sekisho::identity
