#include "text/words.h"

#include <thread>

#include <gtest/gtest.h>

#include "text/normalize.h"

namespace sekisho::text {
namespace {

const WordAnalyser& analyser() {
  static const auto kAnalyser = WordAnalyser::open();
  EXPECT_TRUE(kAnalyser) << kAnalyser.error().detail;
  return **kAnalyser;
}

std::vector<std::string> content(std::string_view text) {
  std::vector<std::string> bases;
  for (const Word& word : analyser().analyse(fold(text))) {
    if (word.content) bases.push_back(word.base);
  }
  return bases;
}

using Words = std::vector<std::string>;

TEST(Words, AreContentWordsInBaseForm) {
  EXPECT_EQ(content("申請書を窓口に提出しました。"), (Words{"申請", "書", "窓口", "提出", "する"}));
  EXPECT_EQ(content("美しかった"), (Words{"美しい"}));
}

TEST(Words, JoinRunsOfDigitsAndReadKanjiNumerals) {
  EXPECT_EQ(content("2024年"), (Words{"2024", "年"}));
  EXPECT_EQ(content("第二百三十四条"), content("第２３４条"));
  EXPECT_EQ(content("1,234円と3.14"), (Words{"1234", "円", "3.14"}));
  EXPECT_EQ(content("1、2、3"), (Words{"1", "2", "3"}));
}

TEST(Words, JoinHalvesOfOfficialWords) {
  EXPECT_EQ(content("申込みを"), (Words{"申込み"}));
  EXPECT_EQ(content("障がい"), (Words{"障がい"}));
}

TEST(Words, KnowNamesOfPeopleAndPlaces) {
  const auto words = analyser().analyse(fold("東京の山田太郎"));
  ASSERT_EQ(words.size(), 4U);
  EXPECT_EQ(words[0].naming, Naming::kPlace);
  EXPECT_EQ(words[1].naming, Naming::kNothing);
  EXPECT_EQ(words[2].naming, Naming::kFamily);
  EXPECT_EQ(words[3].naming, Naming::kGiven);
}

TEST(Words, KeepTheirPlaceInTheText) {
  const std::string text = fold("東京都の条例、\n附則 第3条。");
  std::size_t last = 0;
  for (const Word& word : analyser().analyse(text)) {
    EXPECT_LE(last, word.begin);
    EXPECT_LT(word.begin, word.end);
    last = word.end;
  }
  const auto words = analyser().analyse(text);
  EXPECT_EQ(text.substr(words[0].begin, words[0].end - words[0].begin), "東京");
}

TEST(Words, EndWhereTheTextEndsThoughBlanksAndMoreWordsFollow) {
  // MeCab wrote beyond its memory here; the sanitizers and valgrind see it, and words beyond the end would show it.
  const std::string whole = std::string(8000, 'a') + "\n東京都議会議員選挙管理委員会";
  const std::string_view part = std::string_view(whole).substr(0, 8001);
  for (const Word& word : analyser().analyse(part)) EXPECT_LE(word.end, part.size());
}

TEST(Words, AreTheSameInALongTextAsInAShortOne) {
  const std::string sentence = "この条例は、公布の日から施行する。";
  std::string text;
  for (int i = 0; i < 2000; ++i) text += sentence;
  const auto once = analyser().analyse(sentence);
  const auto many = analyser().analyse(text);
  ASSERT_EQ(many.size(), once.size() * 2000);
  EXPECT_EQ(many.back().end, text.size());
  EXPECT_EQ(many[many.size() - 2].base, once[once.size() - 2].base);
}

TEST(Words, OfNothingAreNone) {
  EXPECT_TRUE(analyser().analyse("").empty());
  EXPECT_TRUE(content("〜〜、。…!?").empty());
}

TEST(Words, CanBeCutInSeveralThreadsAtOnce) {
  const std::string text = fold("個人情報の保護に関する法律の施行に伴う関係条例の整備");
  const auto expected = content(text);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) wrong[t] += content(text) == expected ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(WordAnalyser, SaysWhichDictionaryItReads) {
  EXPECT_TRUE(analyser().version().starts_with("ipadic-"));
  const auto again = WordAnalyser::open();
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->version(), analyser().version());
}

TEST(WordAnalyser, IsUnavailableWithoutADictionary) {
  const auto none = WordAnalyser::open("/nonexistent/dictionary");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace sekisho::text
