#include "worker/extract_ooxml.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "worker/extract_lines.h"

namespace sekisho::worker {
namespace {

/// "xl/worksheets" and "../drawings/drawing1.xml" → "xl/drawings/drawing1.xml".
std::string resolved(std::string_view folder, std::string_view target) {
  std::vector<std::string_view> pieces;
  const auto walk = [&](std::string_view path) {
    for (std::size_t begin = 0; begin <= path.size();) {
      const std::size_t end = std::min(path.find('/', begin), path.size());
      const std::string_view piece = path.substr(begin, end - begin);
      if (piece == "..") {
        if (!pieces.empty()) pieces.pop_back();
      } else if (!piece.empty() && piece != ".") {
        pieces.push_back(piece);
      }
      begin = end + 1;
    }
  };
  if (!target.starts_with('/')) walk(folder);
  walk(target);
  std::string out;
  for (const std::string_view piece : pieces) out.append(out.empty() ? "" : "/").append(piece);
  return out;
}

class RelationEvents final : public XmlEvents {
 public:
  explicit RelationEvents(std::string folder) : folder_(std::move(folder)) {}
  bool begin(std::string_view name, const Attribute& attribute) override {
    constexpr std::size_t kRelations = 100'000;
    if (name != "Relationship" || attribute("TargetMode") == "External" || relations.size() >= kRelations) return true;
    const std::string type = attribute("Type");
    relations.emplace(attribute("Id"), Relation{type.substr(type.rfind('/') + 1), resolved(folder_, attribute("Target"))});
    return true;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

  std::map<std::string, Relation> relations;

 private:
  std::string folder_;
};

class DrawnEvents final : public XmlEvents {
 public:
  bool begin(std::string_view name, const Attribute&) override {
    if (name == "Fallback") return false;
    if (name == "t") in_text_ = true;
    if (name == "br") paragraph_ += ' ';
    return true;
  }
  void end(std::string_view name) override {
    if (name == "t") in_text_ = false;
    if (name != "p") return;
    std::string paragraph = std::exchange(paragraph_, {});
    if (!without_outer_space(paragraph).empty()) paragraphs.push_back(std::move(paragraph));
  }
  void text(std::string_view text) override {
    if (in_text_) paragraph_ += text;
  }

  std::vector<std::string> paragraphs;

 private:
  std::string paragraph_;
  bool in_text_ = false;
};

}  // namespace

std::map<std::string, Relation> relations_of(ZipArchive& archive, const std::string& part) {
  const std::size_t slash = part.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : part.substr(0, slash);
  const std::string name = (folder.empty() ? "" : folder + "/") + "_rels/" + part.substr(slash == std::string::npos ? 0 : slash + 1) + ".rels";
  RelationEvents events(folder);
  if (archive.has(name)) static_cast<void>(read_xml(archive, name, events));
  return std::move(events.relations);
}

std::vector<std::string> drawn_paragraphs(ZipArchive& archive, const std::string& part) {
  DrawnEvents events;
  if (archive.has(part)) static_cast<void>(read_xml(archive, part, events));
  return std::move(events.paragraphs);
}

bool cell_place(std::string_view reference, std::int64_t& row, std::int64_t& column) {
  std::int64_t letters = 0;
  std::size_t at = 0;
  for (; at < reference.size() && at < 4; ++at) {
    const char c = reference[at];
    if (c == '$') continue;
    if (c < 'A' || c > 'Z') break;
    letters = letters * 26 + (c - 'A' + 1);
  }
  if (letters == 0 || at >= reference.size()) return false;
  if (reference[at] == '$') ++at;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(reference.data() + at, reference.data() + reference.size(), number);
  if (error != std::errc() || number < 1) return false;
  row = number - 1;
  column = letters - 1;
  return true;
}

std::int64_t number_or(std::string_view text, std::int64_t otherwise) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? value : otherwise;
}

bool is_true(std::string_view value) { return value == "1" || value == "true" || value == "on"; }

}  // namespace sekisho::worker
