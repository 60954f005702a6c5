#pragma once

#include <string_view>

#include "audit/chain.h"
#include "base/clock.h"
#include "base/result.h"
#include "gate/policy.h"
#include "identity/account.h"
#include "identity/rate_limit.h"
#include "identity/session.h"

namespace sekisho::identity {

/// Signing in with name and password: limited by rate, recorded, and silent about which part was wrong.
///
/// Threads: safe from any. Blocks: one Argon2id evaluation, database, one audit append.
class SignIn {
 public:
  /// All must outlive this.
  SignIn(Accounts& accounts, Sessions& sessions, audit::Chain& chain, const gate::Policy& policy, const Clock& clock);

  /// Errors: kUnauthorized (name or password), kRateLimited (too many tries from there or at that name: later is
  /// fine, nobody is locked out for ever), kUnavailable.
  [[nodiscard]] Result<NewSession> with_password(std::string_view name, std::string_view password, std::string_view address);

 private:
  [[nodiscard]] Result<void> take(std::string_view name, std::string_view address);

  Accounts& accounts_;
  Sessions& sessions_;
  audit::Chain& chain_;
  RateLimiter per_pair_;
  RateLimiter per_account_;
  RateLimiter per_address_;
};

}  // namespace sekisho::identity
