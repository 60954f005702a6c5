#include "worker/llama_prefixes.h"

#include <gtest/gtest.h>

namespace sekisho::worker {
namespace {

using Tokens = std::vector<TokenId>;

KeptState state(std::size_t bytes) { return KeptState(std::vector<std::uint8_t>(bytes, 7)); }

TEST(KeptPrefixes, FindsTheLongestPrefixOfTheSameScope) {
  KeptPrefixes kept({.entries = 8, .bytes = 1000});
  kept.keep("総務課", Tokens{1, 2}, state(10));
  kept.keep("総務課", Tokens{1, 2, 3}, state(10));
  kept.keep("総務課", Tokens{9}, state(10));
  const auto* found = kept.longest("総務課", Tokens{1, 2, 3, 4});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->tokens, (Tokens{1, 2, 3}));
}

TEST(KeptPrefixes, NothingIsSharedAcrossScopes) {
  KeptPrefixes kept({.entries = 8, .bytes = 1000});
  kept.keep("総務課", Tokens{1, 2}, state(10));
  EXPECT_EQ(kept.longest("税務課", Tokens{1, 2, 3}), nullptr);
  EXPECT_EQ(kept.longest("", Tokens{1, 2, 3}), nullptr);
}

TEST(KeptPrefixes, TheEmptyScopeKeepsNothing) {
  KeptPrefixes kept({.entries = 8, .bytes = 1000});
  kept.keep("", Tokens{1}, state(10));
  EXPECT_EQ(kept.size(), 0U);
}

TEST(KeptPrefixes, AWholePromptIsNoPrefixOfItself) {
  KeptPrefixes kept({.entries = 8, .bytes = 1000});
  kept.keep("a", Tokens{1, 2}, state(10));
  EXPECT_EQ(kept.longest("a", Tokens{1, 2}), nullptr);
}

TEST(KeptPrefixes, TheLeastRecentlyUsedGoesFirst) {
  KeptPrefixes kept({.entries = 2, .bytes = 1000});
  kept.keep("a", Tokens{1}, state(10));
  kept.keep("a", Tokens{2}, state(10));
  ASSERT_NE(kept.longest("a", Tokens{1, 5}), nullptr);
  kept.keep("a", Tokens{3}, state(10));
  EXPECT_TRUE(kept.holds("a", Tokens{1}));
  EXPECT_FALSE(kept.holds("a", Tokens{2}));
}

TEST(KeptPrefixes, StaysWithinItsBytes) {
  KeptPrefixes kept({.entries = 8, .bytes = 25});
  for (TokenId token = 0; token < 5; ++token) kept.keep("a", Tokens{token}, state(10));
  EXPECT_EQ(kept.size(), 2U);
  kept.keep("a", Tokens{9}, state(26));
  EXPECT_FALSE(kept.holds("a", Tokens{9}));
  EXPECT_EQ(kept.size(), 2U);
}

TEST(KeptPrefixes, ForgetsOneScopeOrAll) {
  KeptPrefixes kept({.entries = 8, .bytes = 1000});
  kept.keep("a", Tokens{1}, state(10));
  kept.keep("b", Tokens{1}, state(10));
  kept.forget("a");
  EXPECT_FALSE(kept.holds("a", Tokens{1}));
  EXPECT_TRUE(kept.holds("b", Tokens{1}));
  kept.forget("");
  EXPECT_EQ(kept.size(), 0U);
}

}  // namespace
}  // namespace sekisho::worker
