#include "chat/conversation_search.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "chat/test_talk.h"

namespace sekisho::chat {
namespace {

class ConversationSearchTest : public Talk {
 protected:
  std::vector<FoundConversation> find(const gate::Actor& actor, const std::string& query) {
    const auto found = search_.find(actor, query, "", 20);
    EXPECT_TRUE(found);
    const auto permit = gate_.admit(actor, found->items.label(), gate::Destination::screen(), {"conversations", {}, Json::object()});
    return found->items.open(*permit);
  }
  std::vector<std::string> titles(const std::string& query) {
    std::vector<std::string> titles;
    for (const FoundConversation& one : find(saeki_, query)) titles.push_back(one.head.title);
    return titles;
  }
  static std::string marked(const SaidHit& hit) {
    std::string text;
    for (const Piece& piece : hit.snippet) text += piece.hit ? "【" + piece.text + "】" : piece.text;
    return text;
  }

  const std::unique_ptr<text::WordAnalyser> analyser_ = text::WordAnalyser::open().value();
  ConversationSearch search_{*database_, *analyser_, gate_};
};

using Titles = std::vector<std::string>;

TEST_F(ConversationSearchTest, TwoCharactersFindTheVariantsOfAWord) {
  say(saeki_, "期限はいつですか", "利用の7日前までに申し込みをしてください。");
  say(saeki_, "費用はいくらですか", "一日2,400円です。");
  EXPECT_EQ(titles("申込"), (Titles{"期限はいつですか"}));
  EXPECT_EQ(titles("申込み"), (Titles{"期限はいつですか"}));
  EXPECT_EQ(marked(find(saeki_, "申込").front().hits.front()), "利用の7日前までに【申し込み】をしてください。");
}

TEST_F(ConversationSearchTest, APartOfAWordAndOneKanjiAreFound) {
  say(saeki_, "住民税の減免", "申請書を出します。");
  EXPECT_EQ(titles("税の"), (Titles{"住民税の減免"}));
  EXPECT_EQ(titles("税"), (Titles{"住民税の減免"}));
  EXPECT_EQ(titles("民税"), (Titles{"住民税の減免"}));
  EXPECT_TRUE(titles("県税").empty());
}

TEST_F(ConversationSearchTest, WidthKanaAndOldFormsAreOne) {
  say(saeki_, "Ｅｘｃｅｌのﾏｸﾛを直す", "國の様式に合わせます。");
  EXPECT_EQ(titles("excel").size(), 1U);
  EXPECT_EQ(titles("マクロ").size(), 1U);
  EXPECT_EQ(titles("国").size(), 1U);
  EXPECT_EQ(marked(find(saeki_, "マクロ").front().hits.front()), "Ｅｘｃｅｌの【ﾏｸﾛ】を直す");
}

TEST_F(ConversationSearchTest, AllWordsMustBeThere) {
  say(saeki_, "一時預かりの利用料", "2,400円です。");
  say(saeki_, "会議室の利用料", "無料です。");
  EXPECT_EQ(titles("利用料").size(), 2U);
  EXPECT_EQ(titles("利用料　一時預かり"), (Titles{"一時預かりの利用料"}));
  EXPECT_EQ(titles("利用料 無料"), (Titles{"会議室の利用料"}));
  EXPECT_TRUE(titles("利用料 駐車場").empty());
}

TEST_F(ConversationSearchTest, HiraganaIsFoundThoughItHasNoBigrams) {
  say(saeki_, "あいさつを考える", "みなさま、こんにちは。");
  EXPECT_EQ(titles("こんにちは").size(), 1U);
  EXPECT_EQ(titles("いさつ").size(), 1U);
  EXPECT_TRUE(titles("さようなら").empty());
  EXPECT_TRUE(titles("　 ").empty());
}

TEST_F(ConversationSearchTest, FindsOnesOwnAloneAndNothingThatWasDeleted) {
  const auto own = say(saeki_, "道路占用の書類", "答え");
  say(kudo_, "道路占用の期間", "答え");
  EXPECT_EQ(titles("道路"), (Titles{"道路占用の書類"}));
  ASSERT_TRUE(list_.change(saeki_, own.conversation, {.archived = true}));
  EXPECT_EQ(titles("道路").size(), 1U);
  ASSERT_TRUE(list_.remove(saeki_, own.conversation));
  EXPECT_TRUE(titles("道路").empty());
  ASSERT_TRUE(list_.restore(saeki_, own.conversation));
  EXPECT_EQ(titles("道路").size(), 1U);
  ASSERT_TRUE(list_.purge(saeki_, own.conversation));
  EXPECT_EQ(count("said"), 0);
  ASSERT_TRUE(search_.sweep());
  EXPECT_EQ(count("said_terms"), 0);
  EXPECT_EQ(count("said_gone"), 0);
}

TEST_F(ConversationSearchTest, ANewTitleAndALongerAnswerAreFoundAndTheOldTitleNoMore) {
  auto turn = say(saeki_, "質問", "始め");
  EXPECT_TRUE(titles("議会").empty());
  ASSERT_TRUE(list_.change(saeki_, turn.conversation, {.title = "議会の答弁"}));
  turn.answer = "始めと、終わりの予算";
  ASSERT_TRUE(conversations_.save_turn(turn));
  EXPECT_EQ(titles("議会"), (Titles{"議会の答弁"}));
  EXPECT_EQ(titles("予算"), (Titles{"議会の答弁"}));
  ASSERT_TRUE(list_.change(saeki_, turn.conversation, {.title = "別の題名"}));
  EXPECT_TRUE(titles("議会").empty());
}

TEST_F(ConversationSearchTest, AConversationAboveTheClearanceIsNotFound) {
  say(saeki_, "児童相談の記録", "答え", {}, gate::Label(gate::Level{2}));
  EXPECT_EQ(find(saeki_, "児童相談").size(), 1U);
  gate::Actor lowered = saeki_;
  lowered.clearance = gate::Level{1};
  EXPECT_TRUE(find(lowered, "児童相談").empty());
}

TEST_F(ConversationSearchTest, PagesGiveEachConversationOnce) {
  for (int i = 0; i < 12; ++i) say(saeki_, "予算の質問" + std::to_string(i), "予算の答え");
  std::vector<std::string> all;
  std::string after;
  do {
    const auto found = search_.find(saeki_, "予算", after, 5);
    ASSERT_TRUE(found);
    EXPECT_LE(found->ids.size(), 5U);
    for (const ConversationId& id : found->ids) all.push_back(id.text());
    after = found->next;
  } while (!after.empty());
  EXPECT_EQ(all.size(), 12U);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 12U);
}

TEST_F(ConversationSearchTest, TheSnippetOfALongAnswerStandsAroundTheHit) {
  std::string answer;
  for (int i = 0; i < 50; ++i) answer += "前の文。";
  say(saeki_, "質問", answer + "ここに還付がある。" + answer);
  const std::string text = marked(find(saeki_, "還付").front().hits.front());
  EXPECT_NE(text.find("ここに【還付】がある。"), std::string::npos);
  EXPECT_TRUE(text.starts_with("…"));
  EXPECT_TRUE(text.ends_with("…"));
}

}  // namespace
}  // namespace sekisho::chat
