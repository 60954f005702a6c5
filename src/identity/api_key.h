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
#include "gate/actor.h"
#include "gate/policy.h"
#include "store/database.h"

namespace sekisho::identity {

struct NewApiKey {
  std::string name;                              ///< For people: 1 to 100 characters.
  std::optional<std::vector<ShelfId>> shelves;   ///< The only shelves it may use; nothing: those of its owner.
  std::optional<std::int64_t> expires_ms;        ///< Wall clock.
};

struct ApiKey {
  KeyId id;
  UserId owner;
  std::string name;
  std::string hint;  ///< The last four characters.
  std::optional<std::vector<ShelfId>> shelves;
  std::optional<std::int64_t> expires_ms;
  std::int64_t created_ms = 0;
};

struct IssuedApiKey {
  KeyId id;
  std::string secret;  ///< "sk-sekisho-…": shown once; the database holds its hash alone.
};

/// Keys with which programs act as their owner. A key never reaches further than its owner does at that moment.
///
/// Threads: safe from any. Blocks: database; create and revoke also one audit append.
class ApiKeys {
 public:
  /// All must outlive this.
  ApiKeys(store::Database& database, audit::Chain& chain, const gate::Policy& policy, const Clock& clock);

  /// Errors: kInvalid (name), kDenied (no such owner), kTooLarge (more than limits::kApiKeysPerOwner).
  [[nodiscard]] Result<IssuedApiKey> create(const gate::Actor& by, const UserId& owner, const NewApiKey& key);
  /// Who holds `secret`. Errors: kUnauthorized (unknown, revoked, expired, owner suspended).
  [[nodiscard]] Result<gate::Actor> resolve(std::string_view secret);
  /// Errors: kDenied (no such key of `owner`).
  [[nodiscard]] Result<void> revoke(const gate::Actor& by, const UserId& owner, const KeyId& key);
  [[nodiscard]] Result<std::vector<ApiKey>> list(const UserId& owner);

 private:
  store::Database& database_;
  audit::Chain& chain_;
  const gate::Policy& policy_;
  const Clock& clock_;
};

}  // namespace sekisho::identity
