#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "worker/testing/documents.h"

namespace sekisho::worker::testing {
namespace {

constexpr std::string_view kPackage = "http://schemas.openxmlformats.org/package/2006/relationships";
constexpr std::string_view kOffice = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

std::string relation(std::string_view id, std::string_view type, std::string_view target) {
  return fmt::format(R"(<Relationship Id="{}" Type="{}/{}" Target="{}"/>)", id, kOffice, type, target);
}

std::string relations(std::string_view content) { return fmt::format(R"(<Relationships xmlns="{}">{}</Relationships>)", kPackage, content); }

void put(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i) & 0xFF);
}

std::string utf16(std::string_view ascii) {
  std::string wide;
  for (const char c : ascii) wide += std::string{c, '\0'};
  return wide;
}

/// Writes [MS-CFB] version 3 with sectors of 512 bytes and no mini stream: no stream is small enough for it.
class CompoundWriter {
 public:
  explicit CompoundWriter(const std::map<std::string, std::string>& streams) {
    entries_.push_back({.name = "Root Entry", .type = 5});
    for (const auto& [path, content] : streams) add(path, content);
    link(0);
  }

  std::string write() {
    std::string body;
    std::vector<std::uint32_t> fat;
    const auto chain = [&](std::string content) {
      const auto first = static_cast<std::uint32_t>(fat.size());
      content.resize((content.size() + 511) / 512 * 512, '\0');
      for (std::size_t i = 0; i < content.size() / 512; ++i) fat.push_back(static_cast<std::uint32_t>(fat.size() + 1));
      if (!content.empty()) fat.back() = 0xFFFFFFFE;
      body += content;
      return first;
    };
    for (Entry& entry : entries_) {
      if (entry.type == 2) entry.start = chain(entry.content);
    }
    std::string directory;
    for (const Entry& entry : entries_) directory += bytes_of(entry);
    const std::uint32_t directory_at = chain(directory);
    const std::size_t fat_sectors = (fat.size() + 1) / 127 + 1;
    const auto fat_at = static_cast<std::uint32_t>(fat.size());
    for (std::size_t i = 0; i < fat_sectors; ++i) fat.push_back(0xFFFFFFFD);
    fat.resize(fat_sectors * 128, 0xFFFFFFFF);
    std::string header(512, '\0');
    header.replace(0, 8, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    put(header, 24, 0x3E, 2), put(header, 26, 3, 2), put(header, 28, 0xFFFE, 2), put(header, 30, 9, 2), put(header, 32, 6, 2);
    put(header, 44, fat_sectors, 4), put(header, 48, directory_at, 4), put(header, 60, 0xFFFFFFFE, 4), put(header, 68, 0xFFFFFFFE, 4);
    for (std::size_t i = 0; i < 109; ++i) put(header, 76 + 4 * i, i < fat_sectors ? fat_at + i : 0xFFFFFFFF, 4);
    std::string table(fat.size() * 4, '\0');
    for (std::size_t i = 0; i < fat.size(); ++i) put(table, 4 * i, fat[i], 4);
    return header + body + table;
  }

 private:
  struct Entry {
    std::string name;
    int type = 2;
    std::string content;
    std::vector<std::size_t> children;
    std::uint32_t child = 0xFFFFFFFF, right = 0xFFFFFFFF, start = 0xFFFFFFFE;
  };

  void add(const std::string& path, const std::string& content) {
    std::size_t folder = 0;
    std::string rest = path;
    for (std::size_t slash = rest.find('/'); slash != std::string::npos; slash = rest.find('/')) {
      const std::string name = rest.substr(0, slash);
      rest.erase(0, slash + 1);
      const auto& children = entries_[folder].children;
      const auto known = std::find_if(children.begin(), children.end(), [&](std::size_t child) { return entries_[child].name == name; });
      folder = known != children.end() ? *known : append(folder, {.name = name, .type = 1});
    }
    append(folder, {.name = rest, .type = 2, .content = content});
  }
  std::size_t append(std::size_t folder, Entry entry) {
    entries_.push_back(std::move(entry));
    entries_[folder].children.push_back(entries_.size() - 1);
    return entries_.size() - 1;
  }
  /// Siblings as a list to the right: a tree that no reader minds.
  void link(std::size_t folder) {
    const std::vector<std::size_t> children = entries_[folder].children;
    if (!children.empty()) entries_[folder].child = static_cast<std::uint32_t>(children[0]);
    for (std::size_t i = 0; i < children.size(); ++i) {
      if (i + 1 < children.size()) entries_[children[i]].right = static_cast<std::uint32_t>(children[i + 1]);
      link(children[i]);
    }
  }
  std::string bytes_of(const Entry& entry) {
    std::string raw(128, '\0');
    const std::string name = utf16(entry.name);
    raw.replace(0, name.size(), name);
    put(raw, 64, name.size() + 2, 2);
    raw[66] = static_cast<char>(entry.type);
    raw[67] = 1;
    put(raw, 68, 0xFFFFFFFF, 4), put(raw, 72, entry.right, 4), put(raw, 76, entry.child, 4), put(raw, 116, entry.start, 4);
    put(raw, 120, entry.type == 2 ? entry.content.size() : 0, 4);
    return raw;
  }

  std::vector<Entry> entries_;
};

}  // namespace

