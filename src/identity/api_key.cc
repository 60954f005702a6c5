#include "identity/api_key.h"

#include <utility>

#include "base/json.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "identity/account.h"
#include "identity/change.h"

namespace sekisho::identity {
namespace {

constexpr std::string_view kPrefix = "sk-sekisho-";
constexpr std::size_t kHintCharacters = 4;
constexpr std::size_t kNameCharacters = 100;

store::Value shelves_to_value(const std::optional<std::vector<ShelfId>>& shelves) {
  if (!shelves) return nullptr;
  Json::Array ids;
  for (const ShelfId& shelf : *shelves) ids.emplace_back(shelf.text());
  return Json(std::move(ids)).dump();
}

/// A list that cannot be read binds the key to no shelf at all.
std::optional<std::vector<ShelfId>> shelves_of(const store::Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  std::vector<ShelfId> shelves;
  const Result<Json> json = Json::parse(row.text(column));
  if (!json || json->as_array() == nullptr) return shelves;
  for (const Json& item : *json->as_array()) {
    const Result<ShelfId> id = ShelfId::parse(item.as_string() == nullptr ? "" : *item.as_string());
    if (id) shelves.push_back(*id);
  }
  return shelves;
}

}  // namespace

ApiKeys::ApiKeys(store::Database& database, audit::Chain& chain, const gate::Policy& policy, const Clock& clock)
    : database_(database), chain_(chain), policy_(policy), clock_(clock) {}

Result<IssuedApiKey> ApiKeys::create(const gate::Actor& by, const UserId& owner, const NewApiKey& key) {
  if (!is_plain_text(key.name, kNameCharacters)) return fail(ErrorCode::kInvalid, "name: 1 to 100 characters, no control characters");
  IssuedApiKey issued{KeyId::random(), std::string(kPrefix) + crypto::random_token()};
  const std::string hint = issued.secret.substr(issued.secret.size() - kHintCharacters);
  const store::Value expires = key.expires_ms ? store::Value(*key.expires_ms) : store::Value(nullptr);
  const Result<void> stored = database_.write([&](store::Connection& connection) -> Result<void> {
    const auto known = connection.query("SELECT (SELECT count(*) FROM api_key WHERE owner_id = account.id) FROM account WHERE id = ?", {owner.text()});
    if (!known) return fail(known.error());
    if (known->empty()) return fail(ErrorCode::kDenied, "no such account");
    if (known->front().integer(0) >= static_cast<std::int64_t>(limits::kApiKeysPerOwner)) {
      return fail(ErrorCode::kTooLarge, "keys: too many; revoke one first");
    }
    const auto added = connection.execute(
        "INSERT INTO api_key(id, owner_id, name, secret_sha256, hint, shelves, expires_ms, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {issued.id.text(), owner.text(), key.name, crypto::sha256(issued.secret).hex(), hint, shelves_to_value(key.shelves), expires,
         clock_.wall_ms()});
    if (!added) return fail(added.error());
    return append_change(chain_, by, "api_key.created", {issued.id.text(), owner.text()},
                         Json::object({{"bound", key.shelves.has_value()}, {"expires_ms", key.expires_ms.value_or(0)}}));
  });
  if (!stored) return fail(stored.error());
  return issued;
}

Result<gate::Actor> ApiKeys::resolve(std::string_view secret) {
  if (!secret.starts_with(kPrefix)) return fail(ErrorCode::kUnauthorized, "no such key");
  return database_.read([&](store::Connection& connection) -> Result<gate::Actor> {
    const auto rows =
        connection.query("SELECT id, owner_id, shelves, expires_ms FROM api_key WHERE secret_sha256 = ?", {crypto::sha256(secret).hex()});
    if (!rows) return fail(rows.error());
    if (rows->empty()) return fail(ErrorCode::kUnauthorized, "no such key");
    const store::Row& row = rows->front();
    if (!row.is_null(3) && row.integer(3) <= clock_.wall_ms()) return fail(ErrorCode::kUnauthorized, "the key has expired");
    const Result<KeyId> id = KeyId::parse(row.text(0));
    const Result<UserId> owner = UserId::parse(row.text(1));
    if (!id || !owner) return fail(ErrorCode::kCorrupt, "a key of nobody");
    Result<gate::Actor> actor = load_actor(connection, policy_, *owner);
    if (!actor) return actor;
    actor->credential = gate::Credential::kApiKey;
    actor->key = *id;
    actor->bound_shelves = shelves_of(row, 2);
    return actor;
  });
}

Result<void> ApiKeys::revoke(const gate::Actor& by, const UserId& owner, const KeyId& key) {
  return database_.write([&](store::Connection& connection) -> Result<void> {
    const auto removed = connection.execute("DELETE FROM api_key WHERE id = ? AND owner_id = ?", {key.text(), owner.text()});
    if (!removed) return fail(removed.error());
    if (*removed == 0) return fail(ErrorCode::kDenied, "no such key");
    return append_change(chain_, by, "api_key.revoked", {key.text(), owner.text()}, Json::object());
  });
}

Result<std::vector<ApiKey>> ApiKeys::list(const UserId& owner) {
  return database_.read([&](store::Connection& connection) -> Result<std::vector<ApiKey>> {
    const auto rows = connection.query(
        "SELECT id, name, hint, shelves, expires_ms, created_ms FROM api_key WHERE owner_id = ? ORDER BY created_ms, id", {owner.text()});
    if (!rows) return fail(rows.error());
    std::vector<ApiKey> keys;
    for (const store::Row& row : *rows) {
      const Result<KeyId> id = KeyId::parse(row.text(0));
      if (!id) return fail(ErrorCode::kCorrupt, "a key without an id");
      ApiKey key{.id = *id, .owner = owner, .name = row.text(1), .hint = row.text(2), .shelves = shelves_of(row, 3), .expires_ms = {}, .created_ms = row.integer(5)};
      if (!row.is_null(4)) key.expires_ms = row.integer(4);
      keys.push_back(std::move(key));
    }
    return keys;
  });
}

}  // namespace sekisho::identity
