#include "identity/authorize.h"

#include <type_traits>

#include <gtest/gtest.h>

namespace sekisho::identity {
namespace {

static_assert(!std::is_default_constructible_v<RoutePolicy>, "a route without a declared policy does not compile");

gate::Actor actor_with(gate::Roles roles, gate::Credential credential = gate::Credential::kSession) {
  gate::Actor actor;
  actor.roles = roles;
  actor.credential = credential;
  return actor;
}

TEST(Authorize, LetsNobodyPastPublicRoutes) {
  EXPECT_TRUE(authorize(std::nullopt, kPublic));
  for (const RoutePolicy policy : {kSignedIn, kOfficial, kAuthor, kOperator, kAuditor, kOwnAccount}) {
    EXPECT_EQ(authorize(std::nullopt, policy).error().code, ErrorCode::kUnauthorized);
  }
}

TEST(Authorize, AsksForExactlyTheRoleOfTheRoute) {
  struct Pair {
    gate::Role role;
    RoutePolicy policy;
  };
  const Pair pairs[] = {{gate::Role::kOfficial, kOfficial}, {gate::Role::kAuthor, kAuthor}, {gate::Role::kOperator, kOperator}, {gate::Role::kAuditor, kAuditor}};
  for (const Pair& has : pairs) {
    const gate::Actor actor = actor_with({has.role});
    EXPECT_TRUE(authorize(actor, kPublic));
    EXPECT_TRUE(authorize(actor, kSignedIn));
    for (const Pair& wants : pairs) {
      const Result<void> result = authorize(actor, wants.policy);
      EXPECT_EQ(result.has_value(), has.role == wants.role) << name_of(has.role) << " at " << name_of(wants.role);
      EXPECT_TRUE(result || result.error().code == ErrorCode::kDenied);
    }
  }
}

TEST(Authorize, KeepsProgramsFromWhatIsForPeople) {
  EXPECT_TRUE(authorize(actor_with({gate::Role::kOfficial}), kOwnAccount));
  for (const gate::Credential credential : {gate::Credential::kApiKey, gate::Credential::kLocalCli}) {
    const gate::Actor actor = actor_with({gate::Role::kOfficial}, credential);
    EXPECT_TRUE(authorize(actor, kOfficial));
    EXPECT_EQ(authorize(actor, kOwnAccount).error().code, ErrorCode::kDenied);
  }
}

TEST(Authorize, LeavesAKeyThatIsBoundToShelvesTheRightsOfAnOfficialAlone) {
  gate::Actor actor = actor_with({gate::Role::kOfficial, gate::Role::kAuthor, gate::Role::kOperator, gate::Role::kAuditor}, gate::Credential::kApiKey);
  for (const RoutePolicy policy : {kAuthor, kOperator, kAuditor}) EXPECT_TRUE(authorize(actor, policy));
  actor.bound_shelves.emplace();
  for (const RoutePolicy policy : {kAuthor, kOperator, kAuditor}) EXPECT_EQ(authorize(actor, policy).error().code, ErrorCode::kDenied);
  for (const RoutePolicy policy : {kPublic, kSignedIn, kOfficial}) EXPECT_TRUE(authorize(actor, policy));
}

}  // namespace
}  // namespace sekisho::identity
