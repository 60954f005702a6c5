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

/// Where in an article a line stands: 第3項第2号.
struct ArticlePlace {
  std::int64_t paragraph = 0;  ///< 0: in no article.
  std::int64_t item = 0;       ///< 0: in no item.
  bool begins_article = false;
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
  ArticlePlace place = {};
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
  bool never_cuts = false;   ///< Items: they say where a passage stands, and a list of them stays together.
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
      case HeadingKind::kItem:
        if (line.format_level == 0 && !in_article && only && is_name(heading->title)) {
          Opening item{.rank = kTextRank + 10 + heading->level, .name = named(*heading), .always_cuts = false, .is_article = false, .only_heading = true};
          item.never_cuts = true;
          return item;
        }
        break;
      case HeadingKind::kParagraph:
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

/// What of an article these units are, where they are not the whole of it: 「第2項」, 「第2項〜第4項」, 「第3項 > 第2号〜第5号」. A single
/// paragraph is not numbered, as laws are cited.
std::string place_in_article(const std::vector<Unit>& units, bool goes_on) {
  const ArticlePlace& first = units.front().place;
  const ArticlePlace& last = units.back().place;
  if (first.paragraph == 0 || last.paragraph == 0 || (first.begins_article && !goes_on)) return {};
  const auto span = [](std::int64_t from, std::int64_t to, std::string_view unit) {
    std::string text = "第" + std::to_string(from) + std::string(unit);
    if (to > from) text += "〜第" + std::to_string(to) + std::string(unit);
    return text;
  };
  std::string text;
  if (last.paragraph > 1) text = span(first.paragraph, last.paragraph, "項");
  if (first.paragraph == last.paragraph && first.item > 0) text += (text.empty() ? "" : " > ") + span(first.item, std::max(first.item, last.item), "号");
  return text;
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
  ArticlePlace place;               ///< Of the line that is being read.
  bool opened_item = false;         ///< The last opening was one that never cuts.
  bool several_items = false;       ///< The passage that is being filled holds more than one of them.
  std::string header;               ///< The header row of the table that is being read.
  std::optional<SourceLine> caption;  ///< A bracketed line that may belong to the article after it.
  std::size_t offset = 0;
  std::string label;                ///< Of the page that is being read.

  /// Begins a sheet, a slide or a document within the document: nothing of what came before goes on in it.
  void enter(const std::string& name);
  void settle_caption();
  void take(SourceLine line);
  void take_line(const SourceLine& line, std::optional<Opening> opening);
  void open(const Opening& opening);
  void add(Unit unit);
  void share_path();
  /// `goes_on`: the article that is being read does, in another passage.
  void close(bool goes_on = false);
  void follow_article(std::string_view line);
  [[nodiscard]] bool only_headings() const {
    return std::all_of(units.begin(), units.end(), [](const Unit& unit) { return unit.is_heading; });
  }
  [[nodiscard]] bool is_full(const Unit& next) const;
  [[nodiscard]] bool continues_sentence(const SourceLine& line) const;
};

void Chunker::State::settle_caption() {
  if (!caption) return;
  const SourceLine held = std::move(*caption);
  caption.reset();
  take_line(held, std::nullopt);
}

void Chunker::State::enter(const std::string& name) {
  settle_caption();
  if (!units.empty()) close();
  label = name;
  path.clear();
  header.clear();
  in_article = false;
  if (!name.empty()) path.push_back({0, name});
}

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
           .is_row = false, .is_heading = true, .place = place});
      header.clear();
      place.begins_article = false;
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
  const bool cuts = !units.empty() && !only_headings() && !opening.never_cuts && (opening.always_cuts || characters >= kPassageMin_characters);
  if (cuts) close();
  while (!path.empty() && path.back().rank >= opening.rank) path.pop_back();
  path.push_back({opening.rank, opening.name});
  in_article = opening.is_article;
  place = {.paragraph = in_article ? 1 : 0, .item = 0, .begins_article = in_article};
  opened_item = opening.never_cuts;
}

/// What a passage says of its place must be true of all its units; headings alone make way for what stands below them.
void Chunker::State::share_path() {
  std::size_t same = 0;
  while (same < path.size() && same < units_path.size() && path[same].name == units_path[same].name) ++same;
  const bool goes_below = same == units_path.size();
  if (units.empty() || (only_headings() && (!opened_item || (goes_below && !several_items)))) {
    units_path = path;
    several_items = false;
  } else {
    units_path.resize(same);
    several_items = opened_item;
  }
}

bool Chunker::State::continues_sentence(const SourceLine& line) const {
  if (!line.first_of_page || units.empty() || line.text.empty()) return false;
  const Unit& last = units.back();
  const bool indented = line.text.starts_with("　") || line.text.starts_with(" ");
  return !last.is_row && !last.is_heading && !ends_sentence(last.text) && !indented && !is_row(line.text) && !text::heading_of(text::first_characters(line.text, kHeadingLook_characters));
}

/// Keeps count of paragraphs and items: 「２　…」, 「②　…」, 「三　…」, 「(3)　…」 at the beginning of a line within an article.
void Chunker::State::follow_article(std::string_view line) {
  const auto heading = text::heading_of(text::first_characters(line, kHeadingLook_characters));
  if (!heading || heading->number <= 0) return;
  const bool plain = heading->label == std::to_string(heading->number);
  if ((heading->kind == HeadingKind::kParagraph || (heading->kind == HeadingKind::kNumbered && plain)) && heading->number == place.paragraph + 1) {
    place = {.paragraph = heading->number, .item = 0};
  } else if (heading->kind == HeadingKind::kItem && heading->level == 6) {
    place.item = heading->number;
  }
}

void Chunker::State::take_line(const SourceLine& line, std::optional<Opening> opening) {
  if (opening) open(*opening);
  if (in_article && !opening) follow_article(line.text);
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
  std::size_t at_character = line.begin;
  std::size_t read_to = 0;
  for (const std::string_view piece : pieces) {
    const auto at = static_cast<std::size_t>(piece.data() - line.text.data());
    at_character += text::count_characters(std::string_view(line.text).substr(read_to, at - read_to));
    const std::size_t piece_length = text::count_characters(piece);
    add({.text = std::string(piece), .characters = piece_length, .begin = at_character, .end = at_character + piece_length, .page = line.page, .page_last = line.page,
         .is_row = row, .is_heading = opening.has_value() && opening->only_heading, .separator = first ? "\n" : "", .place = place});
    place.begins_article = false;
    at_character += piece_length;
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
    close(in_article);
    if (unit.is_row && !header.empty()) {
      const std::size_t length = text::count_characters(header);
      if (length + unit.characters + 1 <= kPassageMax_characters) {
        units.push_back({.text = header, .characters = length, .begin = unit.begin, .end = unit.begin, .page = unit.page, .page_last = unit.page, .is_row = true, .place = unit.place});
        characters += length;
      }
    }
  }
  share_path();
  characters += unit.characters + (units.empty() ? 0 : 1);
  units.push_back(std::move(unit));
}

void Chunker::State::close(bool goes_on) {
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
  if (const std::string place_text = place_in_article(units, goes_on); !place_text.empty()) passage.path += " > " + place_text;
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
  if (page.label != state_->label) state_->enter(page.label);
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
  state_->settle_caption();
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
