#include "worker/extract_odf_styles.h"

#include <cstdlib>
#include <string_view>
#include <utility>

#include "worker/extract_xml.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kStyles = 100'000;
constexpr int kAncestors = 16;

/// A length in millimetres: "0.6cm", "12pt", "0.3in". Negative where it is none.
double millimetres(const std::string& length) {
  char* unit = nullptr;
  const double value = std::strtod(length.c_str(), &unit);
  if (unit == length.c_str()) return -1;
  const std::string_view name(unit);
  return value * (name == "cm" ? 10 : name == "mm" ? 1 : name == "in" ? 25.4 : name == "pt" ? 25.4 / 72 : -1);
}

class StyleEvents final : public XmlEvents {
 public:
  explicit StyleEvents(std::map<std::string, OdfStyles::Style>& styles) : styles_(styles) {}

  bool begin(std::string_view name, const Attribute& attribute) override {
    if (name == "body" || name == "master-styles") return false;
    if (name == "style" && styles_.size() < kStyles) {
      style_ = &styles_[attribute("style:name").empty() ? attribute("name") : attribute("style:name")];
      style_->parent = attribute("parent-style-name");
    }
    if (style_ == nullptr) return true;
    if (name == "text-properties") {
      if (attribute("display") == "none") style_->hidden = true;
      if (attribute("fo:font-weight") == "bold") style_->strong = true;
    } else if (name == "table-cell-properties") {
      const std::string ground = attribute("fo:background-color");
      if (!ground.empty() && ground != "transparent" && ground != "#ffffff") style_->strong = true;
    } else if (name == "table-properties") {
      if (attribute("table:display") == "false") style_->not_displayed = true;
    } else if (name == "drawing-page-properties") {
      if (attribute("visibility") == "hidden") style_->not_displayed = true;
    } else if (name == "table-column-properties") {
      constexpr double kNarrow_mm = 9.0;
      const double width = millimetres(attribute("column-width"));
      style_->narrow = width > 0 && width <= kNarrow_mm;
    }
    return true;
  }
  void end(std::string_view name) override {
    if (name == "style") style_ = nullptr;
  }
  void text(std::string_view) override {}

 private:
  std::map<std::string, OdfStyles::Style>& styles_;
  OdfStyles::Style* style_ = nullptr;
};

class ManifestEvents final : public XmlEvents {
 public:
  bool begin(std::string_view name, const Attribute&) override {
    if (name == "encryption-data") encrypted = true;
    return true;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
  bool wants_more() override { return !encrypted; }
  bool encrypted = false;
};

}  // namespace

OdfStyles OdfStyles::read(ZipArchive& archive) {
  OdfStyles styles;
  for (const std::string part : {"styles.xml", "content.xml"}) {
    StyleEvents events(styles.styles_);
    if (archive.has(part)) static_cast<void>(read_xml(archive, part, events));
  }
  return styles;
}

bool OdfStyles::hides(const std::string& name) const {
  auto style = styles_.find(name);
  for (int i = 0; i < kAncestors && style != styles_.end(); ++i) {
    if (style->second.hidden) return true;
    style = styles_.find(style->second.parent);
  }
  return false;
}

bool OdfStyles::is_shown(const std::string& name) const {
  const auto style = styles_.find(name);
  return style == styles_.end() || !style->second.not_displayed;
}

bool OdfStyles::is_strong(const std::string& name) const {
  const auto style = styles_.find(name);
  return style != styles_.end() && style->second.strong;
}

bool OdfStyles::is_narrow(const std::string& name) const {
  const auto style = styles_.find(name);
  return style != styles_.end() && style->second.narrow;
}

bool odf_is_encrypted(ZipArchive& archive) {
  ManifestEvents events;
  if (archive.has("META-INF/manifest.xml")) static_cast<void>(read_xml(archive, "META-INF/manifest.xml", events));
  return events.encrypted;
}

}  // namespace sekisho::worker
