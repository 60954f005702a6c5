#include "library/chunk.h"

#include <algorithm>
#include <array>
#include <utility>

#include "text/headings.h"
#include "text/sentences.h"
#include "text/utf8.h"

namespace sekisho::library {
namespace {

using process::extract::Page;
using text::HeadingKind;

constexpr std::size_t kHeadingLook_characters = 120;
constexpr std::size_t kPathPart_characters = 60;
constexpr std::size_t kTitle_characters = 24;
constexpr std::size_t kTableHeader_characters = 200;  ///< A longer header row is not repeated.

/// A line of the document with its place.
struct SourceLine {
  std::string text;
  std::size_t begin = 0;  ///< In characters.
  std::int64_t page = 1;
  int format_level = 0;
  bool first_of_page = false;
};

/// The smallest piece that is never cut.
struct Unit {
  std::string text;
  std::size_t characters = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::int64_t page = 1;
  std::int64_t page_last = 1;
  bool is_row = false;
  bool is_heading = false;
  std::string separator = "\n";  ///< Before it, where another unit stands in front.
};

struct PathPart {
  int rank = 0;  ///< Smaller is wider.
  std::string name;
};

/// What a line opens.
struct Opening {
  int rank = 0;
  std::string name;
  bool always_cuts = false;  ///< Chapters and articles; others only where the passage before is long enough.
  bool is_article = false;
  bool only_heading = false;  ///< The line has no text of its own.
};

/// Ranks of the text's own structure come after those of the format's headings (1 to 9).
constexpr int kTextRank = 100;

bool ends_sentence(std::string_view line) {
  if (line.empty()) return true;
  const char32_t last = text::character_at(line, text::character_boundary_before(line, line.size() - 1)).value;
  constexpr std::u32string_view kEnds = U"。．！？!?：:」』）)";
  return kEnds.find(last) != std::u32string_view::npos;
}

std::string shortened(std::string_view text) { return std::string(text::first_characters(text, kPathPart_characters)); }

std::string named(const text::Heading& heading) {
  if (heading.kind == HeadingKind::kMark || heading.kind == HeadingKind::kMarkdown) return shortened(heading.title);
  if (heading.title.empty()) return heading.label;
  if (heading.kind == HeadingKind::kArticle) return shortened(heading.label + "（" + heading.title + "）");
  return shortened(heading.label + " " + heading.title);
}

/// Whether what stands after a number or mark names a part; 「２　場所　本庁舎１階」 states something instead.
bool is_name(std::string_view title) {
  if (title.empty() || text::count_characters(title) > kTitle_characters) return false;
  return title.find("　") == std::string_view::npos && title.find("、") == std::string_view::npos && title.find("：") == std::string_view::npos;
}

/// What `line` opens, or nothing where it is running text, an item or a paragraph of an article: 「２　鉄道による旅行」 within
/// an article is its second paragraph and elsewhere the name of a part.
std::optional<Opening> opening_of(const SourceLine& line, bool in_article) {
  const std::string_view look = text::first_characters(line.text, kHeadingLook_characters);
  const auto heading = line.text.find('\t') == std::string::npos ? text::heading_of(look) : std::nullopt;
  if (heading) {
    const bool only = heading->body >= look.size() && look.size() == line.text.size();
    switch (heading->kind) {
      case HeadingKind::kPart:
      case HeadingKind::kChapter:
      case HeadingKind::kSection:
      case HeadingKind::kSupplement:
      case HeadingKind::kAnnex:
        return Opening{.rank = kTextRank + heading->level, .name = named(*heading), .always_cuts = true, .is_article = false, .only_heading = only};
      case HeadingKind::kArticle:
        return Opening{.rank = kTextRank + heading->level, .name = named(*heading), .always_cuts = true, .is_article = true, .only_heading = only};
      case HeadingKind::kMarkdown:
      case HeadingKind::kNumbered:
      case HeadingKind::kMark:
        if (line.format_level == 0 && !in_article && only && is_name(heading->title)) {
          return Opening{.rank = kTextRank + 10 + heading->level, .name = named(*heading), .always_cuts = false, .is_article = false, .only_heading = true};
        }
        break;
      case HeadingKind::kParagraph:
      case HeadingKind::kItem:
        break;
    }
  }
  if (line.format_level == 0) return std::nullopt;
  return Opening{.rank = line.format_level, .name = shortened(line.text), .always_cuts = line.format_level <= 2, .is_article = false, .only_heading = true};
}

/// Cuts `text` where it alone is longer than a passage may be: after 、 in its second half, else anywhere.
std::vector<std::string_view> broken(std::string_view text) {
  std::vector<std::string_view> parts;
  while (text::count_characters(text) > kPassageMax_characters) {
    const std::string_view most = text::first_characters(text, kPassageMax_characters);
    const std::size_t comma = most.rfind("、");
    const std::size_t cut = comma != std::string_view::npos && comma > most.size() / 2 ? comma + std::string_view("、").size() : most.size();
    parts.push_back(text.substr(0, cut));
    text.remove_prefix(cut);
  }
  if (!text.empty()) parts.push_back(text);
  return parts;
}

/// The pieces of a line that is longer than a passage: its sentences, or parts of them.
std::vector<std::string_view> pieces_of(std::string_view line) {
  std::vector<std::string_view> pieces;
  for (const text::ByteRange& range : text::sentences(line)) {
    for (const std::string_view part : broken(range.of(line))) pieces.push_back(part);
  }
  return pieces;
}

bool is_blank(std::string_view line) {
  bool blank = true;
  text::for_each_character(line, [&](const text::Character& c) { blank = blank && text::is_space(c.value); });
  return blank;
}

bool is_row(std::string_view line) { return line.find('\t') != std::string_view::npos; }

}  // namespace

struct Chunker::State {
  std::vector<TextPassage> done;
  std::vector<Unit> units;          ///< Of the passage that is being filled.
  std::size_t characters = 0;       ///< Of them.
  std::vector<PathPart> path;
  std::vector<PathPart> units_path;
  bool in_article = false;
  std::string header;               ///< The header row of the table that is being read.
  std::optional<SourceLine> caption;  ///< A bracketed line that may belong to the article after it.
  std::size_t offset = 0;

