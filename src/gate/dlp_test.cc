#include "gate/dlp.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "gate/dlp_case.h"
#include "gate/dlp_checks.h"
#include "gate/dlp_scan.h"

namespace sekisho::gate {
namespace {

using Found = std::vector<std::pair<std::string, std::string>>;

const text::WordAnalyser& words() {
  static const auto kWords = text::WordAnalyser::open();
  EXPECT_TRUE(kWords) << kWords.error().detail;
  return **kWords;
}

Found found(std::string_view text) {
  Found all;
  for (const Finding& f : find_personal(text, &words())) all.emplace_back(name_of(f.kind), text.substr(f.begin, f.end - f.begin));
  return all;
}

TEST(DlpChecks, FollowTheRulesOfTheMinistries) {
  EXPECT_TRUE(dlp::is_my_number("983205673214"));
  EXPECT_FALSE(dlp::is_my_number("983205673215"));
  EXPECT_FALSE(dlp::is_my_number("98320567321"));
  EXPECT_FALSE(dlp::is_my_number("98320567321x"));
  EXPECT_TRUE(dlp::is_corporate_number("7123456789012"));
  EXPECT_TRUE(dlp::is_corporate_number("4011001098993"));
  EXPECT_FALSE(dlp::is_corporate_number("4011001098994"));
  EXPECT_TRUE(dlp::is_phone_number("0312345678"));
  EXPECT_TRUE(dlp::is_phone_number("09012345678"));
  EXPECT_FALSE(dlp::is_phone_number("0120123456"));
  EXPECT_FALSE(dlp::is_phone_number("0012345678"));
}

TEST(DlpChecks, KnowTheCheckDigitOfEachRemainder) {
  // From the left the weights are 6 5 4 3 2 7 6 5 4 3 2; with one 1 at a place the sum is its weight, with more any sum.
  const std::pair<const char*, char> numbers[] = {{"00000000000", '0'}, {"00000000001", '9'}, {"00000000010", '8'}, {"00000000100", '7'}, {"00000001000", '6'},
                                                  {"10000000000", '5'}, {"00000100000", '4'}, {"10000000001", '3'}, {"10000000010", '2'}, {"10000000100", '1'},
                                                  {"11000000001", '9'}, {"11000000000", '0'}, {"10000100000", '9'}, {"00100100001", '9'}, {"00001000001", '7'}};
  for (const auto& [digits, check] : numbers) {
    int right = 0;
    for (char c = '0'; c <= '9'; ++c) right += dlp::is_my_number(std::string(digits) + c) ? 1 : 0;
    EXPECT_EQ(right, 1) << digits;
    EXPECT_TRUE(dlp::is_my_number(std::string(digits) + check)) << digits;
  }
  EXPECT_FALSE(dlp::is_corporate_number("712345678901"));
  EXPECT_TRUE(dlp::is_phone_number("07012345678") && dlp::is_phone_number("08012345678") && dlp::is_phone_number("05012345678"));
  EXPECT_FALSE(dlp::is_phone_number("0701234567") || dlp::is_phone_number("03123456789") || dlp::is_phone_number("1312345678"));
  EXPECT_FALSE(dlp::is_phone_number("0570123456") || dlp::is_phone_number("08001234567"));
}

TEST(DlpChecks, PassOneRandomNumberInTen) {
  int passing = 0;
  for (int i = 0; i < 10'000; ++i) passing += dlp::is_my_number(std::to_string(100'000'000'000 + i * 7'919'003LL)) ? 1 : 0;
  EXPECT_GT(passing, 800);
  EXPECT_LT(passing, 1200);
}

TEST(DlpScan, OfThirtyTwoBytesAtOnceStopsWhereThePlainOneDoes) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "あ国。、「」伝公売" + std::string(static_cast<std::size_t>(i % 37), 'x') + (i % 3 == 0 ? "九" : i % 3 == 1 ? "７" : "①") + "生番丁@5";
  const auto places = [](std::string_view in, dlp::Processor processor) {
    std::vector<std::size_t> at;
    dlp::for_each_candidate(in, processor, [&](std::size_t place) { return at.push_back(place), place + 1; });
    return at;
  };
  const auto plain = places(text, dlp::Processor::kPlain);
  ASSERT_GT(plain.size(), 300U);
  EXPECT_EQ(places(text, dlp::Processor::kBest), plain);
  for (std::size_t size = 0; size < 80; ++size) {
    EXPECT_EQ(places(std::string(size, 'a') + "1", dlp::Processor::kBest), std::vector<std::size_t>{size});
  }
}

