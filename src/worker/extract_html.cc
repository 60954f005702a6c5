#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <libxml/HTMLparser.h>

#include "base/limits.h"
#include "text/encoding.h"
#include "text/utf8.h"
#include "worker/extract_decode.h"
#include "worker/extract_lines.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

using Names = std::vector<std::string_view>;

bool is_one_of(std::string_view name, const Names& names) { return std::find(names.begin(), names.end(), name) != names.end(); }

bool is_block(std::string_view name) {
  static const Names kBlocks{"address", "article", "aside", "blockquote", "body", "caption", "center",   "dd",      "details", "div",   "dl", "dt",
                             "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "li", "main",    "ol",      "p",     "pre", "section",
                             "summary", "table",  "tbody", "tfoot", "thead", "tr", "ul", "legend"};
  return is_one_of(name, kBlocks);
}

bool is_left_out(std::string_view name) {
  static const Names kOut{"script", "style", "noscript", "template", "svg", "math", "iframe", "object", "nav", "button", "select", "textarea", "rt", "rp"};
  return is_one_of(name, kOut);
}

/// The level of h1 … h6, 0 for others.
int heading_level(std::string_view name) { return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6' ? name[1] - '0' : 0; }

using Attributes = std::map<std::string_view, std::string_view>;

bool is_hidden(const Attributes& attributes) {
  if (attributes.contains("hidden")) return true;
  const auto style = attributes.find("style");
  if (style == attributes.end()) return false;
  std::string plain;
  for (const char c : style->second) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  constexpr std::array<std::string_view, 11> kHides{"display:none", "visibility:hidden", "font-size:0;", "font-size:0p", "font-size:1px", "font-size:2px", "opacity:0;", "color:transparent", "left:-9999", "top:-9999", "text-indent:-9999"};
  return std::any_of(kHides.begin(), kHides.end(), [&](std::string_view hides) { return (plain + ";").find(hides) != std::string::npos; });
}

std::size_t span_of(const Attributes& attributes, std::string_view name) {
  const auto found = attributes.find(name);
  if (found == attributes.end()) return 1;
  std::size_t span = 0;
  for (const char c : found->second.substr(0, 4)) {
    if (c < '0' || c > '9') break;
    span = span * 10 + static_cast<std::size_t>(c - '0');
  }
  return std::clamp<std::size_t>(span, 1, limits::kTableCells);
}

struct OpenTable {
  std::vector<std::string> row;
  std::map<std::size_t, std::pair<std::size_t, std::string>> below;  ///< By column: rows that a cell still reaches, its text.
  std::size_t rows = 1;
  bool in_cell = false;
  bool is_layout = false;  ///< Holds headings or tables: a frame of the page, not a table of values.
};

/// Follows the parser's events and makes lines of them.
class HtmlReader {
 public:
  explicit HtmlReader(ExtractOutput& output) : output_(output) {}

  void start(std::string_view name, const Attributes& attributes) {
    if (left_out_ > 0) {
      ++left_out_;
      return;
    }
    if (++depth_ > limits::kElementDepth) {
      too_deep_ = true;
      return;
    }
    if (is_left_out(name) || is_hidden(attributes)) {
      left_out_ = 1;
      left_out_hidden_ = !is_left_out(name);
      return;
    }
    const int level = heading_level(name);
    if (level > 0 || is_block(name)) end_line();
    if (level > 0) level_ = level;
    if ((level > 0 || name == "table") && !tables_.empty() && tables_.back().in_cell) frame();
    if (name == "title") in_title_ = true;
    if (name == "pre") ++pre_;
    if (name == "ol" || name == "ul") lists_.push_back(name == "ol" ? 1 : 0);
    if (name == "li") begin_item();
    if (name == "br") in_cell() ? add_space(' ') : end_line();
    if (name == "table") tables_.emplace_back();
    if (!tables_.empty()) begin_table_part(name, attributes);
  }

  void end(std::string_view name) {
    if (left_out_ > 0) {
      if (--left_out_ == 0) --depth_;
      return;
    }
    --depth_;
    if (heading_level(name) > 0 || is_block(name)) end_line();
    level_ = heading_level(name) > 0 ? 0 : level_;
    if (name == "title") in_title_ = false;
    if (name == "pre" && pre_ > 0) --pre_;
    if ((name == "ol" || name == "ul") && !lists_.empty()) lists_.pop_back();
    if (!tables_.empty()) end_table_part(name);
  }

  void characters(std::string_view text) {
    if (left_out_ > 0) {
      hidden_ = hidden_ || (left_out_hidden_ && !without_outer_space(text).empty());
      return;
    }
    std::string& line = in_title_ ? title_ : line_;
    for (std::size_t begin = 0; begin < text.size();) {
      constexpr std::string_view kSpaces = " \t\r\n\f";
      const std::size_t end = std::min(text.find_first_of(kSpaces, begin), text.size());
      if (end > begin) append(line, text.substr(begin, end - begin));
      if (end < text.size()) pre_ > 0 && text[end] == '\n' ? end_line() : add_space(text[end]);
      begin = end + 1;
    }
  }

  void finish() {
    end_line();
    more_ = more_ && output_.page(1, lines_);
    if (hidden_) output_.note(0, "hidden_text", "text that a browser does not show");
    if (too_deep_) output_.note(0, "damaged", "elements nested too deep");
    if (output_.characters() == 0) output_.note(0, "empty_page", "no text");
  }

  [[nodiscard]] bool wants_more() const { return more_ && !too_deep_; }
  [[nodiscard]] const std::string& title() const { return title_; }

 private:
  [[nodiscard]] bool in_cell() const { return !tables_.empty() && tables_.back().in_cell && !tables_.back().is_layout; }

  /// A space counts between words, and between Japanese characters only where it is no mere line end of the source.
  void append(std::string& line, std::string_view text) {
    const char32_t before = last_character(line);
    const bool drops = space_ == '\n' && is_space_needless(before, first_character(text));
    if (std::exchange(space_, '\0') != '\0' && before != 0 && before != '\t' && !drops) line += ' ';
    line += text;
  }
  void add_space(char c) {
    const char kind = c == '\n' || c == '\r' ? '\n' : ' ';
    if (space_ != ' ' || kind == '\n') space_ = space_ == '\n' ? '\n' : kind;
  }

  void begin_item() {
    if (lists_.empty() || lists_.back() == 0) {
      line_ += "・";
    } else {
      line_ += fmt::format("{}. ", lists_.back()++);
    }
  }

  void end_line() {
    space_ = '\0';
    if (in_cell()) {
      if (!line_.empty()) space_ = '\n';
      return;
    }
    if (!without_outer_space(line_).empty() && line_ != "・") {
      lines_.push_back({.text = std::exchange(line_, {}), .level = level_});
      constexpr std::size_t kLinesAtOnce = 2'000;
      if (lines_.size() >= kLinesAtOnce) {
        more_ = more_ && output_.page(1, lines_);
        lines_.clear();
      }
    }
    line_.clear();
  }

  /// The innermost table turns out to frame the page: what its cells held so far become lines.
  void frame() {
    OpenTable& table = tables_.back();
    if (table.is_layout) return;
    table.is_layout = true;
    const std::string rest = std::exchange(line_, {});
    for (std::string& cell : std::exchange(table.row, {})) {
      line_ = std::move(cell);
      end_line();
    }
    line_ = rest;
    end_line();
  }

  void begin_table_part(std::string_view name, const Attributes& attributes) {
    OpenTable& table = tables_.back();
    if (name == "tr") {
      table.row.clear();
    } else if (name == "td" || name == "th") {
      end_line();
      fill_from_above(table);
      table.in_cell = true;
      table.rows = span_of(attributes, "rowspan");
    }
  }

  void end_table_part(std::string_view name) {
    OpenTable& table = tables_.back();
    if ((name == "td" || name == "th") && table.in_cell) {
      if (table.is_layout) end_line();
      table.in_cell = false;
      space_ = '\0';
      const std::string cell(without_outer_space(std::exchange(line_, {})));
      if (table.is_layout) return;
      if (table.rows > 1) table.below[table.row.size()] = {table.rows - 1, cell};
      if (table.row.size() < limits::kTableCells) table.row.push_back(cell);
    } else if (name == "tr" && !table.is_layout) {
      fill_from_above(table);
      end_row(table);
    } else if (name == "table") {
      tables_.pop_back();
    }
  }

  /// Cells that reach down from earlier rows stand in this one too, so that each row says all it means.
  static void fill_from_above(OpenTable& table) {
    for (auto above = table.below.find(table.row.size()); above != table.below.end() && table.row.size() < limits::kTableCells;
         above = table.below.find(table.row.size())) {
      table.row.push_back(above->second.second);
      if (--above->second.first == 0) table.below.erase(above);
    }
  }

  void end_row(OpenTable& table) {
    std::string text;
    for (std::size_t i = 0; i < table.row.size(); ++i) {
      if (i > 0) text += '\t';
      text += table.row[i];
    }
    table.row.clear();
    line_ = std::move(text);
    end_line();
  }

  ExtractOutput& output_;
  std::vector<Line> lines_;
  std::vector<int> lists_;  ///< Of each open list the next number; 0: bullets.
  std::vector<OpenTable> tables_;
  std::string line_;
  std::string title_;
  char space_ = '\0';  ///< Space that waits for the next word: none, ' ' or '\n' (a line end of the source).
  int level_ = 0;
  int pre_ = 0;
  std::size_t depth_ = 0;
  std::size_t left_out_ = 0;  ///< Open elements within one that is left out, itself included.
  bool left_out_hidden_ = false;
  bool in_title_ = false;
  bool hidden_ = false;
  bool too_deep_ = false;
  bool more_ = true;
};

std::string_view view(const xmlChar* text) { return text == nullptr ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(text)); }

