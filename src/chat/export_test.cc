#include "chat/export.h"

#include <string>

#include <gtest/gtest.h>

#include "chat/markdown_blocks.h"

namespace sekisho::chat {
namespace {

class ExportTest : public testing::Test {
 protected:
  StoredTurn turn() const {
    StoredTurn turn;
    turn.question = "利用料はいくらですか。";
    turn.answer = "利用料は𠮷の表です。\n\n| 区分 | 1日 |\n| --- | ---: |\n| 3歳未満 | **2,400円** |\n| =1+1 | -5 |\n\n以上です。";
    turn.state = "done";
    // The character outside the BMP counts as two.
    turn.claims = Json::parse(R"([{"start":0,"end":11,"check":"ok","sources":[1]},{"start":60,"end":200,"check":"needed","sources":[2]}])").value();
    turn.sources = Json::parse(R"([{"number":1,"document_name":"要綱.pdf","path":"第6条","page":2,"shelf_name":"例規集"}])").value();
    turn.summary = Json::object({{"model", "試用モデル"}, {"created_ms", 1'752'543'720'000}, {"supported", 1}, {"needs_check", 1}});
    turn.label = gate::Label(gate::Level{1});
    return turn;
  }
  ExportTalk talk() const { return export_talk("利用料", turn().label, {turn()}, policy_, 1'752'543'720'000); }

  const gate::Policy policy_ = gate::Policy::load(std::string(SEKISHO_SOURCE_DIR) + "/policies/ministry.toml").value();
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_F(ExportTest, MarkdownHasQuestionAnswerSourcesLabelModelAndTime) {
  const std::string text = export_file(talk(), ExportForm::kMarkdown).bytes;
  for (const char* part : {"# 利用料", "- 格付：機密性2", "利用料はいくらですか。", "利用料は𠮷の表です。[1]", "以上です。[2]【要確認】", "- モデル：試用モデル",
                           "- 出典1：要綱.pdf　第6条　2ページ（書架　例規集）", "- 照合：裏付けあり 1文、要確認 1文", "2025年7月1"}) {
    EXPECT_TRUE(has(text, part)) << part << "\n" << text;
  }
}

TEST_F(ExportTest, CsvOfAnAnswerIsItsTableAndNoFormula) {
  const ExportedFile file = export_answer_file(talk(), ExportForm::kCsvUtf8);
  EXPECT_TRUE(file.bytes.starts_with("\xEF\xBB\xBF\"区分\",\"1日\"\r\n\"3歳未満\",\"2,400円\"\r\n\"'=1+1\",\"-5\"\r\n")) << file.bytes;
  EXPECT_TRUE(has(file.bytes, "\"格付\",\"機密性2\""));
  EXPECT_TRUE(has(file.bytes, "出典1：要綱.pdf"));
}

TEST_F(ExportTest, CsvOfAConversationHasARowATurn) {
  const std::string csv = export_file(talk(), ExportForm::kCsvUtf8).bytes;
  EXPECT_TRUE(has(csv, "\"番号\",\"題名\",\"質問\",\"回答\""));
  EXPECT_TRUE(has(csv, "\"1\",\"利用料\",\"利用料はいくらですか。\""));
}

TEST_F(ExportTest, WhatCp932CannotHoldIsTold) {
  const ExportedFile file = export_file(talk(), ExportForm::kCsvCp932);
  ASSERT_EQ(file.missing.size(), 1U);
  EXPECT_EQ(file.missing[0].character, U'𠮷');
  EXPECT_TRUE(has(text::decode(file.bytes, text::Encoding::kCp932).text, "利用料は〓の表です。"));
  EXPECT_TRUE(export_file(talk(), ExportForm::kCsvUtf8).missing.empty());
}

TEST_F(ExportTest, TheSameContentIsTheSameDocument) {
  const std::string docx = export_file(talk(), ExportForm::kDocx).bytes;
  EXPECT_TRUE(docx.starts_with("PK\x03\x04"));
  EXPECT_EQ(docx, export_file(talk(), ExportForm::kDocx).bytes);
  for (const char* part : {"<w:tbl>", "2,400円", "<w:pStyle w:val=\"Title\"/>", "機密性2", "出典1：要綱.pdf"}) EXPECT_TRUE(has(docx, part)) << part;
}

TEST_F(ExportTest, NoTextBreaksTheDocument) {
  StoredTurn hostile = turn();
  hostile.question = "</w:t><script>&\x01\x0B\"'";
  hostile.answer = "```\n</w:body>\n";
  hostile.claims = Json::array();
  const std::string docx = export_file(export_talk("<題名>", hostile.label, {hostile}, policy_, 0), ExportForm::kDocx).bytes;
  EXPECT_FALSE(has(docx, "<script>"));
  EXPECT_FALSE(has(docx, "\x01\x0B"));
  EXPECT_TRUE(has(docx, "&lt;/w:t&gt;&lt;script&gt;&amp;&quot;"));
  EXPECT_TRUE(has(docx, "&lt;/w:body&gt;"));
}

TEST(MarkdownBlocks, AreWhatAnAnswerIsMadeOf) {
  const auto blocks = markdown_blocks("## 見出し\n段落の\n続き\n\n- 一つ\n  - 中\n1. 番号\n\n| a | b |\n|---|---|\n| 1 |\n| x \\| y | 2 | 3 |\n```\ncode |\n");
  ASSERT_EQ(blocks.size(), 7U);
  EXPECT_EQ(blocks[0].text, "見出し");
  EXPECT_EQ(blocks[1].text, "段落の\n続き");
  EXPECT_EQ(blocks[3].level, 1);
  EXPECT_EQ(blocks[4].marker, "1.");
  EXPECT_EQ(blocks[5].rows, (std::vector<std::vector<std::string>>{{"a", "b"}, {"1", ""}, {"x | y", "2 3"}}));
  EXPECT_EQ(blocks[6].text, "code |");
  const auto runs = markdown_runs("これは**重要**です`x`、**閉じない");
  ASSERT_EQ(runs.size(), 5U);
  EXPECT_TRUE(runs[1].bold);
  EXPECT_EQ(runs[4].text, "、**閉じない");
}

}  // namespace
}  // namespace sekisho::chat
