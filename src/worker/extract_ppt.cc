#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text/utf8.h"
#include "worker/extract_compound.h"
#include "worker/extract_lines.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

enum Type : std::uint16_t {
  kSlide = 0x03EE, kSlidePersist = 0x03F3, kSlideInfo = 0x03F9, kTextHeader = 0x0F9F, kTextChars = 0x0FA0, kTextBytes = 0x0FA8, kSlideList = 0x0FF0, kUserEdit = 0x0FF5, kDocument = 0x03E8,
  kPersistDirectory = 0x1772, kNotes = 0x03F0, kNotesAtom = 0x03F1
};

/// A record of [MS-PPT] 2.3.1.
struct Record {
  std::uint16_t type = 0;
  std::uint16_t instance = 0;
  bool is_container = false;
  std::string_view bytes;
};

/// The record at `at`; moves `at` behind it. False at the end.
bool next(std::string_view stream, std::size_t& at, Record& record) {
  if (at + 8 > stream.size()) return false;
  const std::uint16_t first = u16_at(stream, at);
  record = {.type = u16_at(stream, at + 2), .instance = static_cast<std::uint16_t>(first >> 4), .is_container = (first & 0xF) == 0xF, .bytes = stream.substr(at + 8, u32_at(stream, at + 4))};
  at += 8 + record.bytes.size();
  return true;
}

/// Calls `visit` for the records within `stream`, containers before what they hold, to a bounded depth.
template <typename Visit>
void walk(std::string_view stream, int depth, const Visit& visit) {
  constexpr int kDepth = 32;
  Record record;
  for (std::size_t at = 0; next(stream, at, record);) {
    visit(record);
    if (record.is_container && depth < kDepth) walk(record.bytes, depth + 1, visit);
  }
}

/// Texts of a container in order: a heading where the text is a title.
std::vector<Line> texts_of(std::string_view container) {
  std::vector<Line> lines;
  bool title = false;
  walk(container, 0, [&](const Record& record) {
    if (record.type == kTextHeader) title = u32_at(record.bytes, 0) == 0 || u32_at(record.bytes, 0) == 6;
    if (record.type != kTextChars && record.type != kTextBytes) return;
    std::string text = record.type == kTextChars ? from_utf16(record.bytes) : from_latin1(record.bytes);
    std::replace(text.begin(), text.end(), '\r', '\n');
    std::replace(text.begin(), text.end(), '\v', title ? ' ' : '\n');
    if (without_outer_space(text) == "*") return;  // The place of a page number.
    lines.push_back({.text = std::move(text), .level = std::exchange(title, false) ? 1 : 0});
  });
  return lines;
}

/// Where each object of the presentation lies, by its number, after the last of its savings.
std::map<std::uint32_t, std::uint32_t> places_of(std::string_view stream, std::uint32_t edit) {
  std::map<std::uint32_t, std::uint32_t> places;
  std::set<std::uint32_t> seen;
  while (edit != 0 && seen.insert(edit).second) {
    Record record;
    std::size_t at = edit;
    if (!next(stream, at, record) || record.type != kUserEdit) break;
    edit = u32_at(record.bytes, 8);
    at = u32_at(record.bytes, 12);
    if (!next(stream, at, record) || record.type != kPersistDirectory) break;
    for (std::size_t i = 0; i + 4 <= record.bytes.size();) {
      const std::uint32_t head = u32_at(record.bytes, i);
      i += 4;
      for (std::uint32_t k = 0; k < head >> 20 && i + 4 <= record.bytes.size(); ++k, i += 4) places.emplace((head & 0xFFFFF) + k, u32_at(record.bytes, i));  // Newer ones came first.
    }
  }
  return places;
}

/// A slide as the list of slides has it: its object and the texts of its outline.
struct Listed {
  std::uint32_t object = 0;
  std::uint32_t id = 0;
  std::vector<Line> lines;
};