std::string xlsx_of(const std::vector<std::pair<std::string, std::string>>& sheets, std::map<std::string, std::string> parts) {
  std::string list;
  std::string links;
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    const std::string name = fmt::format("worksheets/sheet{}.xml", i + 1);
    list += fmt::format(R"(<sheet name="{}" sheetId="{}" r:id="rId{}"/>)", sheets[i].first, i + 1, i + 1);
    links += relation(fmt::format("rId{}", i + 1), "worksheet", name);
    parts.try_emplace("xl/" + name, fmt::format(R"(<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>)", sheets[i].second));
  }
  parts.try_emplace("xl/workbook.xml", fmt::format(R"(<workbook xmlns:r="{}"><sheets>{}</sheets></workbook>)", kOffice, list));
  parts.try_emplace("xl/_rels/workbook.xml.rels", relations(links));
  parts.try_emplace("[Content_Types].xml", R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>)");
  return zip_of(parts);
}

std::string pptx_of(const std::vector<std::string>& slides, std::map<std::string, std::string> parts) {
  std::string list;
  std::string links;
  for (std::size_t i = 0; i < slides.size(); ++i) {
    const std::string name = fmt::format("slides/slide{}.xml", i + 1);
    list += fmt::format(R"(<p:sldId id="{}" r:id="rId{}"/>)", 256 + i, i + 1);
    links += relation(fmt::format("rId{}", i + 1), "slide", name);
    parts.try_emplace("ppt/" + name, fmt::format(R"(<p:sld xmlns:a="a" xmlns:p="p"><p:cSld><p:spTree>{}</p:spTree></p:cSld></p:sld>)", slides[i]));
  }
  parts.try_emplace("ppt/presentation.xml", fmt::format(R"(<p:presentation xmlns:p="p" xmlns:r="{}"><p:sldIdLst>{}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/></p:presentation>)", kOffice, list));
  parts.try_emplace("ppt/_rels/presentation.xml.rels", relations(links));
  return zip_of(parts);
}

std::string shape(const std::vector<std::string>& paragraphs, std::string_view placeholder, int x, int y) {
  std::string text;
  for (const std::string& paragraph : paragraphs) text += fmt::format("<a:p><a:r><a:t>{}</a:t></a:r></a:p>", paragraph);
  const std::string place = placeholder.empty() ? "" : fmt::format(R"(<p:nvPr><p:ph type="{}"/></p:nvPr>)", placeholder);
  return fmt::format(R"(<p:sp><p:nvSpPr>{}</p:nvSpPr><p:spPr><a:xfrm><a:off x="{}" y="{}"/></a:xfrm></p:spPr><p:txBody>{}</p:txBody></p:sp>)", place, x, y, text);
}

std::string odf_of(const std::string& type, std::string_view content, std::string_view styles) {
  const std::string document = fmt::format(R"(<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="tb" xmlns:style="s" xmlns:fo="f" xmlns:draw="d" xmlns:presentation="pr" xmlns:xlink="x">)"
                                           R"(<office:automatic-styles>{}</office:automatic-styles><office:body><office:{}>{}</office:{}></office:body></office:document-content>)",
                                           styles, type, content, type);
  return zip_of({{"content.xml", document}}, {"mimetype", "application/vnd.oasis.opendocument." + type});
}

std::string office_file(const std::string& name) {
  std::ifstream file(SEKISHO_SOURCE_DIR "/src/worker/testing/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string compound_of(const std::map<std::string, std::string>& streams) { return CompoundWriter(streams).write(); }

}  // namespace sekisho::worker::testing
