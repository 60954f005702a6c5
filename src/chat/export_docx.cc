// A Word document of paragraphs, headings, lists and tables: ECMA-376, the least that Word, LibreOffice and our own reader open.

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "chat/export.h"
#include "chat/markdown_blocks.h"
#include "chat/zip_store.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

constexpr std::string_view kXml = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)";
constexpr std::string_view kMain = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
constexpr std::string_view kRelations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
constexpr int kIndent = 420;  ///< Twentieths of a point: two characters.

/// Text for XML; what XML 1.0 cannot hold is left out.
std::string escaped(std::string_view text) {
  std::string out;
  text::for_each_character(text, [&](const text::Character& character) {
    const char32_t c = character.value;
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if ((c >= 0x20 && c != 0xFFFE && c != 0xFFFF) || c == '\t' || c == '\n') {
      text::append_utf8(out, c);
    }
  });
  return out;
}

std::string run_of(const MarkdownRun& run) {
  std::string out;
  std::string_view rest = run.text;
  const std::string look = std::string(run.bold ? "<w:b/>" : "") + (run.code ? R"(<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas"/>)" : "");
  for (bool first = true; first || !rest.empty(); first = false) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    out += fmt::format(R"(<w:r>{}{}<w:t xml:space="preserve">{}</w:t></w:r>)", look.empty() ? "" : "<w:rPr>" + look + "</w:rPr>", first ? "" : "<w:br/>",
                       escaped(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::string runs_of(std::string_view text) {
  std::string out;
  for (const MarkdownRun& run : markdown_runs(text)) out += run_of(run);
  return out;
}

std::string paragraph(std::string_view style, const std::string& runs, int indent = 0) {
  const std::string left = indent > 0 ? fmt::format(R"(<w:ind w:left="{}"/>)", indent) : "";
  return fmt::format(R"(<w:p><w:pPr><w:pStyle w:val="{}"/>{}</w:pPr>{}</w:p>)", style, left, runs);
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::string out = R"(<w:tbl><w:tblPr><w:tblStyle w:val="Table"/><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>)";
  for (std::size_t i = 0; i < rows.front().size(); ++i) out += "<w:gridCol/>";
  out += "</w:tblGrid>";
  for (const auto& row : rows) {
    out += "<w:tr>";
    for (const std::string& text : row) {
      const std::string runs = &row == &rows.front() ? run_of({text, true, false}) : runs_of(text);
      out += "<w:tc><w:tcPr/>" + paragraph("Normal", runs) + "</w:tc>";
    }
    out += "</w:tr>";
  }
  return out + "</w:tbl>" + paragraph("Normal", "");
}

std::string block_of(const MarkdownBlock& block) {
  switch (block.kind) {
    case MarkdownBlock::Kind::kHeading: return paragraph("Heading3", runs_of(block.text));
    case MarkdownBlock::Kind::kItem: return paragraph("Normal", runs_of(block.marker + " " + block.text), kIndent * (block.level + 1));
    case MarkdownBlock::Kind::kCode: return paragraph("Normal", run_of({block.text, false, true}), kIndent);
    case MarkdownBlock::Kind::kTable: return table(block.rows);
    case MarkdownBlock::Kind::kParagraph: break;
  }
  return paragraph("Normal", runs_of(block.text));
}

std::string document_of(const ExportTalk& talk) {
  const auto plain = [](std::string text) { return run_of({std::move(text), false, false}); };
  std::string body = paragraph("Title", plain(talk.title)) + paragraph("Note", plain("格付：" + talk.level)) + paragraph("Note", plain("書き出し：" + talk.made));
  for (std::size_t i = 0; i < talk.turns.size(); ++i) {
    const ExportTurn& turn = talk.turns[i];
    body += paragraph("Heading1", plain(fmt::format("問{}", i + 1))) + paragraph("Normal", plain(turn.question)) + paragraph("Heading2", plain("答"));
    for (const MarkdownBlock& block : markdown_blocks(turn.answer)) body += block_of(block);
    for (const auto& [name, value] : turn.facts) body += paragraph("Note", plain(name + "：" + value));
    for (const std::string& source : turn.sources) body += paragraph("Note", plain(source));
  }
  return fmt::format(R"({}<w:document xmlns:w="{}" xmlns:r="{}"><w:body>{}<w:sectPr><w:headerReference w:type="default" r:id="rId2"/>)"
                     R"(<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1701" w:right="1418" w:bottom="1418" w:left="1418" w:header="851" w:footer="851" w:gutter="0"/></w:sectPr></w:body></w:document>)",
                     kXml, kMain, kRelations, body);
}

std::string style(std::string_view id, std::string_view look, std::string_view spacing) {
  return fmt::format(R"(<w:style w:type="paragraph" w:styleId="{0}"><w:name w:val="{0}"/><w:pPr>{1}</w:pPr><w:rPr>{2}</w:rPr></w:style>)", id, spacing, look);
}

std::string styles() {
  constexpr std::string_view kFonts = R"(<w:rFonts w:ascii="Yu Gothic" w:hAnsi="Yu Gothic" w:eastAsia="游ゴシック"/>)";
  std::string out = fmt::format(R"({}<w:styles xmlns:w="{}"><w:docDefaults><w:rPrDefault><w:rPr>{}<w:sz w:val="21"/><w:lang w:eastAsia="ja-JP"/></w:rPr></w:rPrDefault></w:docDefaults>)",
                                kXml, kMain, kFonts);
  out += style("Normal", "", R"(<w:spacing w:after="120" w:line="320" w:lineRule="auto"/>)");
  out += style("Title", R"(<w:b/><w:sz w:val="32"/>)", R"(<w:spacing w:after="160"/>)");
  out += style("Heading1", R"(<w:b/><w:sz w:val="26"/>)", R"(<w:keepNext/><w:spacing w:before="360" w:after="120"/><w:outlineLvl w:val="0"/>)");
  out += style("Heading2", R"(<w:b/><w:sz w:val="24"/>)", R"(<w:keepNext/><w:spacing w:before="200" w:after="120"/><w:outlineLvl w:val="1"/>)");
  out += style("Heading3", R"(<w:b/><w:sz w:val="22"/>)", R"(<w:keepNext/><w:spacing w:before="160" w:after="80"/><w:outlineLvl w:val="2"/>)");
  out += style("Note", R"(<w:color w:val="595959"/><w:sz w:val="18"/>)", R"(<w:spacing w:after="40"/>)");
  out += R"(<w:style w:type="table" w:styleId="Table"><w:name w:val="Table"/><w:tblPr><w:tblBorders><w:top w:val="single" w:sz="4"/><w:left w:val="single" w:sz="4"/>)"
         R"(<w:bottom w:val="single" w:sz="4"/><w:right w:val="single" w:sz="4"/><w:insideH w:val="single" w:sz="4"/><w:insideV w:val="single" w:sz="4"/></w:tblBorders></w:tblPr></w:style></w:styles>)";
  return out;
}

std::string relations(std::string_view items) {
  return fmt::format(R"({}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>)", kXml, items);
}

std::string relation(std::string_view id, std::string_view type, std::string_view target) {
  return fmt::format(R"(<Relationship Id="{}" Type="{}/{}" Target="{}"/>)", id, kRelations, type, target);
}

std::string content_types() {
  constexpr std::string_view kWord = "application/vnd.openxmlformats-officedocument.wordprocessingml";
  std::string out = fmt::format(R"({}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" )"
                                R"(ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>)",
                                kXml);
  for (const auto& [part, type] : {std::pair("document", "document.main"), std::pair("styles", "styles"), std::pair("header1", "header")}) {
    out += fmt::format(R"(<Override PartName="/word/{}.xml" ContentType="{}.{}+xml"/>)", part, kWord, type);
  }
  return out + "</Types>";
}

}  // namespace

std::string docx_of(const ExportTalk& talk) {
  // The label stands on every page.
  const std::string header = fmt::format(R"({}<w:hdr xmlns:w="{}"><w:p><w:pPr><w:jc w:val="right"/></w:pPr>{}</w:p></w:hdr>)", kXml, kMain, run_of({talk.level, true, false}));
  return zip_of({{"[Content_Types].xml", content_types()},
                 {"_rels/.rels", relations(relation("rId1", "officeDocument", "word/document.xml"))},
                 {"word/_rels/document.xml.rels", relations(relation("rId1", "styles", "styles.xml") + relation("rId2", "header", "header1.xml"))},
                 {"word/document.xml", document_of(talk)},
                 {"word/styles.xml", styles()},
                 {"word/header1.xml", header}});
}

}  // namespace sekisho::chat
