#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/limits.h"
#include "text/headings.h"
#include "text/utf8.h"
#include "worker/extract_docx_styles.h"
#include "worker/extract_lines.h"
#include "worker/extract_readers.h"
#include "worker/extract_xml.h"

namespace sekisho::worker {
namespace {

/// A paragraph that is being read. Text boxes nest paragraphs in paragraphs.
struct OpenParagraph {
  std::string text;
  std::string style;
  NumberingPlace numbering;
  int outline_level = 0;
  std::vector<Line> boxes;  ///< What text boxes inside it hold; told after it.
};

/// A table that is being read. A cell that is merged downwards repeats its text, so that each row says all it means.
struct OpenTable {
  std::vector<std::string> row;
  std::map<std::size_t, std::string> above;  ///< Text of merged cells by grid column.
  std::string cell;
  std::size_t column = 0;
  std::size_t span = 1;
  bool continues = false;
  bool begins_merge = false;
};

/// What the body was found to hold besides its text.
struct Findings {
  bool changes = false;
  bool comments = false;
  bool hidden = false;
};

class BodyEvents final : public XmlEvents {
 public:
  BodyEvents(const DocxStyles& styles, DocxNumbering& numbering, ExtractOutput& output, std::int64_t first_page)
      : styles_(styles), numbering_(numbering), output_(output), page_(first_page) {}

  bool begin(std::string_view name, const Attribute& attribute) override {
    if (is_left_out(name)) return false;
    if (name == "p") {
      paragraphs_.emplace_back();
      paragraph_shaded_ = false;
    } else if (name == "tbl" || name == "tr" || name == "tc" || name == "gridSpan" || name == "vMerge") {
      begin_table_part(name, attribute);
    } else if (name == "t") {
      in_text_ = true;
    } else if (name == "rPr") {
      in_run_properties_ = true;
    } else if (name == "r") {
      run_hidden_ = run_white_ = run_shaded_ = false;
    } else if (name == "vanish" || name == "webHidden") {
      const std::string value = attribute("val");
      if (in_run_properties_ && value != "0" && value != "false") run_hidden_ = true;
    } else if (name == "background") {
      coloured_paper_ = true;
    } else if (name == "color" || name == "sz" || name == "shd" || name == "highlight") {
      begin_look(name, attribute);
    } else if (name == "txbxContent") {
      boxes_.push_back(tables_.size());
    } else if (!paragraphs_.empty()) {
      begin_in_paragraph(name, attribute);
    }
    return true;
  }

  void end(std::string_view name) override {
    if (name == "p") {
      end_paragraph();
    } else if (name == "t") {
      in_text_ = false;
    } else if (name == "rPr") {
      in_run_properties_ = false;
    } else if (name == "tc") {
      end_cell();
    } else if (name == "tr") {
      end_row();
    } else if (name == "tbl" && !tables_.empty()) {
      tables_.pop_back();
    } else if (name == "txbxContent" && !boxes_.empty()) {
      boxes_.pop_back();
    }
  }

  void text(std::string_view text) override {
    if (!in_text_ || paragraphs_.empty()) return;
    // White letters count as unseen where nothing is known to lie under them; tables and boxes have grounds from many places.
    const bool white = run_white_ && !run_shaded_ && !paragraph_shaded_ && !coloured_paper_ && tables_.empty() && boxes_.empty();
    if (run_hidden_ || white) {
      findings_.hidden = true;
      return;
    }
    paragraphs_.back().text += text;
    if (paragraphs_.back().text.size() > limits::kDocumentCharacters) more_ = false;
  }

  bool wants_more() override { return more_; }

  /// Sends what is left. Returns the number of pages.
  std::int64_t finish() {
    while (!paragraphs_.empty()) end_paragraph();  // Of a part that broke off.
    flush_page(0);
    return page_;
  }
  [[nodiscard]] const Findings& findings() const { return findings_; }
  [[nodiscard]] const std::string& title() const { return title_; }

 private:
  bool is_left_out(std::string_view name) {
    if (name == "del" || name == "moveFrom") {
      findings_.changes = true;
      return !in_run_properties_;  // In rPr it marks the paragraph's end as deleted and holds no text.
    }
    if (name == "ins" || name == "moveTo") findings_.changes = true;
    if (name == "commentReference") findings_.comments = true;
    return name == "rt" || name == "Fallback" || name == "delText" || name == "instrText" || name == "sectPr" || name == "pPrChange" || name == "rPrChange" ||
           name == "tblPrChange" || name == "tcPrChange";
  }

