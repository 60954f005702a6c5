#include "identity/sign_in.h"

#include "identity/test_office.h"

namespace sekisho::identity {
namespace {

class SignInTest : public Office {
 protected:
  ErrorCode code_of(std::string_view name, std::string_view password, std::string_view address = "192.0.2.1") {
    const Result<NewSession> session = sign_in_.with_password(name, password, address);
    return session ? ErrorCode::kInternal : session.error().code;
  }
  const UserId user_ = add_yamada();
  Sessions sessions_{*database_, policy_, clock_};
  SignIn sign_in_{accounts_, sessions_, *chain_, policy_, clock_};
  const std::int64_t tries_ = policy_.rates().sign_in_per_account_and_address.count;
  const std::int64_t window_ms_ = policy_.rates().sign_in_per_account_and_address.window_ms;
};

TEST_F(SignInTest, BeginsASessionAndRecordsIt) {
  const NewSession session = sign_in_.with_password("Yamada", kPassword, "192.0.2.1").value();
  EXPECT_EQ(sessions_.resolve(session.token).value().id, user_);
  const auto recorded = entries("sign_in");
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_EQ(recorded[0].outcome, audit::Outcome::kAllowed);
  EXPECT_EQ(recorded[0].actor_name, "yamada");
  EXPECT_EQ(recorded[0].details.text_or("address"), "192.0.2.1");
}

TEST_F(SignInTest, RecordsAFailureWithoutWhatMayBeAPassword) {
  EXPECT_EQ(code_of("yamada", "wrong"), ErrorCode::kUnauthorized);
  EXPECT_EQ(code_of("correct horse battery staple", ""), ErrorCode::kUnauthorized);
  const auto recorded = entries("sign_in");
  ASSERT_EQ(recorded.size(), 2U);
  EXPECT_EQ(recorded[0].outcome, audit::Outcome::kDenied);
  EXPECT_EQ(recorded[0].actor_id, user_.text());
  EXPECT_EQ(recorded[1].actor_name, "");
}

TEST_F(SignInTest, SlowsGuessingAtOneAccountFromOneAddressAndForgivesLater) {
  for (std::int64_t i = 0; i < tries_; ++i) EXPECT_EQ(code_of("yamada", "wrong"), ErrorCode::kUnauthorized) << i;
  EXPECT_EQ(code_of("yamada", kPassword), ErrorCode::kRateLimited) << "the right one too";
  EXPECT_TRUE(sign_in_.with_password("yamada", kPassword, "192.0.2.2")) << "the person elsewhere is not locked out";
  clock_.advance_ms(2 * window_ms_);
  EXPECT_TRUE(sign_in_.with_password("yamada", kPassword, "192.0.2.1"));
}

TEST_F(SignInTest, SlowsGuessingFromManyAddressesAndAtManyAccounts) {
  const std::int64_t per_account = policy_.rates().sign_in_per_account.count;
  for (std::int64_t i = 0; i < per_account; ++i) EXPECT_EQ(code_of("yamada", "wrong", "192.0.2." + std::to_string(i)), ErrorCode::kUnauthorized);
  EXPECT_EQ(code_of("yamada", "wrong", "198.51.100.1"), ErrorCode::kRateLimited);
  const std::int64_t per_address = policy_.rates().sign_in_per_address.count;
  for (std::int64_t i = 0; i < per_address; ++i) EXPECT_EQ(code_of("user" + std::to_string(i), "wrong", "203.0.113.1"), ErrorCode::kUnauthorized);
  EXPECT_EQ(code_of("another", "wrong", "203.0.113.1"), ErrorCode::kRateLimited);
}

TEST_F(SignInTest, DoesNotCountThoseWhoSucceed) {
  const std::int64_t many = policy_.rates().sign_in_per_address.count + 5;
  for (std::int64_t i = 0; i < many; ++i) ASSERT_TRUE(sign_in_.with_password("yamada", kPassword, "192.0.2.1")) << i;
}

TEST_F(SignInTest, BeginsNothingWhenTheLogCannotBeWritten) {
  const store::FileSizeLimit limit(std::filesystem::file_size(folder_ / "audit" / "00000000000000000001.jsonl") + 10);
  EXPECT_EQ(code_of("yamada", kPassword), ErrorCode::kUnavailable);
  EXPECT_EQ(count("session"), 0);
}

TEST_F(SignInTest, SurvivesHostileInput) {
  EXPECT_EQ(code_of(std::string(100'000, 'a'), std::string(100'000, 'b'), std::string(100'000, 'c')), ErrorCode::kUnauthorized);
  EXPECT_EQ(code_of("\xff\xfe", std::string(1, '\0'), "\xff"), ErrorCode::kUnauthorized);
  EXPECT_EQ(entries("sign_in").size(), 2U);
}

}  // namespace
}  // namespace sekisho::identity
