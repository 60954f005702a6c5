#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text/utf8.h"
#include "worker/extract_grid.h"
#include "worker/extract_ooxml.h"
#include "worker/extract_readers.h"
#include "worker/extract_xlsx_parts.h"

namespace sekisho::worker {
namespace {

constexpr double kNarrow_characters = 4.0;

struct Workbook {
  XlsxWorkbook book;
  std::vector<XlsxStyle> styles;
  std::vector<std::string> strings;
};

/// One worksheet, cell by cell.
class SheetEvents final : public XmlEvents {
 public:
  explicit SheetEvents(const Workbook& workbook) : workbook_(workbook) {}

  bool begin(std::string_view name, const Attribute& attribute) override {
    if (name == "c") {
      begin_cell(attribute);
    } else if (name == "row") {
      const std::int64_t number = number_or(attribute("r"), 0);
      row_ = number > 0 ? number - 1 : row_ + 1;
      column_ = -1;
      if (is_true(attribute("hidden"))) grid.hide_row(row_);
    } else if (name == "rPh") {
      return false;
    } else if (name == "v" || name == "t") {
      in_value_ = in_cell_;
    } else if (name == "col") {
      begin_columns(attribute);
    } else if (name == "sheetFormatPr") {
      const double width = std::strtod(attribute("defaultColWidth").c_str(), nullptr);
      default_narrow_ = width > 0 && width <= kNarrow_characters;
    } else if (name == "mergeCell") {
      GridRange range;
      if (range_of(attribute("ref"), range)) grid.merge(range);
    } else if (name == "autoFilter") {
      GridRange range;
      if (range_of(attribute("ref"), range)) grid.header_row(range.first_row);
    }
    return true;
  }

  void end(std::string_view name) override {
    if (name == "v" || name == "t") in_value_ = false;
    if (name == "c") end_cell();
    if (name == "cols") narrow_rest();
    if (name == "sheetData" && !columns_told_) narrow_rest();
  }

  void text(std::string_view text) override {
    if (in_value_) value_ += text;
  }
  bool wants_more() override { return !grid.is_full(); }

  static bool range_of(const std::string& text, GridRange& range) {
    const std::size_t colon = text.find(':');
    if (!cell_place(text.substr(0, colon), range.first_row, range.first_column)) return false;
    if (colon != std::string::npos) return cell_place(text.substr(colon + 1), range.last_row, range.last_column);
    range.last_row = range.first_row;
    range.last_column = range.first_column;
    return true;
  }

  Grid grid;
  bool hides_text = false;  ///< White letters, or a format that shows nothing.

 private:
  void begin_columns(const Attribute& attribute) {
    constexpr std::int64_t kColumns = 16'384;
    const std::int64_t first = std::clamp<std::int64_t>(number_or(attribute("min"), 1), 1, kColumns) - 1;
    const std::int64_t last = std::clamp<std::int64_t>(number_or(attribute("max"), 1), 1, kColumns) - 1;
    const std::string width = attribute("width");
    if (is_true(attribute("hidden"))) {
      grid.hide_columns(first, last);
    } else if (width.empty() ? default_narrow_ : std::strtod(width.c_str(), nullptr) <= kNarrow_characters) {
      grid.narrow_columns(first, last);
    }
    if (default_narrow_ && first > next_column_) grid.narrow_columns(next_column_, first - 1);
    next_column_ = std::max(next_column_, last + 1);
  }
  /// Columns that no element tells of have the usual width.
  void narrow_rest() {
    columns_told_ = true;
    if (default_narrow_) grid.narrow_columns(next_column_, INT64_MAX);
  }

  void begin_cell(const Attribute& attribute) {
    in_cell_ = true;
    value_.clear();
    type_ = attribute("t");
    style_ = static_cast<std::size_t>(std::max<std::int64_t>(0, number_or(attribute("s"), 0)));
    std::int64_t row = row_;
    if (std::int64_t column = 0; cell_place(attribute("r"), row, column)) {
      column_ = column;
    } else {
      ++column_;
    }
  }

  void end_cell() {
    in_cell_ = false;
    if (value_.empty()) return;
    static const XlsxStyle kPlain;
    const XlsxStyle& style = style_ < workbook_.styles.size() ? workbook_.styles[style_] : kPlain;
    std::string text = shown(style);
    if (style.white || (text.empty() && !value_.empty() && style.format.find(";;") != std::string::npos)) {
      hides_text = true;
      return;
    }
    grid.put(row_, column_, std::move(text), style.strong);
  }

  [[nodiscard]] std::string shown(const XlsxStyle& style) const {
    if (type_ == "s") {
      const auto index = static_cast<std::size_t>(number_or(value_, -1));
      return index < workbook_.strings.size() ? shown_text(workbook_.strings[index], style.format) : std::string();
    }
    if (type_ == "inlineStr" || type_ == "str") return shown_text(value_, style.format);
    if (type_ == "b") return value_ == "1" ? "TRUE" : "FALSE";
    if (type_ == "e") return value_;
    if (type_ == "d") return value_;
    char* end = nullptr;
    const double number = std::strtod(value_.c_str(), &end);
    return end == value_.c_str() ? value_ : shown_number(number, style.format, workbook_.book.dates);
  }

