#include "crypto/secret.h"

#include <set>
#include <type_traits>

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/sign.h"

namespace sekisho::crypto {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!Printable<SecretBytes>);
static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes>);

TEST(SecretBytes, LeavesNothingInTheStringItWasTakenFrom) {
  std::string password = "correct horse battery staple";
  const char* where = password.data();
  const SecretBytes secret = SecretBytes::take(std::move(password));
  EXPECT_EQ(secret.reveal(), "correct horse battery staple");
  EXPECT_EQ(where[0], '\0');
  EXPECT_EQ(where[10], '\0');
}

TEST(SecretBytes, MovesAndLeavesNothing) {
  SecretBytes first = SecretBytes::take("鍵");
  SecretBytes second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): this is the promise.
  EXPECT_EQ(second.reveal(), "鍵");
}

TEST(EqualInConstantTime, IsEquality) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST(Random, NeverRepeatsAToken) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string token = random_token();
    EXPECT_EQ(token.size(), 43U);
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), std::string::npos);
    seen.insert(token);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(SealKey, OpensWhatItSealedInTheSameContextOnly) {
  const SealKey key = SealKey::random();
  const std::string sealed = key.seal("住民基本台帳", "messages/7");
  EXPECT_EQ(sealed.size(), std::string("住民基本台帳").size() + 40);
  EXPECT_EQ(key.open(sealed, "messages/7").value().reveal(), "住民基本台帳");
  EXPECT_EQ(key.open(sealed, "messages/8").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(SealKey::random().open(sealed, "messages/7").error().code, ErrorCode::kCorrupt);
}

TEST(SealKey, NoticesEveryChangedByteAndEveryLength) {
  const SealKey key = SealKey::random();
  const std::string sealed = key.seal("秘", "c");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(key.open(changed, "c")) << i;
    EXPECT_FALSE(key.open(sealed.substr(0, i), "c")) << i;
  }
}

TEST(SealKey, GivesAnotherTextEachTime) {
  const SealKey key = SealKey::random();
  EXPECT_NE(key.seal("x", ""), key.seal("x", ""));
}

TEST(SealKey, IsKeptAsItsBytes) {
  const SealKey key = SealKey::random();
  const Result<SealKey> again = SealKey::from_bytes(SecretBytes::take(std::string(key.bytes().reveal())));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->open(key.seal("x", "c"), "c").value().reveal(), "x");
  EXPECT_FALSE(SealKey::from_bytes(SecretBytes(31)));
}

TEST(SigningKey, SignsSoThatOnlyThatMessageVerifies) {
  const SigningKey key = SigningKey::random();
  const std::string signature = key.sign("監査記録 第1号");
  EXPECT_TRUE(verify_signature(key.public_key(), "監査記録 第1号", signature));
  EXPECT_FALSE(verify_signature(key.public_key(), "監査記録 第2号", signature));
  EXPECT_FALSE(verify_signature(SigningKey::random().public_key(), "監査記録 第1号", signature));
  EXPECT_FALSE(verify_signature("short", "監査記録 第1号", signature));
  EXPECT_FALSE(verify_signature(key.public_key(), "監査記録 第1号", signature.substr(1)));
}

TEST(SigningKey, FollowsRfc8032) {
  // RFC 8032, 7.1, test 1: the empty message.
  const std::string seed =
      "\x9d\x61\xb1\x9d\xef\xfd\x5a\x60\xba\x84\x4a\xf4\x92\xec\x2c\xc4\x44\x49\xc5\x69\x7b\x32\x69\x19\x70\x3b\xac\x03\x1c\xae\x7f\x60";
  const Result<SigningKey> key = SigningKey::from_seed(SecretBytes::take(std::string(seed)));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->public_key().substr(0, 4), "\xd7\x5a\x98\x01");
  EXPECT_EQ(key->sign("").substr(0, 4), std::string("\xe5\x56\x43\x00", 4));
  EXPECT_FALSE(SigningKey::from_seed(SecretBytes(31)));
}

}  // namespace
}  // namespace sekisho::crypto
