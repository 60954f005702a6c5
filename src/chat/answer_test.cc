#include "chat/answer.h"

#include <gtest/gtest.h>

namespace sekisho::chat {
namespace {

class AnswerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = text::WordAnalyser::open();
    ASSERT_TRUE(opened) << opened.error().detail;
    analyser_ = std::move(*opened);
    checker_ = std::make_unique<ClaimChecker>(*analyser_);
  }
  std::unique_ptr<text::WordAnalyser> analyser_;
  std::unique_ptr<ClaimChecker> checker_;
  EventLog events_;
};

constexpr std::string_view kPassage = "第7条（利用料）　3歳未満の児童は1日につき2,400円とする。";

TEST_F(AnswerTest, JudgesEachSentenceAsSoonAsItIsWhole) {
  Answer answer(events_, *checker_);
  answer.read_from({{1, kPassage}});
  answer.add("3歳未満の児童は、1日につき");
  EXPECT_TRUE(answer.claims().empty());
  answer.add("2,400円です。");
  ASSERT_EQ(answer.claims().size(), 1U);
  EXPECT_EQ(answer.claims()[0].text_or("check"), "ok");
  answer.add("3歳以上は1日9,999円です");
  answer.finish();
  ASSERT_EQ(answer.claims().size(), 2U);
  EXPECT_EQ(answer.claims()[1].text_or("check"), "needed");
  EXPECT_EQ(answer.supported(), 1);
  EXPECT_EQ(answer.needs_review(), 1);
}

TEST_F(AnswerTest, CountsPlacesInUtf16AsThePageDoes) {
  Answer answer(events_, *checker_);
  answer.read_from({{1, kPassage}});
  answer.add("𠮷野町では、3歳未満は2,400円です。\n3歳未満の児童は2,400円です。");
  answer.finish();
  ASSERT_EQ(answer.claims().size(), 2U);
  EXPECT_EQ(answer.claims()[0].int_or("start"), 0);
  EXPECT_EQ(answer.claims()[0].int_or("end"), utf16_length("𠮷野町では、3歳未満は2,400円です。"));
  EXPECT_EQ(answer.claims()[1].int_or("start"), answer.claims()[0].int_or("end") + 1);
}

TEST_F(AnswerTest, ClaimsNothingForItsOwnWords) {
  Answer answer(events_, *checker_);
  answer.say("資料には見当たりません。");
  answer.finish();
  EXPECT_TRUE(answer.claims().empty());
  EXPECT_EQ(answer.text(), "資料には見当たりません。");
}

TEST(MarkFilter, TakesMarksOutHoweverTheyAreSplit) {
  const std::string text = "受付は9時からです。[1]締切は[重要]です。[12]";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    MarkFilter filter;
    std::string out = filter.pass(text.substr(0, cut));
    out += filter.pass(text.substr(cut));
    out += filter.rest();
    EXPECT_EQ(out, "受付は9時からです。締切は[重要]です。") << cut;
  }
}

}  // namespace
}  // namespace sekisho::chat
