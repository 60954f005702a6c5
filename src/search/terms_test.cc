#include "search/terms.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "search/query.h"
#include "text/normalize.h"

namespace sekisho::search {
namespace {

const text::WordAnalyser& analyser() {
  static const auto kAnalyser = text::WordAnalyser::open();
  EXPECT_TRUE(kAnalyser);
  return **kAnalyser;
}

std::vector<std::string> names(std::string_view question, Field field) {
  std::vector<std::string> found;
  for (const NamedTerm& term : terms_of_question(analyser(), text::fold(question))) {
    if (term.field == field) found.push_back(term.name);
  }
  return found;
}
using Names = std::vector<std::string>;

TEST(Terms, AreWordsBigramsAndPairs) {
  EXPECT_EQ(names("住民税の申告", Field::kWords), (Names{"住民", "税", "申告"}));
  EXPECT_EQ(names("住民税の申告", Field::kBigrams), (Names{"住民", "民税", "税の", "の申", "申告"}));
  EXPECT_EQ(names("住民税の申告", Field::kPairs), (Names{"住民 税", "税 申告"}));
}

TEST(Terms, LeaveOutBigramsOfHiraganaAlone) { EXPECT_EQ(names("してください。", Field::kBigrams), Names{}); }

TEST(Terms, KeepASingleKanjiOnlyWhereItStandsAlone) {
  EXPECT_EQ(names("税", Field::kBigrams), Names{"税"});
  EXPECT_EQ(names("住民税", Field::kBigrams), (Names{"住民", "民税"}));
}

TEST(Terms, HaveTheSameKeysInAQuestionAsInAPassage) {
  const std::string text = "令和６年度の固定資産税は、第二百三十四条による申込みが必要です。";
  const PassageTerms passage = terms_of_passage(analyser(), "", text);
  for (const NamedTerm& term : terms_of_question(analyser(), text::fold(text))) {
    const auto& terms = passage.fields[static_cast<std::size_t>(term.field)].terms;
    EXPECT_TRUE(std::any_of(terms.begin(), terms.end(), [&](const TermCount& t) { return t.key == term.key; })) << term.name;
  }
}

TEST(Terms, OfADateAreTheSameInEitherCalendar) {
  const auto has = [](const Names& all, const char* name) { return std::find(all.begin(), all.end(), name) != all.end(); };
  for (const char* text : {"令和6年の予算", "R6.4.1の予算", "2024年の予算"}) EXPECT_TRUE(has(names(text, Field::kWords), "@2024")) << text;
}

TEST(Terms, CountTheTitleAsText) {
  EXPECT_EQ(terms_of_passage(analyser(), "住民税", "申告の手引").fields[0].terms, terms_of_passage(analyser(), "", "住民税\n申告の手引").fields[0].terms);
}

TEST(ForwardBlob, ReadsBack) {
  for (const char* text : {"", "税", "住民税の申告。住民税の申告。住民税の納付。", "𠮷野家", "ABC 123"}) {
    const PassageTerms terms = terms_of_passage(analyser(), "題名", text);
    const auto back = PassageTerms::from_blob(terms.to_blob());
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(*back, terms) << text;
  }
}

TEST(ForwardBlob, NoticesEveryDamagedByteAndEveryCut) {
  const std::string blob = terms_of_passage(analyser(), "", "住民税の申告は三月十五日まで。").to_blob();
  for (std::size_t i = 0; i < blob.size(); ++i) {
    std::string damaged = blob;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    EXPECT_FALSE(PassageTerms::from_blob(damaged)) << i;
    EXPECT_FALSE(PassageTerms::from_blob(std::string_view(blob).substr(0, i))) << i;
  }
}

TEST(Query, CountsRepeatedWords) {
  const Query query = parse_query(analyser(), "税と税");
  const auto tax = std::find_if(query.terms.begin(), query.terms.end(), [](const QueryTerm& t) { return t.field == Field::kWords && t.name == "税"; });
  ASSERT_NE(tax, query.terms.end());
  EXPECT_EQ(tax->count, 2U);
}

TEST(Query, WeighsQuotedPhrasesMore) {
  for (const char* question : {"「固定資産税」の納期", "\"固定資産税\" の納期", "“固定資産税”の納期"}) {
    for (const QueryTerm& term : parse_query(analyser(), question).terms) {
      if (term.field != Field::kWords) continue;
      EXPECT_EQ(term.boost > 1, term.name == "固定" || term.name == "資産" || term.name == "税") << question << " " << term.name;
    }
  }
}

TEST(Query, OfNothingIsEmpty) {
  for (const char* question : {"", "　", "。、！", "\xFF\xFE"}) EXPECT_TRUE(parse_query(analyser(), question).empty()) << question;
}

TEST(Query, StaysWithinItsLimit) {
  std::string question;
  for (int i = 0; i < 3000; ++i) question += std::to_string(i) + "号と";
  EXPECT_LE(parse_query(analyser(), question).terms.size(), limits::kQueryTerms);
}

}  // namespace
}  // namespace sekisho::search