TEST(DlpScan, KnowsDigitsMisreadDigitsAndMarks) {
  const std::u32string digits = U"0９〇零一壱壹弐貳参參四肆伍六陸漆捌九玖①⑨⓪❶❾➀⑴⒈⓵⓿²³¹⁰⁴⁹₀₉𝟎𝟗𝟡";
  const int values[] = {0, 9, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 8, 9, 9, 1, 9, 0, 1, 9, 1, 1, 1, 1, 0, 2, 3, 1, 0, 4, 9, 0, 9, 0, 9, 9};
  ASSERT_EQ(digits.size(), std::size(values));
  for (std::size_t i = 0; i < digits.size(); ++i) EXPECT_EQ(dlp::digit_value(digits[i]), values[i]) << i;
  for (const char32_t c : std::u32string(U"/:aあ十百人⑩❿\u24F4\u1D7CD")) EXPECT_EQ(dlp::digit_value(c), -1) << static_cast<std::uint32_t>(c);
  for (const char32_t c : std::u32string(U"oOｏＯ○◯")) EXPECT_EQ(dlp::misread_digit(c), 0);
  for (const char32_t c : std::u32string(U"lIiｌＩ")) EXPECT_EQ(dlp::misread_digit(c), 1);
  for (const auto& [c, value] : {std::pair(U'z', 2), std::pair(U'Z', 2), std::pair(U's', 5), std::pair(U'S', 5), std::pair(U'b', 8), std::pair(U'B', 8), std::pair(U'a', -1), std::pair(U'あ', -1)}) {
    EXPECT_EQ(dlp::misread_digit(c), value);
  }
  for (const char32_t c : std::u32string(U" \t\n!\"#&'()*+,-./:;<=>[\\]^_`{|}~\u00A0\u00AD·\u0301\u180E\u2003\u200B\u2014\u2028\u202F\u2031\u2060\u20E3−─│\u3000、〃〈】〔〝・ー\uFE0F︱\uFEFF＃＇（＊，－．／：＞［｀｛･ｰ￨\U000E0100")) {
    EXPECT_TRUE(dlp::is_separator(c)) << static_cast<std::uint32_t>(c);
  }
  for (const char32_t c : std::u32string(U"$%09?@AZaz\u00A1\u00B6é%‰。〄〆〒〓あんアヺヽ漢一円＄％＋０９？Ａｚ｡ｱ\U000E01F0\uFFFF")) {
    if (c == U'｡') continue;
    EXPECT_FALSE(dlp::is_separator(c)) << static_cast<std::uint32_t>(c);
  }
  for (const char32_t c : std::u32string(U"十拾百佰千仟万萬億兆")) EXPECT_TRUE(dlp::is_numeral_unit(c));
  EXPECT_FALSE(dlp::is_numeral_unit(U'円'));
}

TEST(DlpScan, PassesOverWhatIsNoNumberOfAPerson) {
  for (const char* text : {"第二百三十四条の二第三項", "令和6年7月15日", "人口は12万人", "一般に、二つの三角形", "電話は123-45"}) EXPECT_TRUE(dlp::spots_of(text).empty()) << text;
  EXPECT_EQ(dlp::spots_of("番号1234567です"), (std::vector<dlp::Spot>{{6, 13}}));
  EXPECT_EQ(dlp::spots_of("番号O123456です"), (std::vector<dlp::Spot>{{6, 13}})) << "a misread digit counts";
  EXPECT_EQ(dlp::spots_of("1 2 3 4 5 6 7"), (std::vector<dlp::Spot>{{0, 13}}));
  EXPECT_TRUE(dlp::spots_of("123456" + std::string(25, ' ') + "7").empty()) << "too far apart";
  EXPECT_EQ(dlp::spots_of("本町1-2").size(), 1U);
  EXPECT_TRUE(dlp::spots_of("要綱1-2").empty());
  EXPECT_TRUE(dlp::spots_of("本町1.2").empty());
  EXPECT_EQ(dlp::spots_of("誕生日").size(), 1U);
  EXPECT_EQ(dlp::spots_of("5日）生まれ").size(), 1U);
  EXPECT_TRUE(dlp::spots_of("学生生活").empty());
  EXPECT_EQ(dlp::spots_of("a@b").size(), 1U);
  EXPECT_TRUE(dlp::spots_of("番地").empty());
  EXPECT_EQ(dlp::spots_of("南区の番地").size(), 1U);
}

