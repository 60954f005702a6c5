#include "worker/llama_characters.h"

#include <gtest/gtest.h>

#include <string_view>

namespace sekisho::worker {
namespace {

TEST(CharacterSet, HoldsWhatJapaneseOfficesWrite) {
  const CharacterSet set;
  for (const char32_t character : std::u32string_view(U"予算第３条①㈱〜～−－髙﨑ｶﾅ々〇「」…ＡА𠮟\n\tAz09")) {
    EXPECT_TRUE(set.contains(character)) << static_cast<std::uint32_t>(character);
  }
}

TEST(CharacterSet, LacksSimplifiedHangulAndPictures) {
  const CharacterSet set;
  for (const char32_t character : std::u32string_view(U"预们这😀한")) {
    EXPECT_FALSE(set.contains(character)) << static_cast<std::uint32_t>(character);
  }
}

TEST(CharacterSet, AdmitsWhatThePromptHolds) {
  const CharacterSet set("「预算」と😀\xFF\xE9");
  EXPECT_TRUE(set.contains(U'预'));
  EXPECT_TRUE(set.contains(U'😀'));
  EXPECT_FALSE(set.contains(U'们'));
  EXPECT_TRUE(set.has_extra());
  EXPECT_FALSE(CharacterSet("予算").has_extra());
}

TEST(ContinueWithin, FollowsACharacterThroughItsBytes) {
  const CharacterSet set;
  EXPECT_EQ(continue_within(set, "", "予\xE7"), "\xE7");
  EXPECT_EQ(continue_within(set, "\xE7", "\xAE"), "\xE7\xAE");
  EXPECT_EQ(continue_within(set, "\xE7\xAE", "\x97"), "");
}

TEST(ContinueWithin, RefusesTheByteThatCompletesAForeignCharacter) {
  const CharacterSet set;
  ASSERT_EQ(continue_within(set, "", "\xE9\xA2"), "\xE9\xA2");  // 颪 begins so, too.
  EXPECT_EQ(continue_within(set, "\xE9\xA2", "\x84"), std::nullopt);
  EXPECT_TRUE(continue_within(CharacterSet("预"), "\xE9\xA2", "\x84"));
}

TEST(ContinueWithin, RefusesABeginningThatNoMemberHas) {
  const CharacterSet set;
  EXPECT_EQ(continue_within(set, "", "\xF0\x9F"), std::nullopt);
  EXPECT_EQ(continue_within(set, "", "\xED\x95"), std::nullopt);
  EXPECT_TRUE(continue_within(CharacterSet("😀"), "", "\xF0\x9F"));
}

TEST(ContinueWithin, RefusesBrokenUtf8) {
  const CharacterSet set;
  EXPECT_EQ(continue_within(set, "", "\x80"), std::nullopt);
  EXPECT_EQ(continue_within(set, "\xE7", "a"), std::nullopt);
  EXPECT_EQ(continue_within(set, "", "\xC0\xAF"), std::nullopt);
  EXPECT_EQ(continue_within(set, "", "\xE0\x80\xAF"), std::nullopt);
  EXPECT_EQ(continue_within(set, "", "\xED\xA0\x80"), std::nullopt);
  EXPECT_EQ(continue_within(set, "", "\xFF"), std::nullopt);
}

TEST(IncompleteTail, CountsTheBytesOfAnUnfinishedCharacter) {
  EXPECT_EQ(incomplete_tail_bytes(""), 0U);
  EXPECT_EQ(incomplete_tail_bytes("山"), 0U);
  EXPECT_EQ(incomplete_tail_bytes("山\xE5"), 1U);
  EXPECT_EQ(incomplete_tail_bytes("山\xE5\xB1"), 2U);
  EXPECT_EQ(incomplete_tail_bytes("\xF0\x9F\x98"), 3U);
  EXPECT_EQ(incomplete_tail_bytes("\x80\x80\x80\x80"), 0U);
}

}  // namespace
}  // namespace sekisho::worker