  void begin_look(std::string_view name, const Attribute& attribute) {
    const std::string value = attribute(name == "shd" ? "fill" : "val");
    const bool ground = name == "highlight" ? value != "white" : name == "shd" && value != "auto" && value != "FFFFFF" && !value.empty();
    if (!in_run_properties_) {
      paragraph_shaded_ = paragraph_shaded_ || ground;
      return;
    }
    constexpr int kTiny_halfpoints = 4;
    int size = kTiny_halfpoints + 1;
    if (name == "sz") std::from_chars(value.data(), value.data() + value.size(), size);
    run_hidden_ = run_hidden_ || size <= kTiny_halfpoints;
    run_white_ = run_white_ || (name == "color" && value == "FFFFFF");
    run_shaded_ = run_shaded_ || ground;
  }

  void begin_in_paragraph(std::string_view name, const Attribute& attribute) {
    OpenParagraph& paragraph = paragraphs_.back();
    if (name == "pStyle") {
      paragraph.style = attribute("val");
    } else if (name == "outlineLvl") {
      paragraph.outline_level = small_number(attribute("val")) + 1;
    } else if (name == "numId") {
      paragraph.numbering.number_id = attribute("val");
    } else if (name == "ilvl") {
      paragraph.numbering.level = small_number(attribute("val"));
    } else if (name == "tab" && !in_tabs_definition(attribute)) {
      paragraph.text += tables_.empty() ? "　" : " ";  // Tabs separate cells, so 「第１条(tab)…」 gets a space.
    } else if (name == "br" || name == "cr") {
      if (attribute("type") == "page") {
        break_page();
      } else {
        paragraph.text += tables_.empty() ? "\n" : " ";
      }
    } else if (name == "noBreakHyphen") {
      paragraph.text += '-';
    } else if (name == "lastRenderedPageBreak" || name == "pageBreakBefore") {
      break_page();
    }
  }

  /// w:tab stands in runs (a tab) and in w:tabs of the properties (a tab stop, which has a position).
  static bool in_tabs_definition(const Attribute& attribute) { return !attribute("pos").empty() || attribute("val") == "clear"; }

  static int small_number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return std::clamp(value, 0, 8);
  }

  /// A paragraph belongs to the page on which it begins. Word marks a break twice (where it was asked for and where it was
  /// last drawn); two without text between them are one.
  void break_page() {
    if (!tables_.empty() || !boxes_.empty()) return;
    const bool within = !paragraphs_.empty() && !without_outer_space(paragraphs_.back().text).empty();
    if (!within) {
      flush_page(1);
    } else if (paragraphs_.back().text.size() != broken_at_) {
      broken_at_ = paragraphs_.back().text.size();
      ++breaks_;
    }
  }

  void flush_page(int breaks) {
    if (lines_.empty()) return;
    more_ = output_.page(page_, lines_) && more_;
    lines_.clear();
    turned_ = breaks;
  }

  void begin_table_part(std::string_view name, const Attribute& attribute) {
    if (name == "tbl") tables_.emplace_back();
    if (tables_.empty()) return;
    OpenTable& table = tables_.back();
    if (name == "tr") {
      table.row.clear();
      table.column = 0;
    } else if (name == "tc") {
      table.cell.clear();
      table.span = 1;
      table.continues = table.begins_merge = false;
    } else if (name == "gridSpan") {
      table.span = static_cast<std::size_t>(std::max(1, small_number(attribute("val"))));
    } else if (name == "vMerge") {
      table.begins_merge = attribute("val") == "restart";
      table.continues = !table.begins_merge;
    }
  }

  void end_cell() {
    if (tables_.empty()) return;
    OpenTable& table = tables_.back();
    if (table.continues) {
      table.cell = table.above[table.column];
    } else if (table.begins_merge) {
      table.above[table.column] = table.cell;
    } else {
      table.above.erase(table.column);
    }
    table.column += table.span;
    if (table.row.size() < limits::kTableCells) table.row.push_back(std::exchange(table.cell, {}));
  }

  void end_row() {
    if (tables_.empty()) return;
    std::string text;
    bool any = false;
    for (std::size_t i = 0; i < tables_.back().row.size(); ++i) {
      if (i > 0) text += '\t';
      text += tables_.back().row[i];
      any = any || !tables_.back().row[i].empty();
    }
    tables_.back().row.clear();
    if (!any) return;
    if (tables_.size() > 1 && boxes_.empty()) {
      std::replace(text.begin(), text.end(), '\t', ' ');
      append_joined(tables_[tables_.size() - 2].cell, text);
    } else {
      add_line({.text = std::move(text), .level = 0});
    }
  }