TEST(Dlp, FindsMyNumberInManyHands) {
  for (const char* text : {"983205673214", "９８３２０５６７３２１４", "9832-0567-3214", "9832 0567 3214", "九八三二〇五六七三二一四", "⑨⑧③②⓪⑤⑥⑦③②①④",
                           "9 8 3 2 0 5 6 7 3 2 1 4", "9\n8\n3\n2\n0\n5\n6\n7\n3\n2\n1\n4", "|9|8|3|2|0|5|6|7|3|2|1|4|", "98\u200B32\u200B05673214",
                           "<td>9</td><td>8</td><td>3</td><td>2</td><td>0</td><td>5</td><td>6</td><td>7</td><td>3</td><td>2</td><td>1</td><td>4</td>"}) {
    const Found all = found(text);
    ASSERT_EQ(all.size(), 1U) << text;
    EXPECT_EQ(all[0].first, "個人番号") << text;
  }
}

TEST(Dlp, TellsWhereInTheTextItStands) {
  EXPECT_EQ(found("本人の個人番号は９８３２−０５６７−３２１４です。"), (Found{{"個人番号", "９８３２−０５６７−３２１４"}}));
  EXPECT_EQ(found("個人番号：98320567321 4、世帯の分は"), (Found{{"個人番号", "98320567321 4"}}));
}

TEST(Dlp, CountsALabelledNumberThoughItIsWrong) {
  EXPECT_EQ(found("個人番号：123456789012").size(), 1U);
  EXPECT_EQ(found("マイナンバー 98320567321").size(), 1U);
  EXPECT_EQ(found("個人番号は九千八百三十二億五百六十七万三千二百十四").size(), 1U);
  EXPECT_TRUE(found("123456789012").empty());
}

TEST(Dlp, NeverTakesACorporateNumberForPersonal) {
  EXPECT_TRUE(found("法人番号 7123456789012").empty());
  EXPECT_TRUE(found("株式会社関所（4011001098993）").empty());
  EXPECT_TRUE(found("会社（4-0110-0109-8993）").empty());
}

TEST(Dlp, TakesANumberForWhatItsLabelSays) {
  EXPECT_TRUE(found("注文番号：983205673214").empty());
  EXPECT_TRUE(found("歳出の総額は983205673214円").empty());
  EXPECT_TRUE(found("伝票番号 9832-0567-3214").empty());
  EXPECT_EQ(found("運転免許証番号 301234567890"), (Found{{"運転免許証番号", "301234567890"}}));
  EXPECT_EQ(found("口座番号：普通 1234567"), (Found{{"口座番号", "1234567"}}));
  EXPECT_EQ(found("基礎年金番号 1234-567890"), (Found{{"基礎年金番号", "1234-567890"}}));
  EXPECT_EQ(found("住民票コード：12345678901"), (Found{{"住民票コード", "12345678901"}}));
  EXPECT_EQ(found("被保険者番号 12345678"), (Found{{"被保険者番号", "12345678"}}));
  EXPECT_EQ(found("在留カード AB12345678CD"), (Found{{"在留カード番号", "AB12345678CD"}}));
  EXPECT_EQ(found("旅券番号：TK1234567"), (Found{{"旅券番号", "TK1234567"}}));
}

TEST(Dlp, ReadsTheHeadingsOfATable) {
  const std::string csv = "連番,個人番号,注文番号\n1,123456789012,983205673214\n2,111122223333,983205673214\n";
  EXPECT_EQ(found(csv), (Found{{"個人番号", "123456789012"}, {"個人番号", "111122223333"}}));
}

TEST(Dlp, ReadsTablesThatHaveMoreThanTheirHeadings) {
  EXPECT_EQ(found("お知らせ\n通し,個人番号\n1,123456789012\n"), (Found{{"個人番号", "123456789012"}})) << "a line above that is none of the table's";
  EXPECT_EQ(found("項目,値\n区分,新規\n個人番号,123456789012\n"), (Found{{"個人番号", "123456789012"}})) << "a label in the same line";
  EXPECT_EQ(found("個人番号,区分\n区分,123456789012\n"), Found{}) << "another column's heading";
  EXPECT_EQ(found("番号\t個人番号\nA\t123456789012\n"), (Found{{"個人番号", "123456789012"}}));
  EXPECT_EQ(found("通し,個人番号\n1,2,123456789012\n"), Found{}) << "not as many columns as headings";
  EXPECT_EQ(found("通し,\"個人 番号\"\n1,123456789012\n"), (Found{{"個人番号", "123456789012"}}));
  EXPECT_EQ(found("123456789012,個人番号\n"), Found{}) << "a single line is no table";
}

