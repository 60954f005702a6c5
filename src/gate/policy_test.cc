#include "gate/policy.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "store/test_folder.h"

namespace sekisho::gate {
namespace {

const std::filesystem::path kPolicies = std::filesystem::path(SEKISHO_SOURCE_DIR) / "policies";

std::string ministry_text() {
  std::ifstream in(kPolicies / "ministry.toml", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The shipped policy with one piece of its text replaced.
Result<Policy> with(const std::string& old, const std::string& replacement) {
  std::string text = ministry_text();
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return Policy::parse(text.replace(at, old.size(), replacement));
}

TEST(Policy, ReadsTheShippedOnes) {
  const Policy ministry = Policy::load(kPolicies / "ministry.toml").value();
  EXPECT_EQ(ministry.name(), "府省庁");
  ASSERT_EQ(ministry.levels().size(), 3U);
  EXPECT_EQ(ministry.level_named("機密性3").value(), ministry.highest());
  EXPECT_EQ(ministry.level_named("2").value(), Level{1});
  EXPECT_FALSE(ministry.rule(Level{2}).batch_across_subjects);
  EXPECT_EQ(ministry.session().idle_ms, 1'800'000);
  EXPECT_EQ(ministry.rates().sign_in_per_account_and_address.count, 10);
  const Policy municipality = Policy::load(kPolicies / "municipality.toml").value();
  EXPECT_LT(municipality.level_named("自治体機密性3C").value(), municipality.level_named("自治体機密性3B").value());
  EXPECT_LT(municipality.level_named("自治体機密性3B").value(), municipality.level_named("自治体機密性3A").value());
}

TEST(Policy, ApprovesOnlyDestinationsThatItNames) {
  const Policy policy = Policy::parse(ministry_text()).value();
  EXPECT_EQ(policy.approved_up_to(Destination::api_key()), Level{1});
  EXPECT_EQ(policy.approved_up_to(Destination::local_engine()), Level{2});
  EXPECT_EQ(policy.approved_up_to(Destination::engine("外部業者")), std::nullopt);
  EXPECT_EQ(with("\"engine.local\" =", "\"engine.本庁\" =").value().approved_up_to(Destination::engine("本庁")), Level{2});
}

TEST(Policy, RefusesWhatItDoesNotKnowWithLineAndReason) {
  struct Mistake {
    const char* old;
    const char* replacement;
    const char* reason;
  };
  const Mistake mistakes[] = {
      {"name = \"府省庁\"", "", "name: missing"},
      {"name = \"府省庁\"", "name = 3", "name: must be text"},
      {"name = \"機密性2\"", "name = \"機密性1\"", "two levels of one name"},
      {"weight = 2", "weight = 9", "from 1 to 3"},
      {"weight = 3", "weight = 1", "less than a lower level's"},
      {"batch_across_subjects = true", "batch_across_subjects = \"yes\"", "true or false"},
      {"\"screen\" = \"機密性3\"", "\"screen\" = \"機密性4\"", "no such level"},
      {"\"screen\" =", "\"scren\" =", "scren"},
      {"min_characters = 12", "min_characters = 4", "from 8 to 128"},
      {"idle_minutes = 30", "idle_minuts = 30", "idle_minuts: unknown"},
      {"total_hours = 12", "total_hours = 12\nextra = 1", "extra: unknown"},
      {"[rates]", "[[rates]]", "must be a table"},
      {"[[levels]]", "[levels]", "line"},
      {"{ count = 10,", "{ count = 0,", "from 1 to"},
      {"[password]", "[password", "line"},
      {"name = \"転送禁止\"", "name = \"複製禁止\"", "two of one name"},
      {"\"api_key\", \"engine.*\"]\n\n[[handling]]", "\"apikey\"]\n\n[[handling]]", "\"apikey\": screen"},
      {"forbids = [\"export\", \"share\"]", "forbids = \"export\"", "list of texts"},
  };
  for (const Mistake& mistake : mistakes) {
    const Result<Policy> policy = with(mistake.old, mistake.replacement);
    ASSERT_FALSE(policy) << mistake.replacement;
    EXPECT_EQ(policy.error().code, ErrorCode::kInvalid);
    EXPECT_NE(policy.error().detail.find(mistake.reason), std::string::npos) << policy.error().detail;
    EXPECT_NE(policy.error().detail.find("line "), std::string::npos) << policy.error().detail;
  }
}

TEST(Policy, ForbidsWhatAHandlingForbidsAndAllWhereItKnowsNoSuch) {
  const Policy policy = Policy::parse(ministry_text()).value();
  const Label label(Level{0}, {}, {"転送禁止"});
  EXPECT_TRUE(policy.forbids(label, Destination::exported()));
  EXPECT_TRUE(policy.forbids(label, Destination::engine("外部")));
  EXPECT_FALSE(policy.forbids(label, Destination::local_engine()));
  EXPECT_FALSE(policy.forbids(Label(), Destination::exported()));
  EXPECT_TRUE(policy.forbids(Label(Level{0}, {}, {"昔の制限"}), Destination::screen()));
}

TEST(Policy, NamesTheLineOfAMistake) {
  EXPECT_NE(Policy::parse("name = \"x\"\nlevels = 3\n").error().detail.find("line 2: levels"), std::string::npos);
}

TEST(Policy, NamesTheFileWhereItReadsOne) {
  const store::TestFolder folder;
  std::ofstream(folder / "policy.toml") << "name = \"x\"\nlevels = 3\n";
  EXPECT_EQ(Policy::load(folder / "policy.toml").error().detail.find("policy.toml, line 2: levels"), 0U);
}

TEST(Policy, HasNeitherGroupsNorOtherPoliciesToNameWrongly) {
  EXPECT_NE(with("name = \"府省庁\"", "name = \"府省庁\"\ngroups = [\"総務課\"]").error().detail.find("line 6: groups: unknown"), std::string::npos);
  EXPECT_NE(with("name = \"府省庁\"", "name = \"府省庁\"\nextends = \"ministry.toml\"").error().detail.find("line 6: extends: unknown"), std::string::npos);
}

TEST(Policy, IsReplacedForAllWhoHoldIt) {
  Policy policy = Policy::parse(ministry_text()).value();
  const Policy copy = policy;
  const LevelRule& before = policy.rule(Level{1});
  const Policy stricter = with("\"api_key\" = \"機密性2\"", "\"api_key\" = \"機密性1\"").value();
  EXPECT_NE(stricter.sha256(), policy.sha256());
  ASSERT_TRUE(policy.may_become(stricter));
  policy.replace(stricter);
  EXPECT_EQ(copy.approved_up_to(Destination::api_key()), Level{0});
  EXPECT_EQ(copy.sha256(), stricter.sha256());
  EXPECT_EQ(policy.versions(), 2U);
  EXPECT_EQ(before.name, "機密性2") << "who was reading goes on";
}

TEST(Policy, KeepsTheMeaningOfLabelsWhenItIsReplaced) {
  const Policy policy = Policy::parse(ministry_text()).value();
  EXPECT_TRUE(policy.may_become(policy));
  const std::string above = "[[levels]]\nname = \"機密性4\"\nshort_name = \"4\"\nweight = 3\nbatch_across_subjects = false\n\n[destinations]";
  EXPECT_TRUE(policy.may_become(with("[destinations]", above).value()));
  std::string text = ministry_text();
  for (std::size_t at = 0; (at = text.find("機密性3", at)) != std::string::npos;) text.replace(at, std::string("機密性3").size(), "極秘");
  EXPECT_NE(policy.may_become(Policy::parse(text).value()).error().detail.find("\"機密性3\" is missing or elsewhere"), std::string::npos);
  EXPECT_NE(policy.may_become(with("name = \"転送禁止\"", "name = \"転写禁止\"").value()).error().detail.find("\"転送禁止\" is missing"), std::string::npos);
  EXPECT_FALSE(Policy::parse(text).value().may_become(policy));
}

TEST(Policy, TakesTheWitnessOfTheLogAsAWholePath) {
  EXPECT_EQ(with("name = \"府省庁\"", "name = \"府省庁\"\naudit_witness = \"/mnt/控え\"").value().audit_witness(), "/mnt/控え");
  EXPECT_NE(with("name = \"府省庁\"", "name = \"府省庁\"\naudit_witness = \"控え\"").error().detail.find("line 6: audit_witness"), std::string::npos);
}

TEST(Policy, SaysThatTheFileCannotBeRead) {
  const store::TestFolder folder;
  EXPECT_EQ(Policy::load(folder / "missing.toml").error().code, ErrorCode::kUnavailable);
  std::ofstream(folder / "large.toml") << std::string(300'000, '#');
  EXPECT_EQ(Policy::load(folder / "large.toml").error().code, ErrorCode::kTooLarge);
}

TEST(Policy, ReadsBackTheLabelsThatItWrites) {
  const Policy policy = Policy::parse(ministry_text()).value();
  for (const Label& label : {Label(), Label(Level{2}, {{"総務課", "財政課"}, {"係長以上"}}), Label(Level{1}, {{}}), Label(Level{1}, {}, {"転送禁止", "複製禁止"})}) {
    EXPECT_EQ(policy.label_from_text(policy.to_text(label)).value(), label) << policy.to_text(label);
  }
  EXPECT_EQ(policy.to_text(Label(Level{1}, {{"総務課"}})), R"({"level":"機密性2","readers":[["総務課"]]})");
}

TEST(Policy, RefusesLabelsThatAreNotWhole) {
  const Policy policy = Policy::parse(ministry_text()).value();
  EXPECT_EQ(policy.label_from_text(R"({"level":"極秘","readers":[]})").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(policy.label_from_text(R"({"level":"機密性1","readers":[],"handling":["極秘"]})").error().code, ErrorCode::kUnsupported);
  for (const char* text : {"", "[]", R"({"level":"機密性1"})", R"({"level":"機密性1","readers":null})", R"({"level":"機密性1","readers":["総務課"]})",
                           R"({"level":"機密性1","readers":[[3]]})", R"({"level":"機密性1","readers":[[""]]})", R"({"readers":[]})",
                           R"({"level":"機密性1","readers":[],"handling":"複製禁止"})"}) {
    EXPECT_EQ(policy.label_from_text(text).error().code, ErrorCode::kInvalid) << text;
  }
}

}  // namespace
}  // namespace sekisho::gate
