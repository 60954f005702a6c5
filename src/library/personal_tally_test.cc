#include "library/personal_tally.h"

#include <gtest/gtest.h>

namespace sekisho::library {
namespace {

const std::string kSource = SEKISHO_SOURCE_DIR;

class PersonalTallyTest : public testing::Test {
 protected:
  gate::Dlp rules(const std::string& toml) { return gate::Dlp::parse(toml, policy_, nullptr).value(); }
  const gate::Policy policy_ = gate::Policy::load(kSource + "/policies/ministry.toml").value();
};

TEST_F(PersonalTallyTest, CountsOverAllPagesAndSaysWhere) {
  const gate::Dlp dlp = rules("[[rules]]\nplaces = [\"ファイル\"]\nkinds = [\"電話番号\"]\nat_least = 3\naction = \"知らせる\"\nraise_to = \"2\"\n");
  PersonalTally tally(dlp, policy_);
  tally.add(1, "電話03-1234-5678 個人番号983205673214");
  EXPECT_TRUE(tally.verdict().empty());
  EXPECT_TRUE(tally.to_json(tally.verdict()).is_null());
  tally.add(4, "03-1234-5679、090-1234-5678");
  EXPECT_EQ(tally.to_json(tally.verdict()).dump(),
            R"({"found":{"電話番号":3},"action":"warn","raise_to":"機密性2","pages":[[1,"電話番号",1],[4,"電話番号",2]]})");
}

TEST_F(PersonalTallyTest, StopsWhatARuleStops) {
  const gate::Dlp dlp = rules("[[rules]]\nplaces = [\"ファイル\"]\nkinds = [\"個人番号\"]\naction = \"止める\"\n");
  PersonalTally tally(dlp, policy_);
  tally.add(1, "個人番号：983205673214");
  EXPECT_EQ(tally.verdict().action, gate::DlpAction::kBlock);
}

}  // namespace
}  // namespace sekisho::library
