#include "library/chunk.h"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/sentences.h"
#include "text/utf8.h"

namespace sekisho::library {
namespace {

using process::extract::Page;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Page page(std::int64_t number, std::string text) {
  Page page;
  page.number = number;
  page.text = std::move(text);
  return page;
}

std::vector<std::string> paths(const std::vector<TextPassage>& passages) {
  std::vector<std::string> result;
  for (const TextPassage& passage : passages) result.push_back(passage.path);
  return result;
}

std::string without_space(std::string_view text) {
  std::string out;
  text::for_each_character(text, [&](const text::Character& c) {
    if (!text::is_space(c.value)) out += text.substr(c.begin, c.size);
  });
  return out;
}

/// A regulation as municipalities write them.
constexpr std::string_view kRegulation =
    "青葉町職員旅費規程\n"
    "第一章　総則\n"
    "（目的）\n"
    "第一条　この規程は、公務のため旅行する職員に支給する旅費に関し必要な事項を定め、公務の円滑な運営に資するとともに町費の適正な支出を図ることを目的とする。\n"
    "（用語の意義）\n"
    "第二条　この規程において、次の各号に掲げる用語の意義は、当該各号に定めるところによる。\n"
    "一　出張　職員が公務のため一時その在勤公署を離れて旅行することをいう。\n"
    "二　赴任　新たに採用された職員がその採用に伴う移転のため住所から在勤公署に旅行することをいう。\n"
    "第二章　旅費の額\n"
    "（宿泊料）\n"
    "第三条　宿泊料は、一夜につき一万九百円とする。ただし、宿泊に要した実費がこれに満たないときは、その実費とする。\n"
    "２　前項の規定にかかわらず、町長が定める地域に宿泊する場合は、一夜につき一万三千三百円を上限とする。\n"
    "附　則\n"
    "この規程は、令和六年四月一日から施行する。\n";

TEST(Chunk, CutsARegulationAtItsArticlesAndSaysWhereTheyStand) {
  const auto passages = chunk({page(1, std::string(kRegulation))});
  EXPECT_THAT(paths(passages), ElementsAre("", "第1章 総則 > 第1条（目的）", "第1章 総則 > 第2条（用語の意義）", "第2章 旅費の額 > 第3条（宿泊料）", "附則"));
  EXPECT_EQ(passages[0].text, "青葉町職員旅費規程");
  EXPECT_THAT(passages[1].text, StartsWith("第一章　総則\n（目的）\n第一条　この規程は"));
  EXPECT_THAT(passages[2].text, HasSubstr("二　赴任"));
  EXPECT_THAT(passages[3].text, HasSubstr("２　前項の規定にかかわらず"));
  EXPECT_EQ(passages[4].text, "附　則\nこの規程は、令和六年四月一日から施行する。");
}

TEST(Chunk, KeepsAnArticleWholeOverAPageEnd) {
  const auto passages = chunk({page(3, "第四条　日当は、一日につき二千二百円とする。\n２　鉄道百キロメートル未満の旅行の"), page(4, "場合における日当の額は、その二分の一とする。\n第五条　支度料は、支給しない。")});
  ASSERT_EQ(passages.size(), 2U);
  EXPECT_EQ(passages[0].page_first, 3);
  EXPECT_EQ(passages[0].page_last, 4);
  EXPECT_THAT(passages[0].text, HasSubstr("旅行の場合における日当の額は"));
  EXPECT_EQ(passages[1].page_first, 4);
}

TEST(Chunk, UsesTheHeadingsThatTheFormatMarks) {
  Page marked = page(1, "ごみの出し方\n燃えるごみ\n" + std::string("毎週火曜日と金曜日の朝八時までに、町の指定袋に入れて、決められた集積所へお出しください。収集が終わった後には出さないでください。") +
                            "\n粗大ごみ\n電話で申し込んでください。");
  marked.heading_lines = {0, 1, 3};
  marked.heading_levels = {1, 2, 2};
  EXPECT_THAT(paths(chunk({marked})), ElementsAre("ごみの出し方 > 燃えるごみ", "ごみの出し方 > 粗大ごみ"));
}

TEST(Chunk, RepeatsTheHeaderRowOfALongTable) {
  std::string table = "別表第一　備品一覧\n品名\t数量\t設置場所\n";
  for (int i = 0; i < 80; ++i) table += "折りたたみ机" + std::to_string(i) + "号\t十二\t本庁舎二階の大会議室\n";
  const auto passages = chunk({page(1, table)});
  ASSERT_GT(passages.size(), 2U);
  for (std::size_t i = 1; i < passages.size(); ++i) {
    EXPECT_THAT(passages[i].text, StartsWith("品名\t数量\t設置場所\n折りたたみ机"));
    EXPECT_LE(text::count_characters(passages[i].text), kPassageMax_characters);
  }
}

TEST(Chunk, DoesNotTakeStatementsForHeadings) {
  const auto passages = chunk({page(1, "１　日時　令和６年６月１日　午後２時\n２　場所　本庁舎３階　大会議室\n第三条の規定により、次のとおり通知する。")});
  ASSERT_EQ(passages.size(), 1U);
  EXPECT_EQ(passages[0].path, "");
}

TEST(Chunk, CutsASentenceThatIsLongerThanAPassageAfterAComma) {
  std::string sentence;
  for (int i = 0; i < 120; ++i) sentence += "第" + std::to_string(i) + "号に掲げる書類、";
  const auto passages = chunk({page(1, sentence + "を添える。")});
  ASSERT_GT(passages.size(), 1U);
  for (std::size_t i = 0; i + 1 < passages.size(); ++i) EXPECT_TRUE(passages[i].text.ends_with("、")) << passages[i].text;
}

TEST(Chunk, MakesNothingOfNothing) {
  EXPECT_TRUE(chunk({}).empty());
  EXPECT_TRUE(chunk({page(1, ""), page(2, "　\n \n")}).empty());
}

/// Documents of the kinds of lines that offices write, in any order.
std::vector<Page> some_document(std::mt19937& random) {
  static const std::vector<std::string> kLines{
      "第一章　総則", "（趣旨）", "第%条　この条例は、必要な事項を定めるものとする。", "第%条　町長は、次に掲げる者に対し、使用料を減免することができる。", "２　前項の規定は、準用する。",
      "一　公共的団体", "附　則", "別表第%", "１　はじめに", "■　お知らせ", "区分\t金額\t備考", "大ホール\t2,200円\t冷房は別", "お問い合わせは、総務課まで。", "", "　",
      "本町の人口は減少を続けており、令和七年には二万人を下回る見込みである。このため、公共交通の再編と子育て支援の充実を柱とする計画を策定した。"};
  std::vector<Page> pages;
  const std::size_t count = 1 + random() % 4;
  for (std::size_t p = 0; p < count; ++p) {
    std::string text;
    const std::size_t lines = random() % 30;
    for (std::size_t i = 0; i < lines; ++i) {
      std::string line = kLines[random() % kLines.size()];
      if (const std::size_t at = line.find('%'); at != std::string::npos) line.replace(at, 1, std::to_string(1 + random() % 30));
      for (std::size_t n = random() % 20 == 0 ? random() % 15 : 0; n > 0; --n) line += line.size() < 4'000 ? line.substr(0, line.find('\t')) : "";
      text += line + "\n";
    }
    pages.push_back(page(static_cast<std::int64_t>(p + 1), text));
  }
  return pages;
}

TEST(Chunk, LosesNothingAndKeepsItsLimitsOnThreeHundredGeneratedDocuments) {
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    const std::vector<Page> pages = some_document(random);
    std::string whole;
    for (const Page& each : pages) whole += each.text + "\n";
    const std::u32string characters = text::to_utf32(whole);
    std::string covered;
    std::size_t last_end = 0;
    for (const TextPassage& passage : chunk(pages)) {
      ASSERT_LE(text::count_characters(passage.text), kPassageMax_characters) << passage.text;
      ASSERT_LE(passage.begin, passage.end);
      ASSERT_GE(passage.begin, last_end);
      ASSERT_LE(passage.page_first, passage.page_last);
      const std::string source = text::to_utf8(std::u32string_view(characters).substr(passage.begin, passage.end - passage.begin));
      ASSERT_TRUE(without_space(passage.text).ends_with(without_space(source))) << passage.text << "\n---\n" << source;
      covered += source;
      last_end = passage.end;
    }
    ASSERT_EQ(without_space(covered), without_space(whole));
  }
}

TEST(Chunk, NamesTheSheetAndBeginsAPassageWithEach) {
  Page first = page(1, "課\t内線\n総務課\t0210");
  first.label = "シート「内線」";
  Page second = page(2, "品名\t数量\n机\t3");
  second.label = "シート「備品」";
  const auto passages = chunk({first, second, page(3, "付記です。")});
  ASSERT_EQ(passages.size(), 3U);
  EXPECT_EQ(passages[0].path, "シート「内線」");
  EXPECT_EQ(passages[1].path, "シート「備品」");
  EXPECT_EQ(passages[2].path, "");
}

std::string sentence_of(std::size_t characters) {
  std::string text;
  for (std::size_t i = 0; i + 1 < characters; ++i) text += "文";
  return text + "。";
}

TEST(Chunk, SaysWhichParagraphsAndItemsOfALongArticleAPassageHolds) {
  const std::string law = "第二章　旅費\n（額）\n第十条　" + sentence_of(400) + "\n２　" + sentence_of(300) + "\n３　" + sentence_of(200) + "\n４　次に掲げる額とする。\n一　" + sentence_of(250) + "\n二　" + sentence_of(250) + "\n三　" +
                          sentence_of(250) + "\n第十一条　" + sentence_of(50) + "\n２　" + sentence_of(50);
  std::vector<std::string> paths;
  for (const TextPassage& passage : chunk({page(1, law)})) paths.push_back(passage.path);
  EXPECT_THAT(paths, ::testing::ElementsAre("第2章 旅費 > 第10条（額）", "第2章 旅費 > 第10条（額） > 第2項〜第4項", "第2章 旅費 > 第10条（額） > 第4項 > 第1号〜第2号", "第2章 旅費 > 第10条（額） > 第4項 > 第3号", "第2章 旅費 > 第11条"));
}

TEST(Chunk, KnowsItemsOfANoticeAndKeepsShortListsOfThemTogether) {
  const std::string notice = "第1　手続\n1　申請\n(1) 対象者\n" + sentence_of(330) + "\n(2) 期間\n" + sentence_of(300) + "\n2　必要なもの\n(1) 住民票\n(2) 印鑑\n(3) 写真";
  const auto passages = chunk({page(1, notice)});
  ASSERT_EQ(passages.size(), 3U);
  EXPECT_EQ(passages[0].path, "第1 手続 > 1 申請 > (1) 対象者");
  EXPECT_EQ(passages[1].path, "第1 手続 > 1 申請 > (2) 期間");
  EXPECT_EQ(passages[2].path, "第1 手続 > 2 必要なもの");
}

TEST(Chunk, CutsBetweenSentencesOfProse) {
  std::string prose;
  for (int i = 0; i < 40; ++i) prose += "本町の人口は減少を続けており、令和" + std::to_string(i) + "年には二万人を下回る見込みである。";
  const auto passages = chunk({page(1, prose)});
  ASSERT_GT(passages.size(), 2U);
  for (const TextPassage& passage : passages) {
    EXPECT_TRUE(passage.text.ends_with("。"));
    EXPECT_GE(text::count_characters(passage.text), kPassageMin_characters);
    EXPECT_LE(text::count_characters(passage.text), kPassageTarget_characters + 50);
  }
}

}  // namespace
}  // namespace sekisho::library
