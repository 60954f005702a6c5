#include <gtest/gtest.h>

#include <random>

#include <fmt/format.h>

#include "text/encoding.h"
#include "worker/testing/documents.h"

/// Documents of each kind cut off and with bits turned over, through the readers of this process: each ends in text or in a reason,
/// and in messages that the server takes.
namespace sekisho::worker {
namespace {

struct Sample {
  std::string name;
  std::string bytes;
};

std::vector<Sample> samples() {
  using namespace testing;
  const std::string sheet = R"(<cols><col min="1" max="40" width="2.5"/></cols><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45488</v></c><c r="C1" t="inlineStr"><is><t>青</t></is></c></row></sheetData><mergeCells><mergeCell ref="A1:B9"/></mergeCells>)";
  const std::string styles = R"(<styleSheet><numFmts><numFmt numFmtId="176" formatCode="ggge&quot;年&quot;;[Red]-0.0%"/></numFmts><cellXfs><xf/><xf numFmtId="176"/></cellXfs></styleSheet>)";
  const std::string xlsx = xlsx_of({{"表", sheet}}, {{"xl/styles.xml", styles}, {"xl/sharedStrings.xml", "<sst><si><t>文字</t></si></sst>"}});
  const std::string rtf = "{\\rtf1\\ansi\\ansicpg932{\\fonttbl{\\f0\\fcharset128 M;}}{\\stylesheet{\\s1\\outlinelevel0 h;}}\\pard\\s1\\u25991 ?\\'82\\'a0\\par\\trowd\\intbl a\\cell b\\cell\\row{\\*\\x y}{\\v z}\\bin3 abc}";
  const std::string mail = "From: =?ISO-2022-JP?B?GyRCMnE1RBsoQg==?= <a@example.jp>\r\nSubject: =?UTF-8?Q?=E4=BC=9A?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: quoted-printable\r\n\r\n=E4=BC=9A=\r\n\r\n--b\r\nContent-Disposition: attachment; filename*0*=UTF-8''%E4; filename*1*=%BC%9A.csv\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxiCjEsMgozLDQK\r\n--b--\r\n";
  const std::string law = "<?xml version=\"1.0\"?><Law Era=\"Reiwa\"><LawNum>令和六年</LawNum><LawBody><LawTitle>規則</LawTitle><MainProvision><Article><ArticleTitle>第一条</ArticleTitle><Paragraph><ParagraphNum/><ParagraphSentence><Sentence>本文。</Sentence></ParagraphSentence></Paragraph></Article></MainProvision></LawBody></Law>";
  const std::string odt = R"(<text:h text:outline-level="1">題</text:h><text:p>文<text:s/></text:p><table:table><table:table-row><table:table-cell table:number-columns-repeated="3" table:number-rows-spanned="2"><text:p>値</text:p></table:table-cell></table:table-row></table:table>)";
  return {{"a.xlsx", xlsx}, {"a.docx", docx_of(paragraph("本文") + paragraph("次"))}, {"a.pptx", pptx_of({shape({"題"}, "title") + shape({"文"}, "", 10, 10)})}, {"a.odt", odf_of("text", odt)}, {"a.ods", odf_of("spreadsheet", odt)},
          {"a.odp", odf_of("presentation", "<draw:page>" + odt + "</draw:page>")}, {"a.rtf", rtf}, {"a.eml", mail}, {"a.xml", law}, {"a.json", R"({"題":"備品","一覧":[{"品名":"机","数量":12.5e3},[1,[2,{"x":null}]]]})"},
          {"a.txt", text::encode_cp932("題\n-------------------------------------------------------\n【テキスト中に現れる記号について】\n《》：ルビ\n-------------------------------------------------------\n坊《ぼう》※［＃「口」、U+555E、7-3］\n［＃改ページ］\n次").bytes},
          {"a.zip", zip_of({{"内/a.txt", "文です"}, {"b.xlsx", xlsx}})}, {"a.html", "<html><body><table><tr><td rowspan=2>一<td>二<tr><td>三</table><p style='display:none'>隠</p></body></html>"}, {"a.csv", "課,内線\n\"総\"\"務\",0210\n税務,0220\n"}, {"a.md", "# 題\n| a | b |\n|---|---|\n"},
          {"a.doc", office_file("office.doc")}, {"a.xls", office_file("office.xls")}};
}

TEST(ExtractDamage, EndsEachDocumentThatIsCutOffAnywhere) {
  for (const Sample& sample : samples()) {
    const std::size_t step = std::max<std::size_t>(1, sample.bytes.size() / 250);
    for (std::size_t size = 0; size < sample.bytes.size(); size += step) {
      const testing::Told told = testing::read_here(std::string_view(sample.bytes).substr(0, size), sample.name);
      ASSERT_NE(told.end.has_value(), told.failure.has_value()) << sample.name << " cut at " << size;
    }
  }
}

TEST(ExtractDamage, EndsEachDocumentWithBitsTurnedOver) {
  std::mt19937 chance(20'240'715);
  for (const Sample& sample : samples()) {
    for (int round = 0; round < 500; ++round) {
      std::string bytes = sample.bytes;
      for (int flips = 1 + round % 8; flips > 0; --flips) {
        const std::size_t at = chance() % bytes.size();
        bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ 1U << chance() % 8);
      }
      const testing::Told told = testing::read_here(bytes, sample.name);
      ASSERT_NE(told.end.has_value(), told.failure.has_value()) << sample.name << " round " << round;
    }
  }
}

TEST(ExtractDamage, ReadsTheSamplesThemselves) {
  for (const Sample& sample : samples()) EXPECT_FALSE(testing::read_here(sample.bytes, sample.name).text().empty()) << sample.name;
}

/// A name says little; each reader meets the bytes of another's format.
TEST(ExtractDamage, MindsNoLyingExtension) {
  for (const Sample& sample : samples()) {
    for (const std::string name : {"x.pdf", "x.xlsx", "x.docx", "x.txt", "x.eml", "x.json", "x.csv", "x"}) {
      const testing::Told told = testing::read_here(sample.bytes, name);
      ASSERT_NE(told.end.has_value(), told.failure.has_value()) << sample.name << " as " << name;
    }
  }
}

}  // namespace
}  // namespace sekisho::worker
