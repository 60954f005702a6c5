#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "text/utf8.h"
#include "worker/extract_compound.h"
#include "worker/extract_doc_formats.h"
#include "worker/extract_lines.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

/// A stretch of the text and where its bytes lie: [MS-DOC] 2.8.35, PlcPcd.
struct Piece {
  std::uint32_t first = 0;  ///< Character positions.
  std::uint32_t last = 0;
  std::uint32_t at = 0;     ///< Byte in WordDocument.
  bool wide = true;
};

std::vector<Piece> pieces_of(std::string_view document, std::string_view table) {
  std::vector<Piece> pieces;
  std::size_t at = u32_at(document, 0x1A2);
  const std::size_t end = std::min(table.size(), at + static_cast<std::size_t>(u32_at(document, 0x1A6)));
  while (at + 3 < end && table[at] == 1) at += 3U + u16_at(table, at + 1);
  if (at + 5 > end || table[at] != 2) return pieces;
  const std::string_view plc = table.substr(at + 5, u32_at(table, at + 1));
  if (plc.size() < 16) return pieces;
  const std::size_t count = (plc.size() - 4) / 12;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t where = u32_at(plc, 4 * (count + 1) + 8 * i + 2);
    Piece piece{.first = u32_at(plc, 4 * i), .last = u32_at(plc, 4 * i + 4), .at = where & 0x3FFFFFFF, .wide = (where & 0x40000000) == 0};
    if (!piece.wide) piece.at /= 2;
    if (piece.last > piece.first) pieces.push_back(piece);
  }
  return pieces;
}

/// Bytes of compressed pieces are Windows-1252; its own marks matter little in Japanese, quotes and dashes are kept.
char32_t from_1252(unsigned char byte) {
  switch (byte) {
    case 0x82: case 0x91: case 0x92: return U'\'';
    case 0x84: case 0x93: case 0x94: return U'"';
    case 0x85: return U'…';
    case 0x96: case 0x97: return U'—';
    default: return byte;
  }
}

/// Follows the characters of the main text and makes lines of them.
class DocReader {
 public:
  DocReader(const DocFormats& formats, ExtractOutput& output) : formats_(formats), output_(output) {}

  void character(char32_t c, std::uint32_t at) {
    if (c == 0x13) {
      fields_.push_back(false);
    } else if (c == 0x14 && !fields_.empty()) {
      fields_.back() = true;  // What follows is what the field shows.
    } else if (c == 0x15 && !fields_.empty()) {
      fields_.pop_back();
    } else if (!fields_.empty() && !std::all_of(fields_.begin(), fields_.end(), [](bool shown) { return shown; })) {
      return;
    } else if (c == 0x07) {
      end_cell(at);
    } else if (c == 0x0D) {
      end_paragraph(at);
    } else if (c == 0x0C) {
      end_paragraph(at);
      send();
    } else if (lies_in(formats_.deleted, at)) {
      changes_ = true;
    } else if (lies_in(formats_.hidden, at)) {
      hides_text_ = true;
    } else {
      plain(c);
    }
  }

  std::int64_t finish() {
    end_paragraph(UINT32_MAX);
    end_row();
    send();
    if (hides_text_) output_.note(0, "hidden_text", "text that Word does not show");
    if (changes_) output_.note(0, "changes_accepted");
    if (comments_) output_.note(0, "comments_ignored");
    if (output_.characters() == 0) output_.note(0, "empty_page", "no text");
    return std::max<std::int64_t>(1, page_);
  }
  [[nodiscard]] bool wants_more() const { return more_; }
  [[nodiscard]] const std::string& title() const { return title_; }

