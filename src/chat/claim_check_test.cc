#include "chat/claim_check.h"

#include <gtest/gtest.h>

namespace sekisho::chat {
namespace {

constexpr std::string_view kFees =
    "一時預かり事業実施要綱　第7条（利用料）\n利用料は、次のとおりとする。\n(1) 3歳未満の児童　1日につき2,400円、4時間以内のときは1,200円\n"
    "(2) 3歳以上の児童　1日につき1,800円、4時間以内のときは900円";
constexpr std::string_view kWaiver =
    "一時預かり事業実施要綱　第8条（利用料の免除）\n町長は、被保護世帯又は町民税非課税世帯に属する児童の保護者から申請があったときは、"
    "利用料の全部又は一部を免除することができる。";
constexpr std::string_view kDate = "定例会議事録　第5回は、令和7年9月18日（木）午後1時30分から開催する。";

class ClaimCheck : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = text::WordAnalyser::open();
    ASSERT_TRUE(opened) << opened.error().detail;
    analyser_ = std::move(*opened);
  }
  Claim check(std::string_view sentence) const {
    return ClaimChecker(*analyser_).check(sentence, {{1, kFees}, {2, kWaiver}, {3, kDate}});
  }
  std::unique_ptr<text::WordAnalyser> analyser_;
};

TEST_F(ClaimCheck, SupportsASentenceWhoseFiguresStandInThePassage) {
  const Claim claim = check("3歳未満の児童の利用料は、1日につき2,400円です。");
  EXPECT_EQ(claim.verdict, ClaimVerdict::kSupported);
  EXPECT_EQ(claim.sources, std::vector<int>{1});
}

TEST_F(ClaimCheck, AcceptsAFigureWhicheverWayItIsWritten) {
  EXPECT_EQ(check("３歳未満の児童の利用料は、１日につき二千四百円です。").verdict, ClaimVerdict::kSupported);
  EXPECT_EQ(check("第5回は、2025年9月18日の午後1時30分から開催する。").verdict, ClaimVerdict::kSupported);
}

TEST_F(ClaimCheck, WantsReviewOfAWrongFigureAndNamesIt) {
  const Claim claim = check("3歳未満の児童の利用料は、1日につき2,500円です。");
  EXPECT_EQ(claim.verdict, ClaimVerdict::kNeedsReview);
  ASSERT_FALSE(claim.missing.empty());
  EXPECT_NE(claim.missing.front().find("500"), std::string::npos);
}

TEST_F(ClaimCheck, WantsReviewOfAWrongDate) {
  EXPECT_EQ(check("第5回は、令和7年9月19日の午後1時30分から開催する。").verdict, ClaimVerdict::kNeedsReview);
}

TEST_F(ClaimCheck, WantsReviewWhereTheSentenceSaysMoreThanItsSource) {
  const Claim claim = check("町民税非課税世帯は、申請により利用料の全額が免除されます。");
  EXPECT_EQ(claim.verdict, ClaimVerdict::kNeedsReview);
  EXPECT_EQ(claim.sources, std::vector<int>{2});
}

TEST_F(ClaimCheck, WantsReviewOfWhatNoPassageSays) {
  EXPECT_EQ(check("町長は山田太郎で、任期は4年です。").verdict, ClaimVerdict::kNeedsReview);
}

TEST_F(ClaimCheck, SaysThatThereIsNoSourceWhereNothingWasRead) {
  EXPECT_EQ(ClaimChecker(*analyser_).check("利用料は2,400円です。", {}).verdict, ClaimVerdict::kNoSource);
}

TEST_F(ClaimCheck, MeasuresCoverage) {
  EXPECT_GT(ClaimChecker(*analyser_).word_coverage("利用料の免除の申請", kWaiver), 0.9);
  EXPECT_LT(ClaimChecker(*analyser_).word_coverage("図書館の開館時間", kWaiver), 0.5);
  EXPECT_LT(ClaimChecker(*analyser_).word_coverage("利用料の免除はいくらですか", kWaiver), 1.0);
  EXPECT_DOUBLE_EQ(ClaimChecker(*analyser_).question_coverage("利用料の免除はいくらですか", kWaiver), 1.0);
  EXPECT_LT(ClaimChecker(*analyser_).question_coverage("図書館の開館時間はいつですか", kWaiver), 0.5);
  EXPECT_DOUBLE_EQ(bigram_coverage("利用料", "利用料の免除"), 1.0);
  EXPECT_DOUBLE_EQ(bigram_coverage("図書館", "利用料の免除"), 0.0);
}

}  // namespace
}  // namespace sekisho::chat
