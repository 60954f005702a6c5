#include "crypto/password.h"

#include <gtest/gtest.h>

namespace sekisho::crypto {
namespace {

constexpr PasswordCost kCheap{.passes = 1, .memory_bytes = 64UL * 1024};

TEST(Password, MatchesItsOwnHashOnly) {
  const Result<std::string> hash = hash_password("みなと町役場の合言葉", kCheap);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(verify_password(*hash, "みなと町役場の合言葉"));
  EXPECT_FALSE(verify_password(*hash, "みなと町役場の合言葉 "));
  EXPECT_FALSE(verify_password(*hash, ""));
}

TEST(Password, IsHashedWithArgon2idAndASaltOfItsOwn) {
  const std::string first = hash_password("同じ言葉", kCheap).value();
  const std::string second = hash_password("同じ言葉", kCheap).value();
  EXPECT_EQ(first.substr(0, 10), "$argon2id$");
  EXPECT_NE(first, second);
}

TEST(Password, DefaultsToSixtyFourMebibytesAndTwoPasses) {
  EXPECT_NE(hash_password("x").value().find("m=65536,t=2,p=1"), std::string::npos);
}

TEST(Password, IsFalseForAMalformedHash) {
  for (const char* hash : {"", "x", "$argon2id$v=19$m=64,t=1,p=1$", "$2y$10$abcdefghijklmnopqrstuv"}) {
    EXPECT_FALSE(verify_password(hash, "x")) << hash;
  }
  EXPECT_FALSE(verify_password(std::string(5000, '$'), "x"));
}

TEST(PasswordCheck, IsFalseForNobodyWhateverTheWord) {
  const PasswordCheck check(kCheap);
  const std::string hash = check.hash("word").value();
  EXPECT_TRUE(check.matches(hash, "word"));
  EXPECT_FALSE(check.matches(hash, "other"));
  EXPECT_FALSE(check.matches("", "word"));
  EXPECT_FALSE(check.matches("", ""));
}

}  // namespace
}  // namespace sekisho::crypto
