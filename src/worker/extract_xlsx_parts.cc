#include "worker/extract_xlsx_parts.h"

#include <map>
#include <utility>

#include "worker/extract_ooxml.h"
#include "worker/extract_xml.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kSheets = 10'000;
constexpr std::size_t kStyles = 100'000;
constexpr std::size_t kStrings = 10'000'000;

class WorkbookEvents final : public XmlEvents {
 public:
  bool begin(std::string_view name, const Attribute& attribute) override {
    if (name == "workbookPr" && is_true(attribute("date1904"))) workbook.dates = DateSystem::k1904;
    if (name == "sheet" && workbook.sheets.size() < kSheets) {
      const std::string state = attribute("state");
      workbook.sheets.push_back({.name = attribute("name"), .relation = attribute("id"), .hidden = state == "hidden" || state == "veryHidden"});
    }
    return true;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

  XlsxWorkbook workbook;
};

class StyleEvents final : public XmlEvents {
 public:
  bool begin(std::string_view name, const Attribute& attribute) override {
    if (name == "numFmts" || name == "fonts" || name == "fills" || name == "cellXfs" || name == "cellStyleXfs" || name == "dxfs") in_ = name;
    if (name == "numFmt" && in_ == "numFmts") formats_.emplace(number_or(attribute("numFmtId"), 0), attribute("formatCode"));
    if (in_ == "fonts") begin_in_fonts(name, attribute);
    if (in_ == "fills") begin_in_fills(name, attribute);
    if (name == "xf" && in_ == "cellXfs" && styles.size() < kStyles) {
      add(number_or(attribute("numFmtId"), 0), static_cast<std::size_t>(number_or(attribute("fontId"), 0)), static_cast<std::size_t>(number_or(attribute("fillId"), 0)));
    }
    return true;
  }
  void end(std::string_view name) override {
    if (name == in_) in_.clear();
  }
  void text(std::string_view) override {}

  std::vector<XlsxStyle> styles;

 private:
  struct Font {
    bool bold = false;
    bool white = false;
  };
  void begin_in_fonts(std::string_view name, const Attribute& attribute) {
    if (name == "font" && fonts_.size() < kStyles) fonts_.emplace_back();
    if (fonts_.empty()) return;
    const std::string value = attribute("val");
    if (name == "b") fonts_.back().bold = value.empty() || is_true(value);
    if (name == "color") fonts_.back().white = attribute("rgb").ends_with("FFFFFF") || (attribute("theme") == "0" && attribute("tint").empty());
  }
  void begin_in_fills(std::string_view name, const Attribute& attribute) {
    if (name == "fill" && fills_.size() < kStyles) fills_.push_back(false);
    if (name == "patternFill" && !fills_.empty()) {
      const std::string pattern = attribute("patternType");
      fills_.back() = !pattern.empty() && pattern != "none";
    }
    if (name == "gradientFill" && !fills_.empty()) fills_.back() = true;
    // A white ground is no ground.
    if (name == "fgColor" && !fills_.empty() && (attribute("rgb").ends_with("FFFFFF") || (attribute("theme") == "0" && attribute("tint").empty()))) fills_.back() = false;
  }
  void add(std::int64_t format, std::size_t font, std::size_t fill) {
    XlsxStyle style;
    const auto own = formats_.find(format);
    style.format = own != formats_.end() ? own->second : std::string(builtin_format(static_cast<int>(format)));
    const bool ground = fill < fills_.size() && fills_[fill];
    const Font look = font < fonts_.size() ? fonts_[font] : Font{};
    style.strong = look.bold || ground;
    style.white = look.white && !ground;
    styles.push_back(std::move(style));
  }

  std::string in_;
  std::map<std::int64_t, std::string> formats_;
  std::vector<Font> fonts_;
  std::vector<bool> fills_;
};

/// si > t, si > r > t; rPh > t is furigana.
class StringEvents final : public XmlEvents {
 public:
  bool begin(std::string_view name, const Attribute&) override {
    if (name == "rPh") return false;
    if (name == "si") {
      if (strings.size() >= kStrings) return false;
      strings.emplace_back();
    }
    in_text_ = name == "t" && !strings.empty();
    return true;
  }
  void end(std::string_view name) override {
    if (name == "t") in_text_ = false;
  }
  void text(std::string_view text) override {
    if (in_text_) strings.back() += text;
  }

  std::vector<std::string> strings;

 private:
  bool in_text_ = false;
};

}  // namespace

tl::expected<XlsxWorkbook, Note> XlsxWorkbook::read(ZipArchive& archive, const std::string& part) {
  WorkbookEvents events;
  if (const auto whole = read_xml(archive, part, events); !whole) return tl::unexpected(whole.error());
  return std::move(events.workbook);
}

std::vector<XlsxStyle> xlsx_styles(ZipArchive& archive, const std::string& part) {
  StyleEvents events;
  if (archive.has(part)) static_cast<void>(read_xml(archive, part, events));
  return std::move(events.styles);
}

tl::expected<std::vector<std::string>, Note> xlsx_strings(ZipArchive& archive, const std::string& part) {
  StringEvents events;
  if (!archive.has(part)) return std::vector<std::string>();
  const auto whole = read_xml(archive, part, events);
  if (!whole && whole.error().code == "bomb") return tl::unexpected(whole.error());
  return std::move(events.strings);
}

}  // namespace sekisho::worker