  void take(SourceLine line);
  void take_line(const SourceLine& line, std::optional<Opening> opening);
  void open(const Opening& opening);
  void add(Unit unit);
  void close();
  [[nodiscard]] bool only_headings() const {
    return std::all_of(units.begin(), units.end(), [](const Unit& unit) { return unit.is_heading; });
  }
  [[nodiscard]] bool is_full(const Unit& next) const;
  [[nodiscard]] bool continues_sentence(const SourceLine& line) const;
};

/// A caption is held back until the next line shows whether it is an article's.
void Chunker::State::take(SourceLine line) {
  if (caption) {
    SourceLine held = std::move(*caption);
    caption.reset();
    auto opening = opening_of(line, in_article);
    if (opening && opening->is_article) {
      if (opening->name.find("（") == std::string::npos) {
        std::string title = held.text;
        while (title.starts_with("　")) title.erase(0, std::string_view("　").size());
        while (title.starts_with(" ")) title.erase(0, 1);
        opening->name = shortened(opening->name + title);
      }
      open(*opening);
      opening->always_cuts = false;
      const std::size_t length = text::count_characters(held.text);
      add({.text = held.text, .characters = length, .begin = held.begin, .end = held.begin + length, .page = held.page, .page_last = held.page,
           .is_row = false, .is_heading = true});
      header.clear();
      take_line(line, std::nullopt);
      if (opening->only_heading) units.back().is_heading = true;
      return;
    }
    take_line(held, std::nullopt);
  }
  if (line.format_level == 0 && text::is_caption(line.text)) {
    caption = std::move(line);
    return;
  }
  take_line(line, opening_of(line, in_article));
}

void Chunker::State::open(const Opening& opening) {
  const bool cuts = !units.empty() && !only_headings() && (opening.always_cuts || characters >= kPassageMin_characters);
  if (cuts) close();
  while (!path.empty() && path.back().rank >= opening.rank) path.pop_back();
  path.push_back({opening.rank, opening.name});
  in_article = opening.is_article;
  if (units.empty() || only_headings()) {
    units_path = path;
  } else {  // Two short parts share a passage: what it says of its place must be true of both.
    std::size_t same = 0;
    while (same < path.size() && same < units_path.size() && path[same].name == units_path[same].name) ++same;
    units_path.resize(same);
  }
}

bool Chunker::State::continues_sentence(const SourceLine& line) const {
  if (!line.first_of_page || units.empty() || line.text.empty()) return false;
  const Unit& last = units.back();
  const bool indented = line.text.starts_with("　") || line.text.starts_with(" ");
  return !last.is_row && !last.is_heading && !ends_sentence(last.text) && !indented && !is_row(line.text) && !text::heading_of(text::first_characters(line.text, kHeadingLook_characters));
}

void Chunker::State::take_line(const SourceLine& line, std::optional<Opening> opening) {
  if (opening) open(*opening);
  const bool row = is_row(line.text);
  if (!row) header.clear();
  const std::size_t length = text::count_characters(line.text);
  if (!opening && continues_sentence(line) && units.back().characters + length <= kPassageMax_characters) {
    Unit& last = units.back();
    last.text += line.text;
    last.characters += length;
    last.end = line.begin + length;
    last.page_last = line.page;
    characters += length;
    return;
  }
  const std::vector<std::string_view> pieces = length > kPassageMax_characters ? pieces_of(line.text) : std::vector<std::string_view>{line.text};
  bool first = true;
  std::size_t place = line.begin;
  std::size_t read_to = 0;
  for (const std::string_view piece : pieces) {
    const auto at = static_cast<std::size_t>(piece.data() - line.text.data());
    place += text::count_characters(std::string_view(line.text).substr(read_to, at - read_to));
    const std::size_t piece_length = text::count_characters(piece);
    add({.text = std::string(piece), .characters = piece_length, .begin = place, .end = place + piece_length, .page = line.page, .page_last = line.page,
         .is_row = row, .is_heading = opening.has_value() && opening->only_heading, .separator = first ? "\n" : ""});
    place += piece_length;
    read_to = at + piece.size();
    first = false;
  }
  if (row && header.empty() && text::count_characters(line.text) <= kTableHeader_characters) header = line.text;
}

bool Chunker::State::is_full(const Unit& next) const {
  const std::size_t together = characters + next.characters + 1;
  if (together > kPassageMax_characters) return true;
  if (in_article || only_headings()) return false;
  return together > kPassageTarget_characters && characters >= kPassageTarget_characters / 2;
}

void Chunker::State::add(Unit unit) {
  if (!units.empty() && is_full(unit)) {
    close();
    if (unit.is_row && !header.empty()) {
      const std::size_t length = text::count_characters(header);
      if (length + unit.characters + 1 <= kPassageMax_characters) {
        units.push_back({.text = header, .characters = length, .begin = unit.begin, .end = unit.begin, .page = unit.page, .page_last = unit.page, .is_row = true});
        characters += length;
      }
    }
  }
  if (units.empty()) units_path = path;
  characters += unit.characters + (units.empty() ? 0 : 1);
  units.push_back(std::move(unit));
}

void Chunker::State::close() {
  TextPassage passage;
  for (const Unit& unit : units) {
    if (!passage.text.empty()) passage.text += unit.separator;
    passage.text += unit.text;
  }
  passage.page_first = units.front().page;
  passage.page_last = units.back().page_last;
  passage.begin = units.front().begin;
  passage.end = units.back().end;
  for (const PathPart& part : units_path) {
    if (!passage.path.empty()) passage.path += " > ";
    passage.path += part.name;
  }
  units.clear();
  characters = 0;
  done.push_back(std::move(passage));
}

Chunker::Chunker() : state_(std::make_unique<State>()) {}
Chunker::~Chunker() = default;

std::vector<TextPassage> Chunker::add(const Page& page) {
  std::size_t number = 0;
  std::size_t heading = 0;
  const std::string_view text = page.text;
  bool first = true;
  for (std::size_t begin = 0; begin <= text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view content = text.substr(begin, end - begin);
    SourceLine line{.text = std::string(content), .begin = state_->offset, .page = page.number, .format_level = 0, .first_of_page = first};
    if (heading < page.heading_lines.size() && page.heading_lines[heading] == static_cast<std::int64_t>(number)) {
      line.format_level = static_cast<int>(page.heading_levels[heading++]);
    }
    state_->offset += text::count_characters(content) + 1;
    begin = end + 1;
    if (is_blank(content)) continue;
    state_->take(std::move(line));
    first = false;
  }
  return std::exchange(state_->done, {});
}

std::vector<TextPassage> Chunker::finish() {
  if (state_->caption) {
    const SourceLine held = std::move(*state_->caption);
    state_->caption.reset();
    state_->take_line(held, std::nullopt);
  }
  if (!state_->units.empty()) state_->close();
  return std::exchange(state_->done, {});
}

std::vector<TextPassage> chunk(const std::vector<Page>& pages) {
  Chunker chunker;
  std::vector<TextPassage> passages;
  for (const Page& page : pages) {
    for (TextPassage& passage : chunker.add(page)) passages.push_back(std::move(passage));
  }
  for (TextPassage& passage : chunker.finish()) passages.push_back(std::move(passage));
  return passages;
}

}  // namespace sekisho::library