TEST(Dlp, LetsALabelSpeakForItsOwnKindOnly) {
  EXPECT_EQ(found("電話 0120-123-456"), Found{});
  EXPECT_EQ(found("口座番号 0120123"), (Found{{"口座番号", "0120123"}}));
  EXPECT_EQ(found("携帯 090-1234-5678"), (Found{{"電話番号", "090-1234-5678"}}));
  EXPECT_EQ(found("口座番号 1234567 8"), (Found{{"口座番号", "1234567"}}));
  EXPECT_EQ(found("電話 12-3456-7890"), Found{});
  EXPECT_EQ(found("電話 +81-3-1234-5678").size(), 1U);
  EXPECT_EQ(found("生年月日 1985-04-01 です"), (Found{{"生年月日", "1985-04-01"}}));
  EXPECT_EQ(found("生年月日 1985-14-01 です"), Found{});
  EXPECT_EQ(found("個人番号：123456789012、111122223333").size(), 2U) << "a list";
  EXPECT_EQ(found("個人番号：123456789012、人数は111122223335").size(), 1U);
  EXPECT_EQ(found("口座番号 1,234,567"), Found{}) << "an amount";
  EXPECT_EQ(found("旅券番号 AB1234567"), (Found{{"旅券番号", "AB1234567"}}));
  EXPECT_EQ(found("番号 AB1234567"), Found{}) << "not Japan's form, and no label";
  EXPECT_EQ(found("番号 TK1234567"), (Found{{"旅券番号", "TK1234567"}}));
  EXPECT_EQ(found("注文番号 TK1234567"), Found{});
  EXPECT_EQ(found("番号 XTK1234567"), Found{});
  EXPECT_EQ(found("番号 AB12345678CDE"), Found{});
}

TEST(Dlp, TakesNoPartOfALongerNumber) {
  for (const char* text : {"1234-983205673214", "983205673214-01", "0.983205673214", "983205673214.5", "1/983205673214", "x983205673214", "983205673214x",
                           "9832-0567-3214-0000", "0000 9832 0567 3214"}) {
    EXPECT_EQ(found(text), Found{}) << text;
  }
  EXPECT_EQ(found("1,983205673214,20").size(), 1U) << "a cell";
  EXPECT_EQ(found("9832\n0567\n3214"), Found{}) << "a column of three numbers";
  EXPECT_EQ(found("氏名 9832\n0567\n3214").size(), 1U) << "but beside a person";
  EXPECT_EQ(found("03-1234\n5678"), Found{});
  EXPECT_EQ(found("100-0013"), Found{});
  EXPECT_EQ(found("100-0013 東京都千代田区"), (Found{{"郵便番号", "100-0013"}}));
}

TEST(Dlp, FindsAllInATextThatIsReadInManyStretches) {
  std::string text, dense;
  const std::string filler(700, 'x');
  for (int i = 0; i < 300; ++i) text += "個人番号：12345678" + std::to_string(1000 + i) + "、" + filler + "\n";
  for (int i = 0; i < 4000; ++i) dense += "個人番号：12345678" + std::to_string(1000 + i) + "\n";
  EXPECT_EQ(find_personal(text).size(), 300U);
  const std::vector<Finding> all = find_personal(dense);
  ASSERT_EQ(all.size(), 4000U);
  for (const Finding& f : all) ASSERT_EQ(f.end - f.begin, 12U);
  std::string names;
  for (int i = 0; i < 5000; ++i) names += "山田太郎が来た。\n";
  EXPECT_EQ(find_personal(names, &words()).size(), 5000U);
}

