#include "identity/rate_limit.h"

#include <deque>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sekisho::identity {
namespace {

gate::RateRule three_a_second() { return {.count = 3, .window_ms = 1000}; }

TEST(RateLimiter, CountsEachKeyByItself) {
  const FakeClock clock(0);
  RateLimiter limiter(three_a_second, clock);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.take("a"));
  EXPECT_EQ(limiter.take("a").error().code, ErrorCode::kRateLimited);
  EXPECT_TRUE(limiter.take("b"));
}

TEST(RateLimiter, SlidesInsteadOfStartingAnew) {
  FakeClock clock(999);
  RateLimiter limiter(three_a_second, clock);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(limiter.take("a"));
  clock.advance_ms(1);
  EXPECT_FALSE(limiter.take("a")) << "a new window does not double the rate";
  clock.advance_ms(999);
  EXPECT_TRUE(limiter.take("a"));
}

TEST(RateLimiter, SaysWhenToComeBack) {
  const FakeClock clock;
  RateLimiter limiter([] { return gate::RateRule{.count = 1, .window_ms = 60'000}; }, clock);
  ASSERT_TRUE(limiter.take("佐伯"));
  const auto refused = limiter.take("佐伯");
  ASSERT_FALSE(refused);
  const auto wait_s = retry_after_s(refused.error());
  ASSERT_TRUE(wait_s) << refused.error().detail;
  EXPECT_GE(*wait_s, 1);
  EXPECT_LE(*wait_s, 60);
  EXPECT_FALSE(retry_after_s({ErrorCode::kRateLimited, "too many"}));
  EXPECT_FALSE(retry_after_s({ErrorCode::kBusy, "too many; again in 3 s"}));
}

TEST(RateLimiter, DoesNotCountWhatItRefused) {
  FakeClock clock(0);
  RateLimiter limiter(three_a_second, clock);
  for (int i = 0; i < 100; ++i) (void)limiter.take("a");
  clock.advance_ms(2000);
  EXPECT_TRUE(limiter.take("a"));
}

TEST(RateLimiter, FollowsARuleThatChanges) {
  const FakeClock clock(0);
  gate::RateRule rule = three_a_second();
  RateLimiter limiter([&rule] { return rule; }, clock);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(limiter.take("a"));
  ASSERT_FALSE(limiter.take("a"));
  rule.count = 4;
  EXPECT_TRUE(limiter.take("a"));
  EXPECT_FALSE(limiter.take("a"));
}

TEST(RateLimiter, TakesBackAndForgets) {
  const FakeClock clock(0);
  RateLimiter limiter(three_a_second, clock);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(limiter.take("a"));
  limiter.refund("a");
  EXPECT_TRUE(limiter.take("a"));
  EXPECT_FALSE(limiter.take("a"));
  limiter.forget("a");
  EXPECT_TRUE(limiter.take("a"));
  limiter.refund("unknown");
  limiter.forget("unknown");
}

TEST(RateLimiter, ForgetsTheLongestQuietWhenFull) {
  const FakeClock clock(0);
  RateLimiter limiter(three_a_second, clock, 100);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(limiter.take("attacked"));
  for (int i = 0; i < 1000; ++i) {
    (void)limiter.take(std::to_string(i));
    EXPECT_FALSE(limiter.take("attacked")) << "a key in use is not pushed out";
  }
  EXPECT_EQ(limiter.keys(), 100U);
}

RC_GTEST_PROP(RateLimiter, NeverAdmitsTwiceTheRateInAnyWindowAndAlwaysAfterTwoQuietOnes, (const std::vector<unsigned char>& steps)) {
  FakeClock clock(0);
  RateLimiter limiter(three_a_second, clock);
  std::deque<std::int64_t> admitted;
  std::int64_t last = -2000;
  for (const unsigned char step : steps) {
    clock.advance_ms(step * 4);
    const std::int64_t now = clock.steady_ms();
    const bool must = now - last >= 2000;
    const bool may = limiter.take("a").has_value();
    if (may) {
      admitted.push_back(now);
      last = now;
    }
    while (!admitted.empty() && admitted.front() <= now - 1000) admitted.pop_front();
    RC_ASSERT(may || !must);
    RC_ASSERT(admitted.size() < 6U);
  }
}

}  // namespace
}  // namespace sekisho::identity
