#include "gate/dlp_policy.h"

#include <gtest/gtest.h>

#include "gate/dlp_mask.h"

namespace sekisho::gate {
namespace {

const std::string kSource = SEKISHO_SOURCE_DIR;

const Policy& policy() {
  static const Policy kPolicy = Policy::load(kSource + "/policies/ministry.toml").value();
  return kPolicy;
}
const text::WordAnalyser& words() {
  static const auto kWords = text::WordAnalyser::open().value();
  return *kWords;
}
Dlp shipped() { return Dlp::load(kSource + "/policies/dlp_ja.toml", policy(), &words()).value(); }

TEST(DlpPolicy, ShipsWithBothPolicies) {
  EXPECT_TRUE(Dlp::load(kSource + "/policies/dlp_ja.toml", policy(), &words()));
  EXPECT_TRUE(Dlp::load(kSource + "/policies/dlp_ja.toml", Policy::load(kSource + "/policies/municipality.toml").value(), &words()));
}

TEST(DlpPolicy, DecidesByPlaceDestinationAndLevel) {
  const Dlp dlp = shipped();
  const char* text = "個人番号は983205673214、氏名：山田太郎です。";
  const DlpVerdict question = dlp.judge(DlpPlace::kQuestion, {Destination::local_engine()}, Level{0}, text);
  EXPECT_EQ(question.action, DlpAction::kWarn);
  EXPECT_EQ(question.raise_to, Level{1});
  EXPECT_EQ(question.counts().dump(), R"({"個人番号":1})");
  EXPECT_EQ(dlp.judge(DlpPlace::kQuestion, {Destination::local_engine()}, Level{2}, text).raise_to, std::nullopt);
  EXPECT_EQ(dlp.judge(DlpPlace::kQuestion, {Destination::engine("外部")}, Level{0}, text).counts().dump(), R"({"個人番号":1,"氏名":1})");
  EXPECT_EQ(dlp.judge(DlpPlace::kExport, {Destination::exported()}, Level{0}, text).action, DlpAction::kBlock);
  EXPECT_EQ(dlp.judge(DlpPlace::kAnswer, {Destination::screen(), Destination::api_key()}, Level{0}, text).action, DlpAction::kMask);
  EXPECT_EQ(dlp.judge(DlpPlace::kAnswer, {Destination::screen()}, Level{0}, text).action, DlpAction::kWarn);
  EXPECT_TRUE(dlp.judge(DlpPlace::kQuestion, {Destination::local_engine()}, Level{0}, "法人番号 7123456789012").empty());
  EXPECT_EQ(dlp.judge(DlpPlace::kQuestion, {Destination::local_engine()}, Level{0}, "電話 03-1234-5678").raise_to, std::nullopt) << "of a kind that was not found";
  EXPECT_TRUE(Dlp::none().judge(DlpPlace::kExport, {Destination::exported()}, Level{0}, text).empty());
}

TEST(DlpPolicy, CountsBeforeItCallsAFileAList) {
  std::string few, many;
  for (int i = 0; i < 25; ++i) (i < 5 ? few : many) += "担当 03-1234-56" + std::to_string(10 + i) + "\n";
  const Dlp dlp = shipped();
  EXPECT_TRUE(dlp.judge(DlpPlace::kFile, {}, Level{0}, few).empty());
  EXPECT_EQ(dlp.judge(DlpPlace::kFile, {}, Level{0}, many).raise_to, Level{1});
}

TEST(DlpPolicy, FollowsTheFirstRuleThatSpeaksOfAKind) {
  const Dlp dlp = Dlp::parse("[[rules]]\nplaces = [\"回答\"]\nlevels = [\"3\"]\nkinds = [\"個人番号\"]\naction = \"見逃す\"\n"
                             "[[rules]]\nplaces = [\"回答\"]\nkinds = [\"すべて\"]\naction = \"伏せる\"\n", policy(), &words()).value();
  EXPECT_EQ(dlp.judge(DlpPlace::kAnswer, {Destination::screen()}, Level{2}, "983205673214").action, DlpAction::kNone);
  EXPECT_EQ(dlp.judge(DlpPlace::kAnswer, {Destination::screen()}, Level{2}, "口座番号 1234567").action, DlpAction::kMask) << "the wider rule goes on with the other kinds";
  EXPECT_EQ(dlp.judge(DlpPlace::kAnswer, {Destination::screen()}, Level{1}, "983205673214").action, DlpAction::kMask);
}

TEST(DlpPolicy, RefusesMistakesWithLineAndReason) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"places = [\"質問\"]\nkinds = [\"個人番号\"]\n", "action: missing"},
      {"places = [\"しつもん\"]\nkinds = [\"個人番号\"]\naction = \"止める\"\n", "line 2: rules.places: \"しつもん\""},
      {"places = [\"質問\"]\nkinds = [\"血液型\"]\naction = \"止める\"\n", "line 3: rules.kinds"},
      {"places = [\"質問\"]\nkinds = [\"法人番号\"]\naction = \"止める\"\n", "public"},
      {"places = [\"質問\"]\nkinds = [\"個人番号\"]\naction = \"消す\"\n", "\"消す\""},
      {"places = [\"ファイル\"]\nkinds = [\"個人番号\"]\naction = \"伏せる\"\n", "cannot be masked"},
      {"places = [\"質問\"]\nkinds = [\"個人番号\"]\naction = \"止める\"\ndestinations = [\"engine.月\"]\n", "no such destination"},
      {"places = [\"質問\"]\nkinds = [\"個人番号\"]\naction = \"知らせる\"\nraise_to = \"極秘\"\n", "極秘"},
      {"places = [\"質問\"]\nkinds = [\"個人番号\"]\naction = \"見逃す\"\nraise_to = \"2\"\n", "means nothing"},
      {"places = [\"質問\"]\nkinds = [\"個人番号\"]\naction = \"知らせる\"\nraise = \"2\"\n", "raise: unknown"},
      {"places = [\"質問\"]\nkinds = [\"すべて\", \"血液型\"]\naction = \"止める\"\n", "血液型"},
      {"places = [\"質問\", \"どこか\"]\nkinds = [\"個人番号\"]\naction = \"止める\"\n", "どこか"},
      {"places = [\"質問\"]\nkinds = [\"個人番号\", 3]\naction = \"止める\"\n", "list of texts"},
      {"places = []\nkinds = [\"個人番号\"]\naction = \"知らせる\"\n", "at least one"},
      {"places = [\"質問\"]\nkinds = [\"個人番号\"]\naction = \"知らせる\"\nat_least = 0\n", "from 1 to"},
  };
  for (const auto& [rule, reason] : mistakes) {
    const auto dlp = Dlp::parse(std::string("[[rules]]\n") + rule, policy(), &words());
    ASSERT_FALSE(dlp) << rule;
    EXPECT_NE(dlp.error().detail.find(reason), std::string::npos) << dlp.error().detail;
    EXPECT_NE(dlp.error().detail.find("line "), std::string::npos) << dlp.error().detail;
  }
  EXPECT_NE(Dlp::parse("[[rules]]\nplaces = [\"質問\"]\nkinds = [\"氏名\"]\naction = \"止める\"\n", policy(), nullptr).error().detail.find("dictionary"), std::string::npos);
  for (const char* toml : {"rules = []\n", "rules = [1]\n", "rules = 1\n"}) {
    EXPECT_NE(Dlp::parse(toml, policy(), nullptr).error().detail.find("list of tables"), std::string::npos) << toml;
  }
  EXPECT_NE(Dlp::parse("rule = 1\n", policy(), nullptr).error().detail.find("unknown"), std::string::npos);
}

