#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/limits.h"
#include "text/utf8.h"
#include "worker/extract_lines.h"
#include "worker/extract_ooxml.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

constexpr std::int64_t kTiny_hundredths = 300;  ///< Of a point: smaller type is not for eyes.

/// What is drawn on a slide: a text box, a table, a group's member.
struct Shape {
  std::vector<Line> lines;
  std::string placeholder;  ///< "title", "body", "sldNum", …
  std::int64_t x = 0;
  std::int64_t y = 0;
  bool has_place = false;
};

struct Size {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

class SlideEvents final : public XmlEvents {
 public:
  bool begin(std::string_view name, const Attribute& attribute) override {
    if (name == "Fallback") return false;
    if (name == "sld") hidden = attribute("show") == "0" || attribute("show") == "false";
    if (name == "grpSp") ++groups_;
    if (name == "sp" || name == "graphicFrame" || name == "cxnSp") shapes.emplace_back();
    if (shapes.empty()) return true;
    Shape& shape = shapes.back();
    if (name == "ph") shape.placeholder = attribute("type").empty() ? "body" : attribute("type");
    if (name == "off" && groups_ == 0 && !shape.has_place) {
      shape.x = number_or(attribute("x"), 0);
      shape.y = number_or(attribute("y"), 0);
      shape.has_place = true;
    }
    begin_text(name, attribute);
    return true;
  }

  void end(std::string_view name) override {
    if (name == "grpSp" && groups_ > 0) --groups_;
    if (name == "t") in_text_ = false;
    if (shapes.empty()) return;
    if (name == "p") end_paragraph();
    if (name == "tc") end_cell();
    if (name == "tbl") above_.clear();
    if (name == "tr") end_row();
  }

  void text(std::string_view text) override {
    if (!in_text_) return;
    if (tiny_) {
      hides_text = true;
      return;
    }
    paragraph_ += text;
  }

  std::vector<Shape> shapes;
  bool hidden = false;
  bool hides_text = false;

 private:
  void begin_text(std::string_view name, const Attribute& attribute) {
    if (name == "tr") {
      row_.clear();
    } else if (name == "tc") {
      in_cell_ = true;
      continues_down_ = is_true(attribute("vMerge"));
      continues_right_ = is_true(attribute("hMerge"));
      cell_.clear();
    } else if (name == "r") {
      tiny_ = false;
    } else if (name == "rPr") {
      const std::int64_t size = number_or(attribute("sz"), kTiny_hundredths);
      tiny_ = size < kTiny_hundredths;
    } else if (name == "t") {
      in_text_ = true;
    } else if (name == "br") {
      paragraph_ += in_cell_ ? " " : "\n";
    }
  }

  void end_paragraph() {
    std::string paragraph = std::exchange(paragraph_, {});
    if (without_outer_space(paragraph).empty()) return;
    if (in_cell_) {
      append_joined(cell_, without_outer_space(paragraph));
      return;
    }
    Shape& shape = shapes.back();
    const bool title = shape.placeholder == "title" || shape.placeholder == "ctrTitle";
    if (title) std::replace(paragraph.begin(), paragraph.end(), '\n', ' ');
    shape.lines.push_back({.text = std::move(paragraph), .level = title ? 1 : 0});
  }

  /// A cell that another one covers from the left says nothing; one covered from above says what that one says.
  void end_cell() {
    in_cell_ = false;
    if (row_.size() >= limits::kTableCells) return;
    if (above_.size() <= row_.size()) above_.emplace_back();
    std::string& above = above_[row_.size()];
    if (!continues_down_) above = continues_right_ ? "" : cell_;
    row_.push_back(above);
    cell_.clear();
  }

  void end_row() {
    std::string line;
    bool any = false;
    for (std::size_t i = 0; i < row_.size(); ++i) {
      any = any || !row_[i].empty();
      if (i > 0) line += '\t';
      line += row_[i];
    }
    row_.clear();
    if (any) shapes.back().lines.push_back({.text = std::move(line), .level = 0});
  }

  std::vector<std::string> row_;
  std::vector<std::string> above_;
  std::string cell_;
  std::string paragraph_;
  std::size_t groups_ = 0;
  bool in_text_ = false;
  bool in_cell_ = false;
  bool continues_down_ = false;
  bool continues_right_ = false;
  bool tiny_ = false;
};

class PresentationEvents final : public XmlEvents {
 public:
  bool begin(std::string_view name, const Attribute& attribute) override {
    if (name == "sldId") slides.push_back(attribute("r:id"));
    if (name == "sldSz") size = {number_or(attribute("cx"), 0), number_or(attribute("cy"), 0)};
    return slides.size() <= limits::kDocumentPages;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

  std::vector<std::string> slides;
  Size size;
};

bool is_furniture(const Shape& shape) { return shape.placeholder == "sldNum" || shape.placeholder == "dt" || shape.placeholder == "ftr" || shape.placeholder == "hdr"; }

/// Title first, then as people read: from above, and from the left among those that begin at one height.
void put_in_order(std::vector<Shape>& shapes, const Size& size) {
  const auto is_title = [](const Shape& shape) { return shape.placeholder == "title" || shape.placeholder == "ctrTitle"; };
  std::stable_partition(shapes.begin(), shapes.end(), is_title);
  const auto first = std::find_if_not(shapes.begin(), shapes.end(), is_title);
  if (!std::all_of(first, shapes.end(), [](const Shape& shape) { return shape.has_place; })) return;
  const std::int64_t band = std::max<std::int64_t>(1, size.height / 20);
  std::stable_sort(first, shapes.end(), [&](const Shape& a, const Shape& b) { return std::pair(a.y / band, a.x) < std::pair(b.y / band, b.x); });
}

class PptxReader {
 public:
  PptxReader(ZipArchive& archive, Size size, ExtractOutput& output) : archive_(archive), size_(size), output_(output) {}

