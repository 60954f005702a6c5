#include "main/plain_text.h"

#include <gtest/gtest.h>

#include "main/progress.h"

namespace sekisho::main {
namespace {

TEST(PlainText, LetsNoDocumentSteerTheTerminal) {
  EXPECT_EQ(printable("旅費\x1B[2J\x1B]0;題\x07は\n\t三日\xC2\x9B"), "旅費[2J]0;題は\n\t三日");
  EXPECT_EQ(printable("報告\xE2\x80\xAE" "fdp.exe"), "報告fdp.exe");
  EXPECT_EQ(printable("壊れた\xFF字"), "壊れた\xEF\xBF\xBD字");
}

TEST(PlainText, PutsAnExcerptOnOneLine) {
  EXPECT_EQ(excerpt("第1条\n\n 旅費は、\n支給する。", 100), "第1条 旅費は、 支給する。");
  EXPECT_EQ(excerpt("第1条　旅費は、支給する。", 6), "第1条　旅費…");
  EXPECT_EQ(excerpt("", 6), "");
}

TEST(PlainText, CountsTwoColumnsForAKanji) {
  EXPECT_EQ(fit_columns("ab予算", 4), "ab予");
  EXPECT_EQ(fit_columns("ab予算", 5), "ab予");
  EXPECT_EQ(fit_columns("ab予算", 6), "ab予算");
}

TEST(PlainText, SaysSizesAndTimesAsPeopleDo) {
  EXPECT_EQ(size_words(999), "999 バイト");
  EXPECT_EQ(size_words(37'600), "38 KB");
  EXPECT_EQ(size_words(1'250'000), "1.2 MB");
  EXPECT_EQ(duration_words(400), "0秒");
  EXPECT_EQ(duration_words(59'600), "1分0秒");
  EXPECT_EQ(duration_words(200'000), "3分20秒");
  EXPECT_EQ(duration_words(3'900'000), "1時間5分");
}

TEST(Progress, EstimatesTheRestFromWhatIsDone) {
  EXPECT_EQ(progress_words(0, 600, 5'000), "0 / 600（0 %）");
  EXPECT_EQ(progress_words(120, 600, 50'000), "120 / 600（20 %）　残り 約3分20秒");
  EXPECT_EQ(progress_words(600, 600, 50'000), "600 / 600（100 %）");
}

}  // namespace
}  // namespace sekisho::main