 private:
  void plain(char32_t c) {
    if (c == 0x05) comments_ = true;
    if (c == 0x09) {
      paragraph_ += "　";
    } else if (c == 0x0B) {
      paragraph_ += '\n';
    } else if (c == 0x1E) {
      paragraph_ += '-';
    } else if (c >= 0x20 && paragraph_.size() < limits::kDocumentCharacters) {
      text::append_utf8(paragraph_, c);
    }
  }
  void end_cell(std::uint32_t at) {
    if (lies_in(formats_.row_ends, at)) return end_row();
    append_joined(cell_, without_outer_space(std::exchange(paragraph_, {})));
    std::replace(cell_.begin(), cell_.end(), '\n', ' ');
    if (row_.size() < limits::kTableCells) row_.push_back(std::exchange(cell_, {}));
  }
  void end_row() {
    std::string line;
    for (std::size_t i = 0; i < row_.size(); ++i) line.append(i > 0 ? "\t" : "").append(row_[i]);
    row_.clear();
    if (!without_outer_space(line).empty()) lines_.push_back({.text = std::move(line), .level = 0});
  }
  void end_paragraph(std::uint32_t at) {
    if (lies_in(formats_.in_table, at)) {
      append_joined(cell_, without_outer_space(std::exchange(paragraph_, {})));
      return;
    }
    if (!row_.empty()) end_row();
    std::string text = std::exchange(paragraph_, {});
    if (without_outer_space(text).empty()) return;
    int level = 0;
    for (int i = 0; i < 9 && level == 0; ++i) level = lies_in(formats_.headings[i], at) ? i + 1 : 0;
    if (title_.empty() && level == 1) title_ = text;
    lines_.push_back({.text = std::move(text), .level = level});
  }
  void send() {
    if (lines_.empty()) return;
    more_ = output_.page(++page_, lines_) && more_;
    lines_.clear();
  }

  const DocFormats& formats_;
  ExtractOutput& output_;
  std::vector<bool> fields_;  ///< Of each open field, whether its result has begun.
  std::vector<Line> lines_;
  std::vector<std::string> row_;
  std::string cell_;
  std::string paragraph_;
  std::string title_;
  std::int64_t page_ = 0;
  bool hides_text_ = false;
  bool changes_ = false;
  bool comments_ = false;
  bool more_ = true;
};

/// The characters of the first `count` positions: the main text and its footnotes, without headers.
void follow(std::string_view document, const std::vector<Piece>& pieces, std::uint32_t count, DocReader& reader) {
  for (const Piece& piece : pieces) {
    if (piece.first >= count || !reader.wants_more()) break;
    const std::uint32_t end = std::min(piece.last, count);
    for (std::uint32_t i = 0; i < end - piece.first; ++i) {
      const std::uint64_t at = piece.at + static_cast<std::uint64_t>(i) * (piece.wide ? 2 : 1);
      if (at + (piece.wide ? 2 : 1) > document.size()) return;
      char32_t c = piece.wide ? u16_at(document, at) : from_1252(static_cast<unsigned char>(document[at]));
      if (piece.wide && c >= 0xD800 && c < 0xDC00 && i + 1 < end - piece.first) {
        const char32_t low = u16_at(document, at + 2);
        if (low >= 0xDC00 && low < 0xE000) {
          c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
          ++i;
        }
      }
      reader.character(c, static_cast<std::uint32_t>(at));
    }
  }
}

}  // namespace

Outcome read_doc(std::string_view bytes, const Request& request, ExtractOutput& output) {
  static_cast<void>(request);
  const auto file = CompoundFile::open(bytes);
  if (!file) return tl::unexpected(file.error());
  const auto document = file->stream(CompoundFile::kRoot, "WordDocument");
  if (!document || u16_at(*document, 0) != 0xA5EC) return cannot_read("damaged", "no document");
  const std::uint16_t flags = u16_at(*document, 0x0A);
  if ((flags & 0x0100) != 0) return cannot_read("encrypted", "a document with a password");
  if (u16_at(*document, 2) < 193) return cannot_read("unsupported", "doc");  // Older than Word 97.
  const auto table = file->stream(CompoundFile::kRoot, (flags & 0x0200) != 0 ? "1Table" : "0Table");
  const std::vector<Piece> pieces = table ? pieces_of(*document, *table) : std::vector<Piece>();
  if (pieces.empty()) return cannot_read("damaged", "no table of pieces");
  const DocFormats formats = DocFormats::read(*document, *table);
  DocReader reader(formats, output);
  const std::uint64_t count = std::uint64_t{u32_at(*document, 0x4C)} + u32_at(*document, 0x50);
  follow(*document, pieces, static_cast<std::uint32_t>(std::min<std::uint64_t>(count, UINT32_MAX)), reader);
  const std::int64_t pages = reader.finish();
  if (file->find(CompoundFile::kRoot, "Macros")) output.note(0, "macros_ignored");
  return End{.kind = "doc", .encoding = "", .title = std::string(text::first_characters(reader.title(), 200)), .pages = pages};
}

}  // namespace sekisho::worker