  /// False: stop.
  tl::expected<bool, Note> slide(std::int64_t number, const std::string& part) {
    SlideEvents events;
    const auto whole = read_xml(archive_, part, events);
    if (!whole && whole.error().code == "bomb") return tl::unexpected(whole.error());
    if (!whole || !*whole) output_.note(number, "damaged", "the slide breaks off");
    if (events.hidden) {
      output_.note(number, "hidden_slides");
      return true;
    }
    if (drop_outside(events.shapes) || events.hides_text) output_.note(number, "hidden_text", "type outside of the slide or too small to be seen");
    put_in_order(events.shapes, size_);
    std::vector<Line> lines;
    for (Shape& shape : events.shapes) {
      if (is_furniture(shape)) continue;
      for (Line& line : shape.lines) {
        if (title_.empty() && line.level == 1) title_ = line.text;
        lines.push_back(std::move(line));
      }
    }
    add_related(number, part, lines);
    return output_.page(number, lines, fmt::format("スライド{}", number));
  }
  [[nodiscard]] const std::string& title() const { return title_; }

 private:
  /// Whether there was text where nobody sees it.
  bool drop_outside(std::vector<Shape>& shapes) const {
    if (size_.width <= 0) return false;
    constexpr std::int64_t kNear = 9'525 * 4;  // What touches the slide may be seen.
    const auto outside = [&](const Shape& shape) {
      return shape.has_place && !shape.lines.empty() && (shape.x >= size_.width - kNear || shape.y >= size_.height - kNear || shape.x <= -size_.width || shape.y <= -size_.height);
    };
    return std::erase_if(shapes, outside) > 0;
  }

  void add_related(std::int64_t number, const std::string& part, std::vector<Line>& lines) {
    for (const auto& [id, relation] : relations_of(archive_, part)) {
      if (relation.type == "diagramData") {
        for (std::string& paragraph : drawn_paragraphs(archive_, relation.target)) lines.push_back({.text = std::move(paragraph), .level = 0});
      } else if (relation.type == "comments") {
        output_.note(number, "comments_ignored");
      } else if (relation.type == "notesSlide") {
        add_notes(relation.target, lines);
      }
    }
  }

  void add_notes(const std::string& part, std::vector<Line>& lines) {
    SlideEvents events;
    if (!archive_.has(part)) return;
    static_cast<void>(read_xml(archive_, part, events));
    bool first = true;
    for (Shape& shape : events.shapes) {
      if (shape.placeholder != "body") continue;
      for (Line& line : shape.lines) {
        if (std::exchange(first, false)) lines.push_back({.text = "ノート", .level = 2});
        lines.push_back(std::move(line));
      }
    }
  }

  ZipArchive& archive_;
  Size size_;
  ExtractOutput& output_;
  std::string title_;
};

}  // namespace

Outcome read_pptx(std::string_view bytes, const Request& request, ExtractOutput& output) {
  static_cast<void>(request);
  auto archive = ZipArchive::open(bytes);
  if (!archive) return tl::unexpected(archive.error());
  const std::string part = "ppt/presentation.xml";
  if (!archive->has(part)) return cannot_read("damaged", "no presentation");
  PresentationEvents presentation;
  if (const auto whole = read_xml(*archive, part, presentation); !whole) return tl::unexpected(whole.error());
  const std::map<std::string, Relation> relations = relations_of(*archive, part);
  PptxReader reader(*archive, presentation.size, output);
  std::int64_t number = 0;
  bool more = true;
  for (const std::string& id : presentation.slides) {
    ++number;
    const auto relation = relations.find(id);
    if (relation == relations.end()) {
      output.note(number, "damaged", "the slide is missing");
      continue;
    }
    if (!more) break;
    auto told = reader.slide(number, relation->second.target);
    if (!told) return tl::unexpected(told.error());
    more = *told;
  }
  if (archive->has("ppt/vbaProject.bin")) output.note(0, "macros_ignored");
  if (output.characters() == 0) output.note(0, "empty_page", "no text");
  return End{.kind = "pptx", .encoding = "", .title = std::string(text::first_characters(reader.title(), 200)), .pages = number};
}

}  // namespace sekisho::worker