  void end_paragraph() {
    if (paragraphs_.empty()) return;
    OpenParagraph paragraph = std::move(paragraphs_.back());
    paragraphs_.pop_back();
    Line line{.text = labelled(paragraph), .level = level_of(paragraph)};
    const bool in_cell = !tables_.empty() && (boxes_.empty() || tables_.size() > boxes_.back());
    if (without_outer_space(line.text).empty()) {
      // Nothing to tell.
    } else if (in_cell) {
      append_joined(tables_.back().cell, without_outer_space(line.text));
    } else {
      add_line(std::move(line));
    }
    for (Line& box : paragraph.boxes) add_line(std::move(box));
    if (paragraphs_.empty()) {
      broken_at_ = 0;
      if (const int breaks = std::exchange(breaks_, 0); breaks > 0) flush_page(breaks);
    }
  }

  void add_line(Line line) {
    if (!boxes_.empty() && !paragraphs_.empty()) {
      paragraphs_.back().boxes.push_back(std::move(line));  // After the paragraph that holds the box.
      return;
    }
    page_ += std::exchange(turned_, 0);
    if (title_.empty() && line.level == 1) title_ = line.text;
    lines_.push_back(std::move(line));
  }

  std::string labelled(OpenParagraph& paragraph) {
    NumberingPlace place = paragraph.numbering;
    if (place.number_id.empty()) {
      const int level = place.level;
      place = styles_.numbering(paragraph.style);
      if (level > 0) place.level = level;
    }
    if (without_outer_space(paragraph.text).empty()) return {};
    std::string label = numbering_.next(place);
    if (label.empty()) return std::move(paragraph.text);
    return label == "・" ? label + paragraph.text : label + "　" + paragraph.text;
  }

  [[nodiscard]] int level_of(const OpenParagraph& paragraph) const {
    if (paragraph.outline_level >= 1 && paragraph.outline_level <= 8) return paragraph.outline_level;
    return styles_.heading_level(paragraph.style);
  }

  const DocxStyles& styles_;
  DocxNumbering& numbering_;
  ExtractOutput& output_;
  std::vector<OpenParagraph> paragraphs_;
  std::vector<OpenTable> tables_;
  std::vector<std::size_t> boxes_;  ///< Of each open text box, how many tables are open around it.
  std::vector<Line> lines_;
  std::string title_;
  Findings findings_;
  std::int64_t page_;
  int turned_ = 0;              ///< Pages to turn before the next line.
  int breaks_ = 0;              ///< Of pages, within the paragraph that is open.
  std::size_t broken_at_ = 0;   ///< Where in its text the last one was.
  bool in_text_ = false;
  bool in_run_properties_ = false;
  bool run_hidden_ = false;
  bool run_white_ = false;
  bool run_shaded_ = false;
  bool paragraph_shaded_ = false;
  bool coloured_paper_ = false;
  bool more_ = true;
};

std::string main_part(const ZipArchive& archive) {
  if (archive.has("word/document.xml")) return "word/document.xml";
  for (const std::string& name : archive.names()) {  // Some writers number it: word/document2.xml.
    if (name.starts_with("word/document") && name.ends_with(".xml")) return name;
  }
  return {};
}

}  // namespace

Outcome read_docx(std::string_view bytes, const Request& request, ExtractOutput& output) {
  static_cast<void>(request);
  auto archive = ZipArchive::open(bytes);
  if (!archive) return tl::unexpected(archive.error());
  const std::string part = main_part(*archive);
  if (part.empty()) return cannot_read("damaged", "no main part");
  const auto styles = DocxStyles::read(*archive);
  if (!styles) return tl::unexpected(styles.error());
  auto numbering = DocxNumbering::read(*archive);
  if (!numbering) return tl::unexpected(numbering.error());

  BodyEvents events(*styles, *numbering, output, 1);
  const auto whole = read_xml(*archive, part, events);
  if (!whole) return tl::unexpected(whole.error());
  const std::int64_t pages = events.finish();
  if (!*whole) output.note(0, "damaged", "the document breaks off");
  // Footnotes and endnotes follow as lines of the last page.
  for (const std::string notes : {"word/footnotes.xml", "word/endnotes.xml"}) {
    if (!archive->has(notes)) continue;
    BodyEvents note_events(*styles, *numbering, output, pages);
    if (const auto read = read_xml(*archive, notes, note_events); !read && read.error().code == "bomb") return tl::unexpected(read.error());
    static_cast<void>(note_events.finish());
  }
  if (events.findings().changes) output.note(0, "changes_accepted");
  if (events.findings().comments || archive->has("word/comments.xml")) output.note(0, "comments_ignored");
  if (events.findings().hidden) output.note(0, "hidden_text", "text that Word does not show");
  if (archive->has("word/vbaProject.bin")) output.note(0, "macros_ignored");
  if (output.characters() == 0) output.note(0, "empty_page", "no text");
  return End{.kind = "docx", .encoding = "", .title = std::string(text::first_characters(events.title(), 200)), .pages = pages};
}

}  // namespace sekisho::worker