std::vector<Listed> list_of(std::string_view stream, std::uint16_t instance) {
  std::vector<Listed> listed;
  walk(stream, 0, [&](const Record& record) {
    if (record.type != kSlideList || record.instance != instance) return;
    listed.clear();  // A later saving's list takes the place of an earlier one.
    std::size_t begin = 0;
    Record inner;
    for (std::size_t at = 0; next(record.bytes, at, inner);) {
      if (inner.type == kSlidePersist) {
        listed.push_back({.object = u32_at(inner.bytes, 0), .id = u32_at(inner.bytes, 12), .lines = {}});
        begin = at;
      } else if (!listed.empty()) {
        listed.back().lines = texts_of(record.bytes.substr(begin, at - begin));
      }
    }
  });
  return listed;
}

std::string_view object_at(std::string_view stream, const std::map<std::uint32_t, std::uint32_t>& places, std::uint32_t object, std::uint16_t type) {
  const auto place = places.find(object);
  Record record;
  if (place == places.end()) return {};
  std::size_t at = place->second;
  return next(stream, at, record) && record.type == type ? record.bytes : std::string_view();
}

bool is_hidden(std::string_view slide) {
  bool hidden = false;
  walk(slide, 31, [&](const Record& record) { hidden = hidden || (record.type == kSlideInfo && (u16_at(record.bytes, 10) & 4) != 0); });
  return hidden;
}

/// The speaker's notes by the id of their slide.
std::map<std::uint32_t, std::vector<Line>> notes_of(std::string_view stream, const std::map<std::uint32_t, std::uint32_t>& places) {
  std::map<std::uint32_t, std::vector<Line>> notes;
  for (const Listed& listed : list_of(stream, 2)) {
    const std::string_view object = object_at(stream, places, listed.object, kNotes);
    std::uint32_t slide = 0;
    walk(object, 31, [&](const Record& record) { if (record.type == kNotesAtom) slide = u32_at(record.bytes, 0); });
    std::vector<Line> lines = listed.lines;
    for (Line& line : texts_of(object)) lines.push_back(std::move(line));
    for (Line& line : lines) line.level = 0;
    if (slide != 0) notes[slide] = std::move(lines);
  }
  return notes;
}

}  // namespace

Outcome read_ppt(std::string_view bytes, const Request& request, ExtractOutput& output) {
  static_cast<void>(request);
  const auto file = CompoundFile::open(bytes);
  if (!file) return tl::unexpected(file.error());
  const auto stream = file->stream(CompoundFile::kRoot, "PowerPoint Document");
  const auto user = file->stream(CompoundFile::kRoot, "Current User");
  if (!stream) return cannot_read("damaged", "no presentation");
  if (user && u32_at(*user, 12) == 0xF3D1C4DF) return cannot_read("encrypted", "a presentation with a password");
  const auto places = places_of(*stream, user ? u32_at(*user, 16) : 0);
  const std::vector<Listed> slides = list_of(*stream, 0);
  auto notes = notes_of(*stream, places);
  std::int64_t number = 0;
  std::string title;
  for (const Listed& slide : slides) {
    ++number;
    const std::string_view object = object_at(*stream, places, slide.object, kSlide);
    if (is_hidden(object)) {
      output.note(number, "hidden_slides");
      continue;
    }
    std::vector<Line> lines = slide.lines;
    for (Line& line : texts_of(object)) lines.push_back(std::move(line));
    std::stable_partition(lines.begin(), lines.end(), [](const Line& line) { return line.level == 1; });
    if (title.empty() && !lines.empty() && lines[0].level == 1) title = lines[0].text;
    if (const auto spoken = notes.find(slide.id); spoken != notes.end() && !spoken->second.empty()) {
      lines.push_back({.text = "ノート", .level = 2});
      for (Line& line : spoken->second) lines.push_back(std::move(line));
    }
    if (!output.page(number, lines, fmt::format("スライド{}", number))) break;
  }
  if (output.characters() == 0) output.note(0, "empty_page", "no text");
  return End{.kind = "ppt", .encoding = "", .title = std::string(text::first_characters(title, 200)), .pages = number};
}

}  // namespace sekisho::worker