  const Workbook& workbook_;
  std::int64_t row_ = -1;
  std::int64_t column_ = -1;
  std::int64_t next_column_ = 0;
  std::size_t style_ = 0;
  std::string type_;
  std::string value_;
  bool in_cell_ = false;
  bool in_value_ = false;
  bool default_narrow_ = false;
  bool columns_told_ = false;
};

std::string main_part(const ZipArchive& archive) {
  if (archive.has("xl/workbook.xml")) return "xl/workbook.xml";
  for (const std::string& name : archive.names()) {
    if (name.starts_with("xl/workbook") && name.ends_with(".xml")) return name;
  }
  return {};
}

const Relation* find_type(const std::map<std::string, Relation>& relations, std::string_view type) {
  for (const auto& [id, relation] : relations) {
    if (relation.type == type) return &relation;
  }
  return nullptr;
}

std::string target_of(const std::map<std::string, Relation>& relations, std::string_view type, std::string_view usual) {
  const Relation* relation = find_type(relations, type);
  return relation == nullptr ? std::string(usual) : relation->target;
}

/// Rows that tables of the sheet call their headers.
class TableEvents final : public XmlEvents {
 public:
  explicit TableEvents(Grid& grid) : grid_(grid) {}
  bool begin(std::string_view name, const Attribute& attribute) override {
    GridRange range;
    if (name == "table" && attribute("headerRowCount") != "0" && SheetEvents::range_of(attribute("ref"), range)) grid_.header_row(range.first_row);
    return true;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

 private:
  Grid& grid_;
};

/// Reads sheets one after the other; each is a page.
class XlsxReader {
 public:
  XlsxReader(ZipArchive& archive, const Workbook& workbook, ExtractOutput& output) : archive_(archive), workbook_(workbook), output_(output) {}

  /// False: stop.
  tl::expected<bool, Note> sheet(std::int64_t number, const XlsxSheet& sheet, const std::string& part) {
    SheetEvents events(workbook_);
    const auto whole = read_xml(archive_, part, events);
    if (!whole && whole.error().code == "bomb") return tl::unexpected(whole.error());
    if (!whole || !*whole) output_.note(number, "damaged", fmt::format("sheet {} breaks off", sheet.name));
    if (events.grid.is_full()) output_.note(number, "truncated", fmt::format("more than {} cells", Grid::kCells));
    std::vector<std::string> drawn;
    for (const auto& [id, relation] : relations_of(archive_, part)) {
      if (relation.type == "drawing") drawn = drawn_paragraphs(archive_, relation.target);
      if (relation.type == "comments") output_.note(number, "comments_ignored");
      if (relation.type == "table") {
        TableEvents table(events.grid);
        if (archive_.has(relation.target)) static_cast<void>(read_xml(archive_, relation.target, table));
      }
    }
    std::vector<Line> lines = events.grid.lines();
    for (std::string& paragraph : drawn) lines.push_back({.text = std::move(paragraph), .level = 0});
    if (events.grid.rows_hidden() > 0) output_.note(number, "hidden_rows", fmt::format("{}", events.grid.rows_hidden()));
    if (events.grid.columns_hidden() > 0) output_.note(number, "hidden_columns", fmt::format("{}", events.grid.columns_hidden()));
    if (events.hides_text) output_.note(number, "hidden_text", "white letters or a format that shows nothing");
    return output_.page(number, lines, fmt::format("シート「{}」", sheet.name));
  }

 private:
  ZipArchive& archive_;
  const Workbook& workbook_;
  ExtractOutput& output_;
};

}  // namespace

Outcome read_xlsx(std::string_view bytes, const Request& request, ExtractOutput& output) {
  static_cast<void>(request);
  auto archive = ZipArchive::open(bytes);
  if (!archive) return tl::unexpected(archive.error());
  const std::string part = main_part(*archive);
  if (part.empty()) return cannot_read("damaged", "no workbook");
  auto book = XlsxWorkbook::read(*archive, part);
  if (!book) return tl::unexpected(book.error());
  const std::map<std::string, Relation> relations = relations_of(*archive, part);
  auto strings = xlsx_strings(*archive, target_of(relations, "sharedStrings", "xl/sharedStrings.xml"));
  if (!strings) return tl::unexpected(strings.error());
  const Workbook workbook{std::move(*book), xlsx_styles(*archive, target_of(relations, "styles", "xl/styles.xml")), std::move(*strings)};

  XlsxReader reader(*archive, workbook, output);
  std::int64_t number = 0;
  std::string hidden;
  bool more = true;
  for (const XlsxSheet& sheet : workbook.book.sheets) {
    const auto relation = relations.find(sheet.relation);
    if (relation == relations.end() || relation->second.type != "worksheet") continue;  // A chart or a macro sheet.
    if (sheet.hidden) {
      hidden += (hidden.empty() ? "" : "、") + sheet.name;
      continue;
    }
    if (!more) break;
    auto told = reader.sheet(++number, sheet, relation->second.target);
    if (!told) return tl::unexpected(told.error());
    more = *told;
  }
  if (!hidden.empty()) output.note(0, "hidden_sheets", hidden);
  if (archive->has("xl/vbaProject.bin")) output.note(0, "macros_ignored");
  if (output.characters() == 0) output.note(0, "empty_page", "no cell has text");
  return End{.kind = "xlsx", .encoding = "", .title = "", .pages = number};
}

}  // namespace sekisho::worker
