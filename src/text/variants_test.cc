#include "text/variants.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "text/normalize.h"
#include "text/words.h"

namespace sekisho::text {
namespace {

/// The keys of all content words of `text`, one after another.
std::string keys(const WordAnalyser& analyser, std::string_view text) {
  std::string all;
  for (const Word& word : analyser.analyse(fold(text))) {
    if (word.content) all += variant_key(word.base) + " ";
  }
  return all;
}

// Both spellings stand in official documents.
const std::vector<std::pair<const char*, const char*>> kPairs = {
    {"申込", "申し込み"},     {"申込み", "申し込み"},   {"手続", "手続き"},       {"取扱い", "取り扱い"},   {"取扱", "取り扱い"},     {"引渡し", "引き渡し"},
    {"受付", "受け付け"},     {"届出", "届け出"},       {"見積", "見積もり"},     {"見積り", "見積もり"},   {"引換え", "引き換え"},   {"立入り", "立ち入り"},
    {"打合せ", "打ち合わせ"}, {"問合せ", "問い合わせ"}, {"申合せ", "申し合わせ"}, {"組合せ", "組み合わせ"}, {"払込み", "払い込み"},   {"支払", "支払い"},
    {"払戻し", "払い戻し"},   {"貸付け", "貸し付け"},   {"差押え", "差し押さえ"}, {"買受け", "買い受け"},   {"売渡し", "売り渡し"},   {"繰越し", "繰り越し"},
    {"繰入れ", "繰り入れ"},   {"積立て", "積み立て"},   {"割当て", "割り当て"},   {"取消し", "取り消し"},   {"取下げ", "取り下げ"},   {"取決め", "取り決め"},
    {"取組", "取り組み"},     {"取組み", "取り組み"},   {"読替え", "読み替え"},   {"書換え", "書き換え"},   {"入替え", "入れ替え"},   {"建替え", "建て替え"},
    {"切替え", "切り替え"},   {"振替", "振り替え"},     {"乗換え", "乗り換え"},   {"締切", "締め切り"},     {"締付け", "締め付け"},   {"明渡し", "明け渡し"},
    {"呼出し", "呼び出し"},   {"聞取り", "聞き取り"},   {"受取", "受け取り"},     {"行う", "行なう"},       {"表す", "表わす"},       {"現れる", "現われる"},
    {"子供", "子ども"},       {"障害", "障がい"},       {"サーバ", "サーバー"},   {"コンピュータ", "コンピューター"}, {"ユーザ", "ユーザー"}, {"プリンタ", "プリンター"},
    {"センタ", "センター"},   {"デジタル", "ディジタル"}, {"インターフェイス", "インターフェース"}, {"ヴァイオリン", "バイオリン"}};

TEST(Variants, UniteTheSpellingsOfOfficialWriting) {
  const auto analyser = WordAnalyser::open();
  ASSERT_TRUE(analyser);
  std::size_t united = 0;
  std::string missed;
  for (const auto& [one, other] : kPairs) {
    const bool same = keys(**analyser, std::string(one) + "をする") == keys(**analyser, std::string(other) + "をする");
    united += same ? 1 : 0;
    if (!same) missed += std::string(one) + "/" + other + " ";
  }
  EXPECT_GE(united, 57U) << "of " << kPairs.size() << ", missed: " << missed;
}

TEST(Variants, KeepDifferentWordsApart) {
  for (const auto& [one, other] : std::vector<std::pair<const char*, const char*>>{
           {"女の子", "女子"}, {"申込", "申立"}, {"貸付", "貸出"}, {"キー", "キ"}, {"ビル", "ビール"}, {"上る", "下る"}, {"行う", "行く"}, {"市", "市民"}}) {
    EXPECT_NE(variant_key(one), variant_key(other)) << one << " " << other;
  }
}

TEST(Variants, LeaveOtherWordsAsTheyAre) {
  for (const char* word : {"", "条例", "abc", "2024", "する", "ー", "キー", "大きい"}) EXPECT_EQ(variant_key(word), word);
}

TEST(Variants, JoinOnlyWhatIsOneWord) {
  EXPECT_TRUE(joins_as_one_word("申", "込み"));
  EXPECT_TRUE(joins_as_one_word("障", "がい"));
  EXPECT_FALSE(joins_as_one_word("市", "の"));
  EXPECT_FALSE(joins_as_one_word("申", "書"));
  EXPECT_FALSE(joins_as_one_word("申込", "み"));
}

TEST(Variants, DoNotJoinAParticleToTheWordAfterIt) {
  EXPECT_FALSE(joins_as_one_word("に", "申し込め"));
  EXPECT_FALSE(joins_as_one_word("を", "取り扱い"));
  EXPECT_TRUE(joins_as_one_word("申", "込み"));
}

}  // namespace
}  // namespace sekisho::text