TEST(Dlp, KnowsChanceWhereFewOfManyNumbersPass) {
  std::string column;
  for (int i = 0; i < 60; ++i) column += "記録 " + std::to_string(100'000'000'000 + i * 7'919'003LL) + "\n";
  EXPECT_TRUE(found(column).empty());
}

TEST(Dlp, FindsPhonesAndMailAndAddresses) {
  EXPECT_EQ(found("電話は03-1234-5678、090-1234-5678です"), (Found{{"電話番号", "03-1234-5678"}, {"電話番号", "090-1234-5678"}}));
  EXPECT_TRUE(found("フリーダイヤル0120-123-456").empty());
  EXPECT_EQ(found("送信先 Ｔａｒｏ@example.ｊｐ まで"), (Found{{"メールアドレス", "Ｔａｒｏ@example.ｊｐ"}}));
  EXPECT_EQ(found("住所は東京都千代田区霞が関2-1-3です"), (Found{{"住所", "東京都千代田区霞が関2-1-3"}}));
  EXPECT_EQ(found("関所市本町二丁目3番4号に住む"), (Found{{"住所", "関所市本町二丁目3番4号"}}));
  EXPECT_EQ(found("〒100-0013"), (Found{{"郵便番号", "100-0013"}}));
}

TEST(Dlp, IsNotMisledByAWordThatBeginsLikeAUnit) {
  EXPECT_EQ(found("電話03-1234-5678 個人番号983205673214"), (Found{{"電話番号", "03-1234-5678"}, {"個人番号", "983205673214"}}));
  EXPECT_EQ(found("983205673214本人確認済み").size(), 1U);
  EXPECT_TRUE(found("総数983205673214個を").empty());
}

TEST(Dlp, FindsNamesByMorphologyAndLabels) {
  EXPECT_EQ(found("山田太郎が申請した。"), (Found{{"氏名", "山田太郎"}}));
  EXPECT_EQ(found("佐藤さんの相談"), (Found{{"氏名", "佐藤"}}));
  EXPECT_EQ(found("氏名：鬼龍院 翔"), (Found{{"氏名", "鬼龍院 翔"}}));
  EXPECT_TRUE(found("東京都は条例を改正した。申請は窓口で受け付ける。").empty());
  EXPECT_EQ(found("氏 名：鬼龍院翔"), (Found{{"氏名", "鬼龍院翔"}}));
  EXPECT_EQ(found("{\"氏名\":\"山田太郎\"}"), (Found{{"氏名", "山田太郎"}}));
  EXPECT_EQ(found("山田・太郎"), (Found{{"氏名", "山田・太郎"}}));
  EXPECT_EQ(found("申請者：山田太郎様"), (Found{{"氏名", "山田太郎"}}));
  EXPECT_TRUE(found("氏名：").empty());
  EXPECT_EQ(found("氏名：翔").size(), 0U) << "one character is an initial at most";
  EXPECT_TRUE(found("氏名：あいうえおかきくけこさしすせそ").empty()) << "too long for a name";
  EXPECT_TRUE(found("氏名：番号：").empty());
  EXPECT_TRUE(found("本人（昭和の生まれ）").empty());
  EXPECT_TRUE(found("山田\n\n中央").empty()) << "not over lines";
}

TEST(Dlp, FindsDatesOfBirthAndNoOtherDates) {
  EXPECT_EQ(found("生年月日：昭和60年4月1日"), (Found{{"生年月日", "昭和60年4月1日"}}));
  EXPECT_EQ(found("平成元年1月8日生まれ"), (Found{{"生年月日", "平成元年1月8日"}}));
  EXPECT_TRUE(found("令和6年4月1日から施行する。").empty());
  EXPECT_TRUE(found("2024年4月1日生産分").empty());
}

/// The examples of tests/cases/personal.
class DlpCases : public testing::TestWithParam<const char*> {};

TEST_P(DlpCases, AreFoundAsTheyAreWritten) {
  std::ifstream in(std::string(SEKISHO_SOURCE_DIR) + "/tests/cases/personal/" + GetParam() + ".case", std::ios::binary);
  const auto cases = parse_dlp_cases(std::string(std::istreambuf_iterator<char>(in), {}));
  ASSERT_TRUE(cases) << cases.error().detail;
  ASSERT_GE(cases->size(), 10U);
  for (const DlpCase& example : *cases) EXPECT_EQ(found_in_words(example.text, &words()), example.expected) << example.line << "行目: " << example.name;
}

INSTANTIATE_TEST_SUITE_P(Shipped, DlpCases, testing::Values("numbers", "words"));

TEST(DlpCase, SaysWhichLineIsWrong) {
  const auto detail = [](const char* text) { return parse_dlp_cases(text).error().detail; };
  EXPECT_NE(detail("文: x\n").find("1行目"), std::string::npos);
  EXPECT_NE(detail("例: x\n文: y\n見つかる: 血液型「A」\n").find("3行目"), std::string::npos);
  EXPECT_NE(detail("例: x\n文: y\n見つかる: 個人番号\n").find("種類"), std::string::npos);
  EXPECT_NE(detail("例: x\n文: y\n").find("見つかる"), std::string::npos);
  EXPECT_NE(detail("例: x\n天気: 晴れ\n").find("天気"), std::string::npos);
  EXPECT_NE(detail("例: x\nただの文\n").find("2行目"), std::string::npos);
}

TEST(Dlp, TakesAnyBytes) {
  EXPECT_TRUE(find_personal("").empty());
  EXPECT_TRUE(find_personal("\xFF\xFE\x80").empty());
  EXPECT_EQ(find_personal("\xFF\x80個人番号：983205673214\xE3\x81").size(), 1U);
}

}  // namespace
}  // namespace sekisho::gate
