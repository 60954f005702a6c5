#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text/encoding.h"
#include "text/utf8.h"
#include "worker/extract_decode.h"
#include "worker/extract_lines.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

constexpr std::string_view kNoteBegin = "［＃";
constexpr std::string_view kNoteEnd = "］";
constexpr std::string_view kRuleLine = "-------------------------------------------------------";

/// What a note says of its line.
struct LineNotes {
  int level = 0;
  bool new_page = false;
  std::size_t missing = 0;  ///< Characters that no encoding of the file had and whose code is not given.
};

int heading_level(std::string_view note) {
  if (note.find("大見出し") != std::string_view::npos) return 1;
  if (note.find("中見出し") != std::string_view::npos) return 2;
  return note.find("小見出し") != std::string_view::npos ? 3 : 0;
}

/// ※［＃「口＋亞」、U+555E、7-3］ → 啞; without a code its description in brackets.
std::string missing_character(std::string_view note, LineNotes& notes) {
  const std::size_t at = note.find("U+");
  std::uint32_t code = 0;
  if (at != std::string_view::npos) std::from_chars(note.data() + at + 2, note.data() + note.size(), code, 16);
  if (code > 0x20 && code <= 0x10FFFF) return text::to_utf8(std::u32string(1, static_cast<char32_t>(code)));
  ++notes.missing;
  const std::size_t comma = note.find("、");
  return fmt::format("〔{}〕", note.substr(0, comma));
}

/// The line without its ruby and notes.
std::string plain(std::string_view line, LineNotes& notes) {
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    const text::Character c = text::character_at(line, at);
    const std::string_view rest = line.substr(at);
    if (c.value == U'《') {
      const std::size_t end = rest.find("》");
      at = end == std::string_view::npos ? c.end() : at + end + std::string_view("》").size();
    } else if (rest.starts_with(kNoteBegin) || rest.starts_with("※［＃")) {
      const std::size_t open = rest.find(kNoteBegin) + kNoteBegin.size();
      const std::size_t end = rest.find(kNoteEnd, open);
      if (end == std::string_view::npos) return out += rest;
      const std::string_view note = rest.substr(open, end - open);
      if (c.value == U'※') {
        out += missing_character(note, notes);
      } else {
        notes.level = std::max(notes.level, note.find("終わり") == std::string_view::npos ? heading_level(note) : 0);
        notes.new_page = notes.new_page || note == "改ページ" || note == "改丁" || note == "改見開き";
      }
      at += end + kNoteEnd.size();
    } else {
      if (c.value != U'｜') text::append_utf8(out, c.value);
      at = c.end();
    }
  }
  return out;
}

}  // namespace

Outcome read_aozora(std::string_view bytes, const Request& request, ExtractOutput& output) {
  const text::Decoded decoded = decode_document(bytes, request, "", output);
  End end{.kind = "aozora", .encoding = std::string(name_of(decoded.encoding)), .title = "", .pages = 1};
  std::vector<Line> lines;
  LineNotes all;
  bool in_legend = false;  // 【テキスト中に現れる記号について】 between two rules.
  bool more = true;
  std::string_view rest = decoded.text;
  while (!rest.empty() && more) {
    const std::size_t stop = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, stop);
    rest.remove_prefix(std::min(stop + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(kRuleLine)) {
      in_legend = !in_legend && rest.substr(0, 200).find("【テキスト中に現れる記号について】") != std::string_view::npos;
      continue;
    }
    if (in_legend) continue;
    LineNotes notes;
    std::string text = plain(line, notes);
    all.missing += notes.missing;
    if (notes.new_page) {
      more = output.page(end.pages++, lines);
      lines.clear();
    }
    if (without_outer_space(text).empty()) continue;
    if (end.title.empty()) {
      end.title = text::first_characters(text, 200);
      notes.level = 1;
    }
    lines.push_back({.text = std::move(text), .level = notes.level});
  }
  if (all.missing > 0) output.note(0, "unmapped_characters", fmt::format("{} characters are described, not given", all.missing));
  if (more && output.page(end.pages, lines) && output.characters() == 0) output.note(0, "empty_page", "no text");
  return end;
}

}  // namespace sekisho::worker
