#include "gate/policy_case.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "audit/chain.h"
#include "store/test_folder.h"

namespace sekisho::gate {
namespace {

const std::filesystem::path kSource = SEKISHO_SOURCE_DIR;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Each example of tests/cases/policy, decided by the shipped policy of the same name, through the whole gate.
class PolicyCases : public testing::TestWithParam<const char*> {};

TEST_P(PolicyCases, AreDecidedAsTheyAreWritten) {
  const Policy policy = Policy::load(kSource / "policies" / (std::string(GetParam()) + ".toml")).value();
  const auto cases = parse_cases(policy, read_file(kSource / "tests/cases/policy" / (std::string(GetParam()) + ".case")));
  ASSERT_TRUE(cases) << cases.error().detail;
  ASSERT_GE(cases->size(), 5U);
  const store::TestFolder folder;
  const FakeClock clock;
  const auto chain = audit::Chain::open(folder.path(), clock).value();
  Gate gate(policy, *chain);
  for (const PolicyCase& example : *cases) {
    const CaseVerdict verdict = try_case(policy, example);
    EXPECT_TRUE(verdict.as_expected) << example.line << "行目: " << example.name << ": " << verdict_in_words(verdict.decided);
    const Result<Permit> permit = gate.admit(example.actor, example.label, example.destinations, {.what = "answer"});
    EXPECT_EQ(permit.has_value(), example.expected == Refusal::kNone) << example.line << "行目: " << example.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, PolicyCases, testing::Values("ministry", "municipality"));

TEST(PolicyCase, SaysWhichLineIsWrong) {
  const Policy policy = Policy::load(kSource / "policies/ministry.toml").value();
  const auto detail = [&](const char* text) { return parse_cases(policy, text).error().detail; };
  EXPECT_NE(detail("文書: 機密性1\n").find("1行目"), std::string::npos);
  EXPECT_NE(detail("例: x\n文書: 機密性9\n").find("2行目"), std::string::npos);
  EXPECT_NE(detail("例: x\n\n閲覧者: 総務課\n").find("3行目"), std::string::npos);
  EXPECT_NE(detail("例: x\n行き先: 月\n").find("月"), std::string::npos);
  EXPECT_NE(detail("例: x\n資格: 顔\n").find("資格"), std::string::npos);
  EXPECT_NE(detail("例: x\n結果: たぶん\n").find("たぶん"), std::string::npos);
  EXPECT_NE(detail("例: x\n天気: 晴れ\n").find("天気"), std::string::npos);
  EXPECT_NE(detail("例: x\n取扱制限: 複製禁止\n").find("2行目"), std::string::npos);
  EXPECT_NE(detail("例: x\n文書: 機密性1\n取扱制限: 極秘\n").find("極秘"), std::string::npos);
  EXPECT_NE(detail("例: x\nただの文\n").find("2行目"), std::string::npos);
  EXPECT_NE(detail("例: x\n文書: 機密性1\n行き先: 画面\n").find("結果"), std::string::npos);
}

}  // namespace
}  // namespace sekisho::gate