TEST(Masks, HideAndPutBack) {
  const Dlp dlp = shipped();
  const std::vector<Destination> outside = {Destination::engine("外部")};
  Masks masks;
  const std::string text = "山田太郎と佐藤花子が来た。山田 太郎の番号は983205673214。";
  const std::string hidden = masks.mask(text, dlp.judge(DlpPlace::kQuestion, outside, Level{0}, text));
  EXPECT_EQ(hidden, "人物Aと人物Bが来た。人物Aの番号は個人番号A。");
  EXPECT_EQ(masks.unmask("人物Bと人物Ａ、個人番号A。人物AB"), "佐藤花子と山田太郎、983205673214。人物AB");
}

TEST(Masks, GoOnBehindTheLetterZ) {
  const Dlp dlp = shipped();
  Masks masks;
  std::string text;
  for (int i = 0; i < 54; ++i) text += "a" + std::to_string(i) + "@example.jp ";
  const std::string hidden = masks.mask(text, dlp.judge(DlpPlace::kQuestion, {Destination::engine("外部")}, Level{0}, text));
  EXPECT_NE(hidden.find("メールアドレスZ "), std::string::npos);
  EXPECT_NE(hidden.find("メールアドレスZ メールアドレスAA メールアドレスAB"), std::string::npos) << hidden;
  EXPECT_NE(hidden.find("メールアドレスAZ メールアドレスBA"), std::string::npos);
  EXPECT_EQ(masks.unmask(hidden), text);
}

TEST(Masks, AreFoundThoughTheAnswerComesInPieces) {
  const Dlp dlp = shipped();
  Masks masks;
  const std::string text = "山田太郎";
  ASSERT_EQ(masks.mask(text, dlp.judge(DlpPlace::kQuestion, {Destination::engine("外部")}, Level{0}, text)), "人物A");
  const std::string answer = "人物Aさんは人物です。人物A";
  for (std::size_t size = 1; size < 8; ++size) {
    Unmasker unmasker(masks);
    std::string out;
    for (std::size_t at = 0; at < answer.size(); at += size) out += unmasker.pass(answer.substr(at, size));
    out += unmasker.rest();
    EXPECT_EQ(out, "山田太郎さんは人物です。山田太郎") << size;
  }
}

TEST(Masks, BlackenForGoodWhereNothingIsPutBack) {
  const Dlp dlp = shipped();
  const std::string text = "番号983205673214です";
  EXPECT_EQ(blackened(text, dlp.judge(DlpPlace::kAnswer, {Destination::api_key()}, Level{0}, text)), "番号〔個人番号〕です");
}

}  // namespace
}  // namespace sekisho::gate
