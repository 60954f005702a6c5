#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "text/encoding.h"
#include "text/utf8.h"
#include "worker/extract_decode.h"
#include "worker/extract_lines.h"
#include "worker/extract_readers.h"
#include "worker/extract_xml.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kLinesAtOnce = 2'000;

/// Lines on their way to the output, a page in all.
class Lines {
 public:
  explicit Lines(ExtractOutput& output) : output_(output) {}
  void add(std::string text, int level = 0) {
    if (without_outer_space(text).empty()) return;
    lines_.push_back({.text = std::move(text), .level = level});
    if (lines_.size() >= kLinesAtOnce) send();
  }
  void send() {
    more_ = more_ && output_.page(1, lines_);
    lines_.clear();
  }
  [[nodiscard]] bool wants_more() const { return more_; }

 private:
  ExtractOutput& output_;
  std::vector<Line> lines_;
  bool more_ = true;
};

bool is_subitem(std::string_view name, std::string_view end) { return name.starts_with("Subitem") && name.ends_with(end); }

/// A label in front of a line: 第一条, ２, 一, イ.
bool is_label(std::string_view name) {
  return name == "ArticleTitle" || name == "ParagraphNum" || name == "ItemTitle" || is_subitem(name, "Title");
}

/// What stands on a line of its own.
bool is_line(std::string_view name) {
  static const std::set<std::string_view> kLines{"LawTitle", "LawNum", "EnactStatement", "PartTitle", "ChapterTitle", "SectionTitle", "SubsectionTitle", "DivisionTitle", "ArticleCaption",
                                                 "ParagraphCaption", "SupplNote", "ArticleRange", "RemarksLabel", "NoteLabel", "TableStructTitle", "FigStructTitle", "StyleStructTitle"};
  return kLines.contains(name);
}

/// What begins a line and may hold more of it than its title.
bool is_block(std::string_view name) {
  static const std::set<std::string_view> kBlocks{"Article", "Paragraph", "Item", "SupplProvision", "AppdxTable", "AppdxNote", "AppdxStyle", "Appdx", "AppdxFig", "AppdxFormat", "List", "Sublist1", "Sublist2",
                                                  "Sublist3", "TableStruct", "Remarks", "Preamble", "AmendProvision", "SupplProvisionAppdxTable", "SupplProvisionAppdxStyle", "NoteStruct", "StyleStruct", "Class"};
  return kBlocks.contains(name) || (name.starts_with("Subitem") && name.size() <= 9);
}

/// e-Gov's XMLSchemaForJapaneseLaw 3: each article, paragraph and item becomes a line that begins with its number, as it is printed.
class LawEvents final : public XmlEvents {
 public:
  explicit LawEvents(Lines& lines) : lines_(lines) {}

  bool begin(std::string_view name, const Attribute& attribute) override {
    if (name == "TOC" || name == "Rt" || name == "Fig" || name == "TableOfContents") return false;
    if (name == "Law") in_law_ = true;
    if (!in_law_) return true;
    // The first paragraph of an article stands on the article's line.
    if (is_line(name) || (is_block(name) && !(name == "Paragraph" && only_label_))) flush();
    if (name == "TableRow" || name == "TableHeaderRow") {
      flush();
      cells_ = 0;
    }
    if ((name == "TableColumn" || name == "TableHeaderColumn") && cells_++ > 0) line_ += '\t';
    if (name == "TableColumn" || name == "TableHeaderColumn") ++in_cell_;
    if (name == "Column" && !line_.empty() && !line_.ends_with("　") && in_cell_ == 0) line_ += "　";
    if (name == "SupplProvision") amending_ = attribute("AmendLawNum");
    return true;
  }

  void end(std::string_view name) override {
    if (!in_law_) return;
    if (name == "Law") {
      flush();
      in_law_ = false;
    } else if (is_label(name)) {
      if (!without_outer_space(line_).empty() && !line_.ends_with("　")) line_ += "　";
      only_label_ = name == "ArticleTitle";
    } else if (name == "LawNum") {
      number_ = std::exchange(line_, {});  // Stands below the title.
    } else if (name == "LawTitle") {
      title = line_;
      flush(1);
      line_ = std::exchange(number_, {});
      flush();
    } else if (name == "SupplProvLabel") {
      if (!amending_.empty()) line_ += "（" + std::exchange(amending_, {}) + "）";
      flush();
    } else if (name == "TableColumn" || name == "TableHeaderColumn") {
      if (in_cell_ > 0) --in_cell_;
    } else if (is_line(name) || name == "TableRow" || name == "TableHeaderRow" || (is_block(name) && !(name == "Paragraph" && in_cell_ > 0))) {
      flush();
    }
  }

  void text(std::string_view text) override {
    if (!in_law_) return;
    const std::string_view inner = without_outer_space(text);
    if (inner.empty()) return;
    only_label_ = false;
    line_ += inner;
  }
  bool wants_more() override { return lines_.wants_more(); }

  std::string title;

 private:
  void flush(int level = 0) {
    if (in_cell_ > 0) return;
    lines_.add(std::exchange(line_, {}), level);
    only_label_ = false;
  }

  Lines& lines_;
  std::string line_;
  std::string amending_;
  std::string number_;
  std::size_t cells_ = 0;
  std::size_t in_cell_ = 0;
  bool in_law_ = false;
  bool only_label_ = false;  ///< The line holds nothing but 第一条.
};

/// Any other XML: what its innermost elements say, with their names.
class PlainEvents final : public XmlEvents {
 public:
  explicit PlainEvents(Lines& lines) : lines_(lines) {}
  bool begin(std::string_view name, const Attribute&) override {
    flush();
    name_ = name;
    return true;
  }
  void end(std::string_view) override {
    flush();
    name_.clear();
  }
  void text(std::string_view text) override { text_ += text; }
  bool wants_more() override { return lines_.wants_more(); }

 private:
  void flush() {
    const std::string text = std::exchange(text_, {});
    if (!without_outer_space(text).empty()) lines_.add(name_.empty() ? text : name_ + ": " + std::string(without_outer_space(text)));
  }
  Lines& lines_;
  std::string name_;
  std::string text_;
};

/// <?xml … encoding="Shift_JIS"?>
std::string declared_encoding(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, std::min<std::size_t>(bytes.find("?>"), 200));
  const std::size_t at = head.find("encoding=");
  if (!head.starts_with("<?xml") || at == std::string_view::npos || at + 10 >= head.size()) return {};
  const std::size_t end = head.find(head[at + 9], at + 10);
  return std::string(head.substr(at + 10, end == std::string_view::npos ? 0 : end - at - 10));
}

}  // namespace

Outcome read_xml_document(std::string_view bytes, DocumentKind kind, const Request& request, ExtractOutput& output) {
  const text::Decoded decoded = decode_document(bytes, request, declared_encoding(bytes), output);
  Lines lines(output);
  LawEvents law(lines);
  PlainEvents plain(lines);
  const bool is_law = kind == DocumentKind::kLaw;
  const auto whole = read_xml_text(decoded.text, "the document", is_law ? static_cast<XmlEvents&>(law) : static_cast<XmlEvents&>(plain));
  lines.send();
  if (!whole) return tl::unexpected(whole.error());
  if (!*whole) output.note(0, "damaged", "the document breaks off");
  if (output.characters() == 0) output.note(0, "empty_page", "no text");
  return End{.kind = is_law ? "law" : "xml", .encoding = std::string(name_of(decoded.encoding)), .title = std::string(text::first_characters(law.title, 200)), .pages = 1};
}

}  // namespace sekisho::worker
