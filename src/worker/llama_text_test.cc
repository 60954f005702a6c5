#include "worker/llama_text.h"

#include <gtest/gtest.h>

namespace sekisho::worker {
namespace {

std::string taken(AnswerText& text) {
  auto piece = text.take();
  return piece ? piece->text : "";
}

TEST(AnswerText, SendsWholeCharactersAtOnce) {
  AnswerText text({});
  text.add("町長", -0.5);
  EXPECT_EQ(taken(text), "町長");
  EXPECT_FALSE(text.take());
}

TEST(AnswerText, HoldsBackACharacterUntilItsLastByte) {
  AnswerText text({});
  text.add("\xE9", -1.0);
  EXPECT_FALSE(text.take());
  text.add("\xAB", -1.0);
  EXPECT_FALSE(text.take());
  text.add("\x99\xE5", -1.0);
  auto piece = text.take();
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->text, "髙");
  EXPECT_EQ(piece->tokens, 3);
  EXPECT_DOUBLE_EQ(piece->log_probability, -3.0);
}

TEST(AnswerText, HoldsBackWhatMayBecomeAStopString) {
  AnswerText text({"\n\n質問:"});
  text.add("以上です。\n", 0);
  EXPECT_EQ(taken(text), "以上です。");
  text.add("\n", 0);
  EXPECT_EQ(taken(text), "");
  text.add("次に", 0);
  EXPECT_EQ(taken(text), "\n\n次に");
}

TEST(AnswerText, EndsBeforeAStopStringMadeOfSeveralTokens) {
  AnswerText text({"### 終わり", "。。"});
  text.add("はい。### ", 0);
  text.add("終わり、余り", 0);
  EXPECT_TRUE(text.stopped());
  auto rest = text.finish();
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->text, "はい。");
  EXPECT_FALSE(text.finish());
}

TEST(AnswerText, TheFirstOfSeveralStopStringsCounts) {
  AnswerText text({"川", "山"});
  text.add("海と山と川", 0);
  EXPECT_TRUE(text.stopped());
  EXPECT_EQ(text.finish()->text, "海と");
}

TEST(AnswerText, FinishGivesWhatWasHeldBack) {
  AnswerText text({"以上。"});
  text.add("報告は以上", 0);
  EXPECT_EQ(taken(text), "報告は");
  EXPECT_EQ(text.finish()->text, "以上");
}

TEST(AnswerText, FinishDropsACharacterThatWasNeverCompleted) {
  AnswerText text({});
  text.add("山\xE5\xB1", 0);
  EXPECT_EQ(text.finish()->text, "山");
}

TEST(AnswerText, AnEmptyStopStringStopsNothing) {
  AnswerText text({""});
  text.add("あ", 0);
  EXPECT_FALSE(text.stopped());
}

TEST(AnswerText, CountsTokensThatPrintedNothing) {
  AnswerText text({});
  text.add("", -1);
  EXPECT_FALSE(text.take());
  text.add("件", -2);
  EXPECT_EQ(text.take()->tokens, 2);
}

}  // namespace
}  // namespace sekisho::worker
