#include "text/headings.h"

#include <gtest/gtest.h>

namespace sekisho::text {
namespace {

struct Case {
  const char* line;
  HeadingKind kind;
  std::int64_t number;
  const char* label;
  const char* title;
};

TEST(Headings, OfStatutesAreRecognised) {
  const Case cases[] = {
      {"第一編　総則", HeadingKind::kPart, 1, "第1編", "総則"},
      {"第一章　総則", HeadingKind::kChapter, 1, "第1章", "総則"},
      {"第２節 定義", HeadingKind::kSection, 2, "第2節", "定義"},
      {"第十条（見出し）", HeadingKind::kArticle, 10, "第10条", "見出し"},
      {"第二十三条の二　市長は、次に掲げる事項を定める。", HeadingKind::kArticle, 23, "第23条の2", ""},
      {"第1条 この規則は、休暇について定める。", HeadingKind::kArticle, 1, "第1条", ""},
      {"第３項", HeadingKind::kParagraph, 3, "第3項", ""},
      {"２　前項の規定は、国の機関が行う処分には適用しない。", HeadingKind::kParagraph, 2, "2", ""},
      {"②　前項の場合", HeadingKind::kParagraph, 2, "②", ""},
      {"一　個人番号", HeadingKind::kItem, 1, "一", ""},
      {"附　則", HeadingKind::kSupplement, 0, "附則", ""},
      {"附則（令和6年条例第3号）", HeadingKind::kSupplement, 0, "附則", "（令和6年条例第3号）"},
      {"別表第二（第五条関係）", HeadingKind::kAnnex, 2, "別表第2", "第五条関係"},
      {"様式第１号", HeadingKind::kAnnex, 1, "様式第1号", ""},
  };
  for (const Case& c : cases) {
    const auto heading = heading_of(c.line);
    ASSERT_TRUE(heading) << c.line;
    EXPECT_EQ(heading->kind, c.kind) << c.line;
    EXPECT_EQ(heading->number, c.number) << c.line;
    EXPECT_EQ(heading->label, c.label) << c.line;
    EXPECT_EQ(heading->title, c.title) << c.line;
  }
}

TEST(Headings, OfNoticesAndMinutesAreRecognised) {
  const Case cases[] = {
      {"第1　趣旨", HeadingKind::kNumbered, 1, "第1", "趣旨"},        {"1　目的", HeadingKind::kNumbered, 1, "1", "目的"},
      {"１．開催日時", HeadingKind::kNumbered, 1, "1", "開催日時"},    {"1-2 予算の執行", HeadingKind::kNumbered, 1, "1-2", "予算の執行"},
      {"3.2.1 手順", HeadingKind::kNumbered, 3, "3.2.1", "手順"},      {"(1) 対象者", HeadingKind::kItem, 1, "(1)", "対象者"},
      {"⑵ 期間", HeadingKind::kItem, 2, "(2)", "期間"},                {"（３）提出先", HeadingKind::kItem, 3, "(3)", "提出先"},
      {"ア　窓口", HeadingKind::kItem, 0, "ア", "窓口"},               {"（イ）　郵送", HeadingKind::kItem, 0, "(イ)", "郵送"},
      {"■ 議題", HeadingKind::kMark, 0, "■", "議題"},                  {"○議事", HeadingKind::kMark, 0, "○", "議事"},
      {"◎出席者", HeadingKind::kMark, 0, "◎", "出席者"},               {"【お問い合わせ】", HeadingKind::kMark, 0, "【】", "お問い合わせ"},
      {"## 申請の流れ", HeadingKind::kMarkdown, 0, "##", "申請の流れ"},
  };
  for (const Case& c : cases) {
    const auto heading = heading_of(c.line);
    ASSERT_TRUE(heading) << c.line;
    EXPECT_EQ(heading->kind, c.kind) << c.line;
    EXPECT_EQ(heading->number, c.number) << c.line;
    EXPECT_EQ(heading->label, c.label) << c.line;
    EXPECT_EQ(heading->title, c.title) << c.line;
  }
}

TEST(Headings, AreNotSeenInPlainText) {
  for (const char* line : {"", "　", "一般に、申請は不要である。", "第十条の規定により、届け出る。", "第十条（第二項を除く。）の規定は、", "第1章では、概要を述べる。", "アクセス方法は次のとおり",
                           "2024年7月15日", "3人が出席した。", "○○市長　殿", "十分に検討する", "附則の規定", "別表に掲げる", "(株)関所", "1,234円", "3.14", "a", "市長は、"}) {
    EXPECT_FALSE(heading_of(line)) << line;
  }
}

TEST(Headings, WidenFromPartToItem) {
  int last = 0;
  for (const char* line : {"第一編　総則", "第一章　通則", "第一節　目的", "第一条　この法律は、", "２　前項の規定は、これを準用するものとする。", "一　申請"}) {
    const auto heading = heading_of(line);
    ASSERT_TRUE(heading) << line;
    EXPECT_GT(heading->level, last) << line;
    last = heading->level;
  }
}

TEST(Headings, SayWhereTheirTextBegins) {
  const std::string line = "第二条（定義）　この条例において、";
  const auto heading = heading_of(line);
  ASSERT_TRUE(heading);
  EXPECT_EQ(line.substr(heading->body), "この条例において、");
}

TEST(Captions, AreLinesInBracketsAlone) {
  EXPECT_TRUE(is_caption("（目的）"));
  EXPECT_TRUE(is_caption("　（適用除外）　"));
  for (const char* line : {"", "（）", "目的", "（目的）第一条", "（令和６年条例第３号）により（改正）"}) EXPECT_FALSE(is_caption(line)) << line;
}

}  // namespace
}  // namespace sekisho::text
