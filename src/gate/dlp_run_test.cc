#include "gate/dlp_run.h"

#include <gtest/gtest.h>

#include "gate/dlp_labels.h"
#include "gate/dlp_words.h"

namespace sekisho::gate::dlp {
namespace {

std::vector<std::string> digits_in(std::u32string_view text) {
  std::vector<std::string> all;
  for (const Run& run : runs_of(text)) {
    for (const Piece& piece : run) all.push_back(piece.digits.empty() ? piece.letters : piece.digits);
    all.emplace_back("/");
  }
  return all;
}
Grouping grouping(std::u32string_view text) {
  const std::vector<Run> runs = runs_of(text);
  EXPECT_EQ(runs.size(), 1U);
  return grouping_of(runs[0], 0, runs[0].size() - 1);
}
using Pieces = std::vector<std::string>;

TEST(DlpRun, CutsDigitsAtMarksAndRunsAtWords) {
  EXPECT_EQ(digits_in(U"12-34 人 56"), (Pieces{"12", "34", "/", "56", "/"}));
  EXPECT_EQ(digits_in(U"一二<td>3</td>"), (Pieces{"12", "3", "/"}));
  EXPECT_EQ(digits_in(U"ab12cd"), (Pieces{"ab", "12", "cd", "/"}));
  EXPECT_EQ(digits_in(U"9832o567"), (Pieces{"98320567", "/"}));
  EXPECT_EQ(digits_in(U"9|o|l|3"), (Pieces{"9", "0", "1", "3", "/"}));
  EXPECT_EQ(digits_in(U"abc"), Pieces{});
  EXPECT_EQ(digits_in(U"12" + std::u32string(70, U' ') + U"34"), (Pieces{"12", "/", "34", "/"}));
  EXPECT_EQ(digits_in(U"百二十万三千四百五十六"), (Pieces{"1203456", "/"}));
  EXPECT_EQ(digits_in(U"二百三十"), Pieces{}) << "too short for a number written out";
  EXPECT_EQ(digits_in(U"12億3456万7890"), (Pieces{"1234567890", "/"}));
  EXPECT_EQ(digits_in(U"so 12"), (Pieces{"so", "12", "/"})) << "a word is no misread number";
  EXPECT_EQ(digits_in(U"12 so34"), (Pieces{"12", "5034", "/"}));
  EXPECT_EQ(digits_in(U"<" + std::u32string(30, U'x') + U">1"), (Pieces{std::string(30, 'x'), "1", "/"})) << "too long for a tag";
}

TEST(DlpRun, TellsHowANumberIsGrouped) {
  EXPECT_EQ(grouping(U"983205673214"), Grouping::kOne);
  EXPECT_EQ(grouping(U"9832-0567-3214"), Grouping::kEven);
  EXPECT_EQ(grouping(U"9832 0567\u30003214"), Grouping::kEven) << "blanks of two kinds are blanks";
  EXPECT_EQ(grouping(U"9832-0567−3214"), Grouping::kEven) << "and dashes of two kinds dashes";
  EXPECT_EQ(grouping(U"9\n8\n3"), Grouping::kEven);
  EXPECT_EQ(grouping(U"9832-0567-\n3214"), Grouping::kEven) << "a mark outweighs the line end beside it";
  EXPECT_EQ(grouping(U"98320\n5673214"), Grouping::kWrapped);
  EXPECT_EQ(grouping(U"9832-05\n67-3214"), Grouping::kWrapped);
  EXPECT_EQ(grouping(U"9832-0567 3214"), Grouping::kUneven);
  EXPECT_EQ(grouping(U"98-3205-673214"), Grouping::kUneven);
}

TEST(DlpLabels, BelongToTheNumberBesideThem) {
  EXPECT_EQ(label_before(U"個人番号:")->kind, PersonalKind::kMyNumber);
  EXPECT_EQ(label_before(U"電話番号、個人番号は")->kind, PersonalKind::kMyNumber) << "the nearest";
  EXPECT_EQ(label_before(U"個人番号(12桁)は")->kind, PersonalKind::kMyNumber);
  EXPECT_EQ(label_before(U"注文番号")->kind, std::nullopt);
  EXPECT_FALSE(label_before(U"個人番号は1234567890で、"));
  EXPECT_FALSE(label_before(U"個人番号とは何か。番号は"));
  EXPECT_FALSE(label_before(U"個人番号" + std::u32string(29, U'の')));
  EXPECT_TRUE(label_before(U"個人番号" + std::u32string(28, U'の')));
  EXPECT_FALSE(label_before(U"hotel")) << "a word that ends like tel";
  EXPECT_EQ(label_before(U"tel")->kind, PersonalKind::kPhone);
  EXPECT_FALSE(label_before(U"普通交付税は"));
  EXPECT_EQ(label_before(U"普通:")->kind, PersonalKind::kAccount);
  EXPECT_EQ(label_before(U"の問い合わせ番号")->kind, std::nullopt);
  EXPECT_EQ(label_after(U"(個人番号)")->kind, PersonalKind::kMyNumber);
  EXPECT_EQ(label_after(U"が私のマイナンバーです")->kind, PersonalKind::kMyNumber);
  EXPECT_FALSE(label_after(U"、個人番号983205673214"));
  EXPECT_FALSE(label_after(U"。(個人番号)"));
  EXPECT_FALSE(label_after(U"注(個人番号)"));
  EXPECT_FALSE(label_after(U"の個人番号と"));
  EXPECT_FALSE(label_after(U""));
}

TEST(DlpLabels, KnowAmountsAndPeople) {
  for (const char32_t* amount : {U"円", U"人", U"円の", U"kg", U"千円", U"%"}) EXPECT_TRUE(begins_with_unit(amount));
  for (const char32_t* word : {U"", U"人員", U"件名", U"本人", U"です"}) EXPECT_FALSE(begins_with_unit(word));
  EXPECT_TRUE(speaks_of_a_person(U"世帯主の"));
  EXPECT_FALSE(speaks_of_a_person(U"道路の延長"));
}

using Places = std::vector<std::pair<std::size_t, std::size_t>>;
Places places(const std::vector<FoundWords>& found) {
  Places all;
  for (const FoundWords& one : found) all.emplace_back(one.begin, one.end);
  return all;
}

TEST(DlpWords, FindAddressesWithAHouseNumber) {
  EXPECT_EQ(places(find_addresses(U"関所市本町1-2-3です")), (Places{{0, 10}}));
  EXPECT_EQ(places(find_addresses(U"関所市本町 1-2")), (Places{{0, 9}}));
  EXPECT_EQ(places(find_addresses(U"住所:関所市本町三丁目")), (Places{{3, 11}}));
  EXPECT_EQ(places(find_addresses(U"ひたちなか市1-2")), Places{}) << "hiragana is known after a prefecture only";
  EXPECT_EQ(places(find_addresses(U"茨城県ひたちなか市東石川2丁目10番1号")), (Places{{0, 20}}));
  EXPECT_EQ(places(find_addresses(U"関所市本町12番地の3")), (Places{{0, 11}}));
  EXPECT_EQ(places(find_addresses(U"関所市の人口は1-2")), Places{});
  EXPECT_EQ(places(find_addresses(U"関所市本町5")), Places{});
  EXPECT_EQ(places(find_addresses(U"1-2-3")), Places{});
  for (const char32_t* town : {U"中央区霞が関", U"中央区桜ケ丘", U"中央区桜ヶ丘", U"中央区関の町", U"中央区アリーナ", U"中央区 本町"}) {
    EXPECT_EQ(find_addresses(std::u32string(town) + U"1-2").size(), 1U);
  }
  EXPECT_EQ(places(find_addresses(U"本町は1-2")), Places{});
  EXPECT_EQ(places(find_addresses(U"議案1-2")), Places{});
}

TEST(DlpWords, FindMailAddresses) {
  EXPECT_EQ(places(find_mails(U"送信先taro.1@example.co.jp.")), (Places{{3, 23}}));
  EXPECT_EQ(places(find_mails(U"taro @ example.jp")), (Places{{0, 17}}));
  EXPECT_EQ(places(find_mails(U"@example.jp")), Places{});
  EXPECT_EQ(places(find_mails(U"taro@example")), Places{});
  EXPECT_EQ(places(find_mails(U"taro@.jp")), Places{});
  EXPECT_EQ(places(find_mails(U"taro@a.b")), Places{});
  EXPECT_EQ(places(find_mails(U"t@e.jp u@e.jp")), (Places{{0, 6}, {7, 13}}));
  EXPECT_EQ(places(find_mails(U"taro @ e.jp-")), (Places{{0, 11}}));
}

TEST(DlpWords, FindDatesOfBirth) {
  EXPECT_EQ(places(find_births(U"生年月日: 昭和60年4月1日")), (Places{{6, 15}}));
  EXPECT_EQ(places(find_births(U"昭和60年4月1日(生まれ)")), (Places{{0, 9}}));
  EXPECT_EQ(places(find_births(U"昭和60年4月1日 生")), (Places{{0, 9}}));
  EXPECT_EQ(places(find_births(U"昭和60年4月1日生産")), Places{});
  EXPECT_EQ(places(find_births(U"4月1日生まれ")), Places{}) << "without a year";
  EXPECT_EQ(places(find_births(U"生年月日は省く。昭和60年4月1日")), Places{});
  EXPECT_EQ(places(find_births(U"birth 1985/04/01")), (Places{{6, 16}}));
  EXPECT_EQ(places(find_births(U"昭和60年4月1日")), Places{});
}

}  // namespace
}  // namespace sekisho::gate::dlp
