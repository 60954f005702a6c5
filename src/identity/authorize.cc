#include "identity/authorize.h"

namespace sekisho::identity {
namespace {

bool belongs(const gate::Actor& actor, Audience audience) {
  switch (audience) {
    case Audience::kPublic:
    case Audience::kSignedIn: return true;
    case Audience::kOfficial: return actor.roles.has(gate::Role::kOfficial);
    case Audience::kAuthor: return actor.roles.has(gate::Role::kAuthor);
    case Audience::kOperator: return actor.roles.has(gate::Role::kOperator);
    case Audience::kAuditor: return actor.roles.has(gate::Role::kAuditor);
  }
  return false;
}

}  // namespace

Result<void> authorize(const std::optional<gate::Actor>& actor, RoutePolicy policy) {
  if (policy.audience == Audience::kPublic) return {};
  if (!actor) return fail(ErrorCode::kUnauthorized, "sign in first");
  const bool right_credential = policy.credentials == Credentials::kAny || actor->credential == gate::Credential::kSession;
  const bool for_any_official = policy.audience == Audience::kSignedIn || policy.audience == Audience::kOfficial;
  if (actor->bound_shelves && !for_any_official) return fail(ErrorCode::kDenied, "not there or not allowed");
  if (!right_credential || !belongs(*actor, policy.audience)) return fail(ErrorCode::kDenied, "not there or not allowed");
  return {};
}

}  // namespace sekisho::identity
