#include "chat/answer_guard.h"

#include <gtest/gtest.h>

namespace sekisho::chat {
namespace {

const std::string kSource = SEKISHO_SOURCE_DIR;

class AnswerGuardTest : public testing::Test {
 protected:
  gate::Dlp dlp(const std::string& action) {
    return gate::Dlp::parse("[[rules]]\nplaces = [\"回答\"]\nkinds = [\"個人番号\", \"電話番号\"]\naction = \"" + action + "\"\n", policy_, nullptr).value();
  }
  /// The answer as it comes out in pieces of `size` bytes, and what was out before the last piece.
  static std::string through(AnswerGuard& guard, std::string_view answer, std::size_t size) {
    std::string out;
    for (std::size_t at = 0; at < answer.size(); at += size) out += guard.pass(answer.substr(at, size));
    return out + guard.rest();
  }
  const gate::Policy policy_ = gate::Policy::load(kSource + "/policies/ministry.toml").value();
};

TEST_F(AnswerGuardTest, MasksANumberHoweverItArrives) {
  const gate::Dlp rules = dlp("伏せる");
  const std::string answer = "個人番号は9832-0567-\n3214です。電話は03-1234-5678。以上";
  for (std::size_t size = 1; size <= answer.size(); size += size < 20 ? 1 : 17) {
    AnswerGuard guard(rules, {gate::Destination::screen()}, gate::Level{});
    EXPECT_EQ(through(guard, answer, size), "個人番号は〔個人番号〕です。電話は〔電話番号〕。以上") << size;
    EXPECT_EQ(guard.counts().dump(), R"({"個人番号":1,"電話番号":1})");
  }
}

TEST_F(AnswerGuardTest, ShowsNoDigitBeforeItIsJudged) {
  const gate::Dlp rules = dlp("止める");
  AnswerGuard guard(rules, {gate::Destination::screen()}, gate::Level{});
  EXPECT_EQ(guard.pass("番号は"), "番号は");
  for (const char* digit : {"9", "8", "3", "2", "0", "5", "6", "7", "3", "2", "1", "4"}) EXPECT_EQ(guard.pass(digit), "");
  EXPECT_EQ(guard.pass("です。"), "");
  EXPECT_TRUE(guard.blocked());
  EXPECT_EQ(guard.pass("続き。"), "");
  EXPECT_EQ(guard.rest(), "");
}

TEST_F(AnswerGuardTest, LetsAWarnedAnswerOutWholeAndCounts) {
  const gate::Dlp rules = dlp("知らせる");
  AnswerGuard guard(rules, {gate::Destination::screen()}, gate::Level{});
  const std::string answer = "番号は983205673214です。";
  EXPECT_EQ(through(guard, answer, 2), answer);
  EXPECT_EQ(guard.action(), gate::DlpAction::kWarn);
  EXPECT_EQ(guard.counts().dump(), R"({"個人番号":1})");
}

TEST_F(AnswerGuardTest, HoldsNothingWhereNoRuleSpeaks) {
  AnswerGuard guard(gate::Dlp::none(), {gate::Destination::screen()}, gate::Level{});
  EXPECT_EQ(guard.pass("98"), "98");
  EXPECT_EQ(guard.rest(), "");
}

TEST_F(AnswerGuardTest, JudgesEndlessTextWithoutAPlaceToCut) {
  const gate::Dlp rules = dlp("伏せる");
  AnswerGuard guard(rules, {gate::Destination::screen()}, gate::Level{});
  std::string out = guard.pass(std::string(6000, 'x'));
  EXPECT_GT(out.size(), 5000U);
  out += guard.rest();
  EXPECT_EQ(out, std::string(6000, 'x'));
}

}  // namespace
}  // namespace sekisho::chat
