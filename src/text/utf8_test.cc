#include "text/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sekisho::text {
namespace {

TEST(Utf8, DecodesJapaneseAndRareKanji) {
  const std::string text = "a申𠮷";
  const auto all = characters(text);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].value, U'a');
  EXPECT_EQ(all[1].value, U'申');
  EXPECT_EQ(all[1].begin, 1U);
  EXPECT_EQ(all[2].value, U'𠮷');
  EXPECT_EQ(all[2].end(), text.size());
  EXPECT_EQ(count_characters(text), 3U);
}

TEST(Utf8, TakesEachInvalidByteForOneReplacementCharacter) {
  const std::string invalid[] = {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE7\x94", "\x80"};
  for (const std::string& bad : invalid) {
    EXPECT_FALSE(is_valid_utf8(bad));
    EXPECT_EQ(count_characters(bad), bad.size());
    EXPECT_TRUE(is_valid_utf8(repaired_utf8("前" + bad + "後")));
  }
  EXPECT_TRUE(is_valid_utf8("\xEF\xBF\xBD"));
}

TEST(Utf8, CutsOnlyBetweenCharacters) {
  const std::string text = "関所x";
  EXPECT_EQ(first_characters(text, 1), "関");
  EXPECT_EQ(first_characters(text, 9), text);
  EXPECT_EQ(byte_of_character(text, 2), 6U);
  EXPECT_EQ(character_boundary_before(text, 4), 3U);
  EXPECT_EQ(character_boundary_before(text, 5), 3U);
  EXPECT_EQ(character_boundary_before(text, 6), 6U);
  EXPECT_EQ(character_boundary_before(text, 99), text.size());
}

RC_GTEST_PROP(Utf8, AnyBytesAreCoveredByTheirCharactersWithoutGap, (const std::string& bytes)) {
  std::size_t at = 0;
  for (const Character& c : characters(bytes)) {
    RC_ASSERT(c.begin == at);
    at = c.end();
  }
  RC_ASSERT(at == bytes.size());
  RC_ASSERT(is_valid_utf8(repaired_utf8(bytes)));
  RC_ASSERT(to_utf8(to_utf32(bytes)) == repaired_utf8(bytes));
  if (is_valid_utf8(bytes)) RC_ASSERT(repaired_utf8(bytes) == bytes);
}

}  // namespace
}  // namespace sekisho::text
