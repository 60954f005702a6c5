#include "gate/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/chain.h"
#include "audit/segment.h"
#include "gate/gate.h"
#include "store/test_folder.h"

namespace sekisho::gate {
namespace {

using testing::HasSubstr;
using testing::Not;

class Explain : public testing::Test {
 protected:
  /// The newest Entry in words.
  std::string last(const Policy& policy) {
    const auto segments = audit::list_segments(folder_.path()).value();
    auto lines = audit::LineReader::open(segments.back().path).value();
    std::string line;
    while (auto next = lines.next().value()) line = *next;
    const audit::ReadLine read = audit::parse_line(line).value();
    return explain(read.entry, read.sequence, policy);
  }
  static Policy shipped() { return Policy::load(std::string(SEKISHO_SOURCE_DIR) + "/policies/ministry.toml").value(); }

  Actor actor() {
    Actor actor;
    actor.name = "saeki";
    actor.clearance = Level{1};
    actor.groups = {"総務課"};
    return actor;
  }
  const store::TestFolder folder_;
  const FakeClock clock_;
  const Policy policy_ = shipped();
  const std::unique_ptr<audit::Chain> chain_ = audit::Chain::open(folder_.path(), clock_).value();
  Gate gate_{policy_, *chain_};
};

TEST_F(Explain, TellsWhatWasLetOutAndWhy) {
  ASSERT_TRUE(gate_.admit(actor(), Label(Level{1}, {{"総務課", "財政課"}}), {Destination::local_engine(), Destination::screen()}, {.what = "answer"}));
  const std::string words = last(policy_);
  EXPECT_THAT(words, HasSubstr("だれが：saeki（画面から）"));
  EXPECT_THAT(words, HasSubstr("何を：回答"));
  EXPECT_THAT(words, HasSubstr("判断：許可しました"));
  EXPECT_THAT(words, HasSubstr("行き先：手元のエンジン、画面"));
  EXPECT_THAT(words, HasSubstr("総務課又は財政課"));
  EXPECT_THAT(words, HasSubstr("画面：「機密性3」まで出せます。"));
  EXPECT_THAT(words, Not(HasSubstr("注意")));
}

TEST_F(Explain, TellsEachReasonOfARefusalAndWhatToDo) {
  EXPECT_FALSE(gate_.admit(actor(), Label(Level{2}), Destination::screen(), {.what = "answer"}));
  EXPECT_THAT(last(policy_), HasSubstr("読める上限より高い"));
  EXPECT_THAT(last(policy_), HasSubstr("職員の上限：そのとき「機密性2」"));
  EXPECT_FALSE(gate_.admit(actor(), Label(Level{1}, {{"財政課", "企画課"}}), Destination::screen(), {.what = "passages"}));
  EXPECT_THAT(last(policy_), HasSubstr("足りないもの：企画課、財政課のどれか"));
  EXPECT_THAT(last(policy_), HasSubstr("書架の担当者"));
  EXPECT_FALSE(gate_.admit(actor(), Label(Level{1}), Destination::exported(), {.what = "export"}));
  EXPECT_THAT(last(policy_), HasSubstr("書き出し：「機密性1」まで出せます。この格付は、それより高いものです。"));
  EXPECT_FALSE(gate_.admit(actor(), Label(Level{0}), Destination::engine("外部"), {.what = "answer"}));
  EXPECT_THAT(last(policy_), HasSubstr("エンジン「外部」：方針に書かれていない"));
  EXPECT_FALSE(gate_.admit(actor(), Label(Level{0}, {}, {"複製禁止"}), Destination::exported(), {.what = "export"}));
  EXPECT_THAT(last(policy_), HasSubstr("取扱制限「複製禁止」のため"));
}

TEST_F(Explain, SaysWhereTodaysPolicyWouldDecideOtherwise) {
  ASSERT_TRUE(gate_.admit(actor(), Label(Level{1}), Destination::api_key(), {.what = "answer"}));
  const Policy other = Policy::load(std::string(SEKISHO_SOURCE_DIR) + "/policies/municipality.toml").value();
  EXPECT_THAT(last(other), HasSubstr("注意：今の方針なら、判断は違います"));
}

TEST_F(Explain, TellsWhatWasFoundOfPeople) {
  const Json facts = Json::parse(R"({"action":"block","found":{"旅券番号":1},"place":"質問"})").value();
  ASSERT_TRUE(gate_.record(actor(), "personal.stopped", {}, audit::Outcome::kDenied, facts));
  EXPECT_THAT(last(policy_), HasSubstr("個人情報：質問に旅券番号1件。止めました。"));
  ASSERT_TRUE(gate_.record(Actor{}, "document.read", {"d"}, audit::Outcome::kDone));
  EXPECT_THAT(last(policy_), HasSubstr("だれが：（サーバー）"));
}

}  // namespace
}  // namespace sekisho::gate
