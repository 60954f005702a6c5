#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/limits.h"
#include "text/utf8.h"
#include "worker/extract_grid.h"
#include "worker/extract_lines.h"
#include "worker/extract_odf_styles.h"
#include "worker/extract_ooxml.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kRepeats = 1'000;  ///< Of a filled cell or row.
constexpr std::int64_t kColumns = 16'384;
constexpr std::int64_t kRows = 10'000'000;

/// A table that is being read.
struct OpenTable {
  Grid grid;
  std::string name;
  std::string cell;
  std::int64_t row = -1;
  std::int64_t column = 0;       ///< Of the next cell.
  std::int64_t columns_told = 0;
  std::int64_t row_repeats = 1;
  std::int64_t cell_repeats = 1;
  std::int64_t columns_spanned = 1;
  std::int64_t rows_spanned = 1;
  bool strong = false;
};

/// content.xml of a text, a spreadsheet or a presentation.
class OdfEvents final : public XmlEvents {
 public:
  OdfEvents(DocumentKind kind, const OdfStyles& styles, ExtractOutput& output) : kind_(kind), styles_(styles), output_(output) {}

  bool begin(std::string_view name, const Attribute& attribute) override {
    if (is_left_out(name)) return false;
    if (name == "h" || name == "p") {
      begin_paragraph(name, attribute);
    } else if (name == "span") {
      hidden_spans_.push_back(styles_.hides(attribute("style-name")));
    } else if (name == "s") {
      const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(number_or(attribute("c"), 1), 1, 100));
      paragraph_.append(count, ' ');
    } else if (name == "tab" || name == "line-break") {
      paragraph_ += !tables_.empty() ? ' ' : name == "tab" ? '\t' : '\n';
    } else if (name == "page") {
      return begin_slide(attribute);
    } else if (name == "notes") {
      begin_notes();
    } else if (name == "soft-page-break" && kind_ == DocumentKind::kOdt && tables_.empty()) {
      turn_page();
    } else if (name == "table") {
      return begin_table(attribute);
    } else if (!tables_.empty()) {
      begin_table_part(name, attribute);
    }
    return true;
  }

  void end(std::string_view name) override {
    if (name == "h" || name == "p") {
      end_paragraph();
    } else if (name == "span" && !hidden_spans_.empty()) {
      hidden_spans_.pop_back();
    } else if (name == "page") {
      send(fmt::format("スライド{}", page_));
    } else if ((name == "table-cell" || name == "covered-table-cell") && !tables_.empty()) {
      end_cell(name);
    } else if (name == "table-row" && !tables_.empty()) {
      OpenTable& table = tables_.back();
      table.row += table.row_repeats - 1;
    } else if (name == "table" && !tables_.empty()) {
      end_table();
    }
  }

  void text(std::string_view text) override {
    if (depth_ == 0) return;
    if (std::find(hidden_spans_.begin(), hidden_spans_.end(), true) != hidden_spans_.end()) {
      hides_text_ = true;
      return;
    }
    paragraph_ += text;
  }
  bool wants_more() override { return more_; }

  std::int64_t finish() {
    while (!tables_.empty()) end_table();
    if (kind_ == DocumentKind::kOdt || !lines_.empty()) send("");
    if (!hidden_sheets_.empty()) output_.note(0, "hidden_sheets", hidden_sheets_);
    if (hides_text_) output_.note(0, "hidden_text", "text that is not shown");
    if (changes_) output_.note(0, "changes_accepted");
    if (comments_) output_.note(0, "comments_ignored");
    if (output_.characters() == 0) output_.note(0, "empty_page", "no text");
    return std::max<std::int64_t>(page_, 1);
  }
  [[nodiscard]] const std::string& title() const { return title_; }

 private:
  bool is_left_out(std::string_view name) {
    if (name == "annotation") comments_ = true;
    if (name == "tracked-changes") changes_ = true;
    if (name == "hidden-text" || name == "hidden-paragraph") hides_text_ = true;
    return name == "annotation" || name == "annotation-end" || name == "tracked-changes" || name == "ruby-text" || name == "hidden-text" || name == "hidden-paragraph" || name == "note-citation" ||
           name == "sequence-decls" || name == "forms" || name == "automatic-styles" || name == "table-of-content-source" || name == "master-styles" || name == "page-number" || name == "script";
  }

  void begin_paragraph(std::string_view name, const Attribute& attribute) {
    if (++depth_ > 1) end_text();  // A text box or a footnote within a paragraph.
    if (name == "h") level_ = static_cast<int>(std::clamp<std::int64_t>(number_or(attribute("outline-level"), 1), 1, 9));
    hidden_spans_.push_back(styles_.hides(attribute("style-name")));
  }
  void end_paragraph() {
    if (depth_ > 0) --depth_;
    if (!hidden_spans_.empty()) hidden_spans_.pop_back();
    end_text();
    level_ = 0;
  }
  void end_text() {
    std::string text = std::exchange(paragraph_, {});
    if (without_outer_space(text).empty()) return;
    if (!tables_.empty()) {
      append_joined(tables_.back().cell, without_outer_space(text));
      return;
    }
    const int level = level_ > 0 ? level_ : std::exchange(slide_title_, false) ? 1 : 0;
    if (title_.empty() && level == 1) title_ = text;
    if (std::exchange(notes_begin_, false)) lines_.push_back({.text = "ノート", .level = 2});
    lines_.push_back({.text = std::move(text), .level = level});
  }

  void turn_page() {
    if (depth_ > 0) return;
    send("");
  }
  void send(std::string_view label) {
    if (kind_ == DocumentKind::kOdt) ++page_;
    more_ = output_.page(page_, lines_, label) && more_;
    lines_.clear();
  }

  bool begin_slide(const Attribute& attribute) {
    ++page_;
    notes_begin_ = false;
    if (!styles_.is_shown(attribute("style-name"))) {
      output_.note(page_, "hidden_slides");
      return false;
    }
    slide_title_ = true;
    return true;
  }
  void begin_notes() {
    slide_title_ = false;
    notes_begin_ = true;
  }

  bool begin_table(const Attribute& attribute) {
    if (kind_ == DocumentKind::kOds && tables_.empty() && !styles_.is_shown(attribute("style-name"))) {
      hidden_sheets_ += (hidden_sheets_.empty() ? "" : "、") + attribute("name");
      return false;
    }
    constexpr std::size_t kNested = 16;
    if (tables_.size() >= kNested) return false;
    tables_.emplace_back();
    tables_.back().name = attribute("name");
    return true;
  }

  void begin_table_part(std::string_view name, const Attribute& attribute) {
    OpenTable& table = tables_.back();
    if (name == "table-column") {
      const std::int64_t count = std::clamp<std::int64_t>(number_or(attribute("number-columns-repeated"), 1), 1, kColumns);
      const std::string visibility = attribute("visibility");
      if (visibility == "collapse" || visibility == "filter") {
        table.grid.hide_columns(table.columns_told, table.columns_told + count - 1);
      } else if (styles_.is_narrow(attribute("style-name"))) {
        table.grid.narrow_columns(table.columns_told, table.columns_told + count - 1);
      }
      table.columns_told = std::min(table.columns_told + count, kColumns);
    } else if (name == "table-row") {
      ++table.row;
      table.column = 0;
      table.row_repeats = std::clamp<std::int64_t>(number_or(attribute("number-rows-repeated"), 1), 1, kRows);
      const std::string visibility = attribute("visibility");
      if (visibility == "collapse" || visibility == "filter") {
        for (std::int64_t i = 0; i < std::min<std::int64_t>(table.row_repeats, kRepeats); ++i) table.grid.hide_row(table.row + i);
      }
    } else if (name == "table-cell" || name == "covered-table-cell") {
      table.cell.clear();
      table.cell_repeats = std::clamp<std::int64_t>(number_or(attribute("number-columns-repeated"), 1), 1, kColumns);
      table.columns_spanned = std::clamp<std::int64_t>(number_or(attribute("number-columns-spanned"), 1), 1, kColumns);
      table.rows_spanned = std::clamp<std::int64_t>(number_or(attribute("number-rows-spanned"), 1), 1, kRows);
      table.strong = styles_.is_strong(attribute("style-name"));
    }
  }

  void end_cell(std::string_view name) {
    OpenTable& table = tables_.back();
    const std::int64_t at = table.column;
    table.column = std::min(table.column + table.cell_repeats, kColumns);
    const std::string text = std::exchange(table.cell, {});
    if (text.empty() || name == "covered-table-cell") return;
    const auto rows = std::min<std::int64_t>(table.row_repeats, kRepeats);
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t i = 0; i < std::min<std::int64_t>(table.cell_repeats, kRepeats) && !table.grid.is_full(); ++i) {
        table.grid.put(table.row + row, at + i, text, table.strong);
      }
    }
    if (table.columns_spanned > 1 || table.rows_spanned > 1) {
      table.grid.merge({table.row, at, table.row + table.rows_spanned - 1, at + table.columns_spanned - 1});
    }
  }

  void end_table() {
    OpenTable table = std::move(tables_.back());
    tables_.pop_back();
    std::vector<Line> lines = table.grid.lines();
    if (kind_ == DocumentKind::kOds && tables_.empty()) {
      ++page_;
      if (table.grid.rows_hidden() > 0) output_.note(page_, "hidden_rows", fmt::format("{}", table.grid.rows_hidden()));
      if (table.grid.columns_hidden() > 0) output_.note(page_, "hidden_columns", fmt::format("{}", table.grid.columns_hidden()));
      more_ = output_.page(page_, lines, fmt::format("シート「{}」", table.name)) && more_;
      return;
    }
    for (Line& line : lines) {
      if (tables_.empty()) {
        lines_.push_back({.text = std::move(line.text), .level = 0});
      } else {
        std::replace(line.text.begin(), line.text.end(), '\t', ' ');
        append_joined(tables_.back().cell, line.text);
      }
    }
  }

  const DocumentKind kind_;
  const OdfStyles& styles_;
  ExtractOutput& output_;
  std::vector<OpenTable> tables_;
  std::vector<Line> lines_;
  std::vector<bool> hidden_spans_;
  std::string paragraph_;
  std::string title_;
  std::string hidden_sheets_;
  std::int64_t page_ = 0;
  int level_ = 0;
  int depth_ = 0;  ///< Of open paragraphs.
  bool slide_title_ = false;
  bool notes_begin_ = false;  ///< The next line is the first of the speaker's notes.
  bool hides_text_ = false;
  bool changes_ = false;
  bool comments_ = false;
  bool more_ = true;
};

