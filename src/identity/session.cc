#include "identity/session.h"

#include <utility>

#include "base/log.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "identity/account.h"

namespace sekisho::identity {
namespace {

/// How stale `seen_ms` may get before a request writes it: one write a minute, not one a request.
constexpr std::int64_t kSeenStep_ms = 60'000;

std::string hash_of(std::string_view token) { return crypto::sha256(token).hex(); }

struct Found {
  gate::Actor actor;
  std::int64_t seen_ms = 0;
};

}  // namespace

Sessions::Sessions(store::Database& database, const gate::Policy& policy, const Clock& clock)
    : database_(database), policy_(policy), clock_(clock) {}

Result<NewSession> Sessions::begin(const UserId& user) {
  NewSession session;
  session.token = crypto::random_token();
  session.csrf_token = csrf_token_of(session.token);
  const std::int64_t now_ms = clock_.wall_ms();
  const Result<std::int64_t> stored = database_.write([&](store::Connection& connection) {
    return connection.execute("INSERT INTO session(token_sha256, user_id, created_ms, seen_ms) VALUES (?, ?, ?, ?)",
                              {hash_of(session.token), user.text(), now_ms, now_ms});
  });
  if (!stored) return fail(stored.error());
  return session;
}

Result<gate::Actor> Sessions::resolve(std::string_view token) {
  const std::int64_t now_ms = clock_.wall_ms();
  const std::string hash = hash_of(token);
  Result<Found> found = database_.read([&](store::Connection& connection) -> Result<Found> {
    const auto rows = connection.query("SELECT user_id, created_ms, seen_ms FROM session WHERE token_sha256 = ?", {hash});
    if (!rows) return fail(rows.error());
    if (rows->empty()) return fail(ErrorCode::kUnauthorized, "no such session");
    const store::Row& row = rows->front();
    const std::int64_t seen_ms = row.integer(2);
    if (now_ms - row.integer(1) >= policy_.session().total_ms || now_ms - seen_ms >= policy_.session().idle_ms) {
      return fail(ErrorCode::kUnauthorized, "the session has ended");
    }
    const Result<UserId> user = UserId::parse(row.text(0));
    if (!user) return fail(ErrorCode::kCorrupt, "a session of nobody");
    Result<gate::Actor> actor = load_actor(connection, policy_, *user);
    if (!actor) return fail(actor.error());
    return Found{std::move(*actor), seen_ms};
  });
  if (!found) return fail(found.error());
  if (now_ms - found->seen_ms >= kSeenStep_ms) {
    const auto noted = database_.write([&](store::Connection& connection) {
      return connection.execute("UPDATE session SET seen_ms = ? WHERE token_sha256 = ?", {now_ms, hash});
    });
    if (!noted) log_warning("session.seen", {{"why", noted.error().detail}});  // It only ends earlier.
  }
  found->actor.credential = gate::Credential::kSession;
  return std::move(found->actor);
}

Result<void> Sessions::end(std::string_view token) {
  const auto ended = database_.write(
      [&](store::Connection& connection) { return connection.execute("DELETE FROM session WHERE token_sha256 = ?", {hash_of(token)}); });
  if (!ended) return fail(ended.error());
  return {};
}

Result<void> Sessions::end_all_of(const UserId& user) {
  const auto ended = database_.write(
      [&](store::Connection& connection) { return connection.execute("DELETE FROM session WHERE user_id = ?", {user.text()}); });
  if (!ended) return fail(ended.error());
  return {};
}

Result<void> Sessions::sweep() {
  const std::int64_t now_ms = clock_.wall_ms();
  const auto swept = database_.write([&](store::Connection& connection) {
    return connection.execute("DELETE FROM session WHERE created_ms <= ? OR seen_ms <= ?",
                              {now_ms - policy_.session().total_ms, now_ms - policy_.session().idle_ms});
  });
  if (!swept) return fail(swept.error());
  return {};
}

std::string csrf_token_of(std::string_view session_token) { return crypto::sha256("sekisho csrf\n" + std::string(session_token)).hex(); }

bool csrf_matches(std::string_view session_token, std::string_view csrf_token) {
  return crypto::equal_in_constant_time(csrf_token_of(session_token), csrf_token);
}

}  // namespace sekisho::identity
