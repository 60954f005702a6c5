#include "text/sentences.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sekisho::text {
namespace {

std::vector<std::string> cut(std::string_view text) {
  std::vector<std::string> found;
  for (const ByteRange& range : sentences(text)) found.emplace_back(range.of(text));
  return found;
}
using Texts = std::vector<std::string>;

TEST(Sentences, EndAtTheirMarksAndAtLineEnds) {
  EXPECT_EQ(cut("申請します。受理した！本当か？\n次の行\r\n　三行目。"), (Texts{"申請します。", "受理した！", "本当か？", "次の行", "三行目。"}));
}

TEST(Sentences, DoNotEndInsideBrackets) {
  EXPECT_EQ(cut("市長は「可決した。」と述べた。以上。"), (Texts{"市長は「可決した。」と述べた。", "以上。"}));
  EXPECT_EQ(cut("法（以下「法」という。）による。"), (Texts{"法（以下「法」という。）による。"}));
}

TEST(Sentences, AreNotSwallowedByABracketThatNeverCloses) {
  EXPECT_EQ(cut("彼は「行く。そして帰る。"), (Texts{"彼は「行く。", "そして帰る。"}));
  EXPECT_EQ(cut("終わり。）次。"), (Texts{"終わり。）", "次。"}));
}

TEST(Sentences, KeepDecimalsAndAbbreviationsWhole) {
  EXPECT_EQ(cut("税率は3.5%です。Ver.2を使う。"), (Texts{"税率は3.5%です。", "Ver.2を使う。"}));
  EXPECT_EQ(cut("It works. Good!"), (Texts{"It works.", "Good!"}));
}

TEST(Sentences, TakeRowsOfMarksTogether) { EXPECT_EQ(cut("何ですか！？そうです。。"), (Texts{"何ですか！？", "そうです。。"})); }

TEST(Sentences, OfBlankTextAreNone) {
  EXPECT_TRUE(sentences("").empty());
  EXPECT_TRUE(sentences(" \n　\n").empty());
}

RC_GTEST_PROP(Sentences, CoverAllThatIsNotSpace, (const std::vector<unsigned char>& picks)) {
  static const Texts kPieces = {"あ", "。", "「", "」", "（", "）", " ", "\n", "！", ".", "1", "\xFF", "　"};
  std::string text;
  for (const unsigned char pick : picks) text += kPieces[pick % kPieces.size()];
  std::size_t last = 0;
  std::string outside;
  for (const ByteRange& range : sentences(text)) {
    RC_ASSERT(range.begin >= last && range.begin < range.end);
    outside += text.substr(last, range.begin - last);
    last = range.end;
  }
  outside += text.substr(last);
  RC_ASSERT(outside.find_first_not_of(" \n\xE3\x80") == std::string::npos);
}

}  // namespace
}  // namespace sekisho::text