std::string kind_name(DocumentKind kind) { return kind == DocumentKind::kOdt ? "odt" : kind == DocumentKind::kOds ? "ods" : "odp"; }

}  // namespace

Outcome read_odf(std::string_view bytes, DocumentKind kind, const Request& request, ExtractOutput& output) {
  static_cast<void>(request);
  auto archive = ZipArchive::open(bytes);
  if (!archive) return tl::unexpected(archive.error());
  if (odf_is_encrypted(*archive)) return cannot_read("encrypted", "an OpenDocument with a password");
  if (!archive->has("content.xml")) return cannot_read("damaged", "no content");
  const OdfStyles styles = OdfStyles::read(*archive);
  OdfEvents events(kind, styles, output);
  const auto whole = read_xml(*archive, "content.xml", events);
  if (!whole) return tl::unexpected(whole.error());
  if (!*whole) output.note(0, "damaged", "the document breaks off");
  const std::int64_t pages = events.finish();
  const std::vector<std::string> names = archive->names();
  if (std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.starts_with("Basic/") && name.ends_with(".xml"); })) output.note(0, "macros_ignored");
  return End{.kind = kind_name(kind), .encoding = "", .title = std::string(text::first_characters(events.title(), 200)), .pages = pages};
}

}  // namespace sekisho::worker
