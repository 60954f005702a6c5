#include "identity/session.h"

#include "identity/test_office.h"

namespace sekisho::identity {
namespace {

class SessionsTest : public Office {
 protected:
  static constexpr std::int64_t kMinute_ms = 60'000;
  const UserId user_ = add_yamada();
  Sessions sessions_{*database_, policy_, clock_};
};

TEST_F(SessionsTest, KnowWhoHoldsAToken) {
  const NewSession session = sessions_.begin(user_).value();
  const gate::Actor actor = sessions_.resolve(session.token).value();
  EXPECT_EQ(actor.id, user_);
  EXPECT_EQ(actor.display_name, "山田 花子");
  EXPECT_EQ(actor.clearance, gate::Level{1});
  EXPECT_EQ(actor.groups, std::vector<std::string>{"総務課"});
  EXPECT_EQ(actor.credential, gate::Credential::kSession);
  EXPECT_FALSE(actor.bound_shelves);
  for (const std::string& wrong : {std::string(), session.token + "x", session.csrf_token, std::string("' OR 1=1 --")}) {
    EXPECT_EQ(sessions_.resolve(wrong).error().code, ErrorCode::kUnauthorized) << wrong;
  }
}

TEST_F(SessionsTest, StoreOnlyTheHash) {
  const NewSession session = sessions_.begin(user_).value();
  EXPECT_EQ(count("session WHERE token_sha256 = '" + session.token + "'"), 0);
  EXPECT_EQ(count("session"), 1);
}

TEST_F(SessionsTest, FollowTheAccountFromTheNextRequestOn) {
  const NewSession session = sessions_.begin(user_).value();
  ASSERT_TRUE(accounts_.set_clearance(by_, user_, gate::Level{0}));
  ASSERT_TRUE(accounts_.set_groups(by_, user_, {}));
  ASSERT_TRUE(accounts_.set_roles(by_, user_, {gate::Role::kAuditor}));
  const gate::Actor actor = sessions_.resolve(session.token).value();
  EXPECT_EQ(actor.clearance, gate::Level{0});
  EXPECT_TRUE(actor.groups.empty());
  EXPECT_EQ(actor.roles, gate::Roles{gate::Role::kAuditor});
  ASSERT_TRUE(accounts_.set_suspended(by_, user_, true));
  EXPECT_EQ(sessions_.resolve(session.token).error().code, ErrorCode::kUnauthorized);
  ASSERT_TRUE(accounts_.set_suspended(by_, user_, false));
  EXPECT_EQ(sessions_.resolve(session.token).error().code, ErrorCode::kUnauthorized) << "an old session does not come back";
}

TEST_F(SessionsTest, EndWhenIdleAndLiveWhenUsed) {
  const NewSession used = sessions_.begin(user_).value();
  const NewSession idle = sessions_.begin(user_).value();
  for (int i = 0; i < 3; ++i) {
    clock_.advance_ms(20 * kMinute_ms);
    EXPECT_TRUE(sessions_.resolve(used.token)) << i;
  }
  EXPECT_EQ(sessions_.resolve(idle.token).error().code, ErrorCode::kUnauthorized);
}

TEST_F(SessionsTest, EndAfterTheirTotalTimeHoweverUsed) {
  const NewSession session = sessions_.begin(user_).value();
  const std::int64_t steps = policy_.session().total_ms / (20 * kMinute_ms);
  for (std::int64_t i = 1; i < steps; ++i) {
    clock_.advance_ms(20 * kMinute_ms);
    ASSERT_TRUE(sessions_.resolve(session.token)) << i;
  }
  clock_.advance_ms(20 * kMinute_ms);
  EXPECT_EQ(sessions_.resolve(session.token).error().code, ErrorCode::kUnauthorized);
}

TEST_F(SessionsTest, EndAtOnceWhenAsked) {
  const NewSession first = sessions_.begin(user_).value();
  const NewSession second = sessions_.begin(user_).value();
  ASSERT_TRUE(sessions_.end(first.token));
  EXPECT_FALSE(sessions_.resolve(first.token));
  EXPECT_TRUE(sessions_.resolve(second.token));
  ASSERT_TRUE(sessions_.end_all_of(user_));
  EXPECT_FALSE(sessions_.resolve(second.token));
}

TEST_F(SessionsTest, AreSweptWhenExpired) {
  ASSERT_TRUE(sessions_.begin(user_));
  clock_.advance_ms(policy_.session().idle_ms - 1);
  ASSERT_TRUE(sessions_.begin(user_));
  ASSERT_TRUE(sessions_.sweep());
  EXPECT_EQ(count("session"), 2);
  clock_.advance_ms(1);
  ASSERT_TRUE(sessions_.sweep());
  EXPECT_EQ(count("session"), 1);
}

TEST_F(SessionsTest, RefuseAClearanceThatThePolicyDoesNotKnow) {
  const NewSession session = sessions_.begin(user_).value();
  ASSERT_TRUE(database_->write([](store::Connection& c) { return c.execute("UPDATE account SET clearance = '極秘'"); }));
  EXPECT_EQ(sessions_.resolve(session.token).error().code, ErrorCode::kUnauthorized);
}

TEST_F(SessionsTest, HaveACsrfTokenOfTheirOwn) {
  const NewSession session = sessions_.begin(user_).value();
  const NewSession other = sessions_.begin(user_).value();
  EXPECT_TRUE(csrf_matches(session.token, session.csrf_token));
  EXPECT_FALSE(csrf_matches(session.token, other.csrf_token));
  EXPECT_FALSE(csrf_matches(session.token, ""));
  EXPECT_NE(session.token, session.csrf_token);
}

}  // namespace
}  // namespace sekisho::identity