void on_start(void* context, const xmlChar* name, const xmlChar** attributes) {
  Attributes found;
  for (const xmlChar** at = attributes; at != nullptr && at[0] != nullptr; at += 2) found.emplace(view(at[0]), view(at[1]));
  static_cast<HtmlReader*>(context)->start(view(name), found);
}
void on_end(void* context, const xmlChar* name) { static_cast<HtmlReader*>(context)->end(view(name)); }
void on_characters(void* context, const xmlChar* text, int length) {
  static_cast<HtmlReader*>(context)->characters({reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)});
}

/// The charset that a page declares in its first 4 KiB; "" where none.
std::string declared_charset(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 4096);
  const std::size_t at = head.find("charset=");
  if (at == std::string_view::npos) return {};
  std::string name;
  for (const char c : head.substr(at + 8)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') {
      name += c;
    } else if (!name.empty() || (c != '"' && c != '\'' && c != ' ')) {
      break;
    }
  }
  return name;
}

struct FreeParser {
  void operator()(htmlParserCtxt* parser) const {
    if (parser->myDoc != nullptr) xmlFreeDoc(parser->myDoc);
    htmlFreeParserCtxt(parser);
  }
};

void parse(std::string_view text, HtmlReader& reader) {
  htmlSAXHandler handler{};
  handler.startElement = on_start;
  handler.endElement = on_end;
  handler.characters = on_characters;
  handler.ignorableWhitespace = on_characters;
  const std::unique_ptr<htmlParserCtxt, FreeParser> parser(htmlCreatePushParserCtxt(&handler, &reader, nullptr, 0, nullptr, XML_CHAR_ENCODING_UTF8));
  if (parser == nullptr) return;
  htmlCtxtUseOptions(parser.get(), HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_RECOVER | HTML_PARSE_IGNORE_ENC);
  constexpr std::size_t kPiece = 64 * limits::kKiB;
  while (!text.empty() && reader.wants_more()) {
    const std::string_view piece = text.substr(0, text.size() > kPiece ? text::character_boundary_before(text, kPiece) : text.size());
    text.remove_prefix(piece.size());
    htmlParseChunk(parser.get(), piece.data(), static_cast<int>(piece.size()), 0);
  }
  htmlParseChunk(parser.get(), nullptr, 0, 1);
}

}  // namespace

Outcome read_html(std::string_view bytes, const Request& request, ExtractOutput& output) {
  text::Decoded decoded = decode_document(bytes, request, declared_charset(bytes), output);
  decoded.text.erase(std::remove(decoded.text.begin(), decoded.text.end(), '\0'), decoded.text.end());
  HtmlReader reader(output);
  parse(decoded.text, reader);
  reader.finish();
  const std::string_view title = text::first_characters(without_outer_space(reader.title()), 200);
  return End{.kind = "html", .encoding = std::string(name_of(decoded.encoding)), .title = std::string(title), .pages = 1};
}

}  // namespace sekisho::worker
