#include <algorithm>
#include <bit>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "worker/extract_biff.h"
#include "worker/extract_compound.h"
#include "worker/extract_grid.h"
#include "worker/extract_number_format.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

enum Type : std::uint16_t {
  kFormula = 0x06, kEof = 0x0A, kNote = 0x1C, kDateMode = 0x22, kFilePass = 0x2F, kFont = 0x31, kColumns = 0x7D, kDefaultWidth = 0x55, kBoundSheet = 0x85, kMulRk = 0xBD, kXf = 0xE0,
  kMerged = 0xE5, kSst = 0xFC, kLabelSst = 0xFD, kDrawnText = 0x1B6, kNumber = 0x203, kLabel = 0x204, kBoolError = 0x205, kString = 0x207, kRow = 0x208, kRk = 0x27E, kFormat = 0x41E,
  kBof = 0x809
};

constexpr std::size_t kStrings = 10'000'000;
constexpr std::size_t kNarrow_characters = 4;

struct Sheet {
  std::string name;
  std::size_t at = 0;
  bool hidden = false;
};

struct Style {
  std::uint16_t font = 0;
  std::uint16_t format = 0;
  bool ground = false;
};

struct Font {
  bool bold = false;
  bool white = false;
};

/// What stands before the sheets.
struct Globals {
  std::vector<Sheet> sheets;
  std::vector<std::string> strings;
  std::vector<Style> styles;
  std::vector<Font> fonts;
  std::map<std::uint16_t, std::string> formats;
  DateSystem dates = DateSystem::k1900;
  bool encrypted = false;
  bool understood = false;

  void take(const BiffRecord& record) {
    const std::string_view bytes = record.bytes();
    switch (record.type) {
      case kBof: understood = understood || u16_at(bytes, 0) == 0x0600; break;
      case kFilePass: encrypted = true; break;
      case kDateMode: dates = u16_at(bytes, 0) == 1 ? DateSystem::k1904 : DateSystem::k1900; break;
      case kFormat: formats[u16_at(bytes, 0)] = BiffStrings(record, 4).characters(u16_at(bytes, 2)); break;
      case kFont: fonts.push_back({.bold = u16_at(bytes, 6) >= 600, .white = u16_at(bytes, 4) == 9 || u16_at(bytes, 4) == 1}); break;
      case kXf: styles.push_back({.font = u16_at(bytes, 0), .format = u16_at(bytes, 2), .ground = (u32_at(bytes, 14) >> 26 & 0x3F) != 0}); break;
      case kBoundSheet: sheet(record); break;
      case kSst: shared(record); break;
      default: break;
    }
  }
  void sheet(const BiffRecord& record) {
    const std::string_view bytes = record.bytes();
    if (bytes.size() < 8 || bytes[5] != 0) return;  // A chart or a macro sheet.
    sheets.push_back({.name = BiffStrings(record, 7).characters(static_cast<unsigned char>(bytes[6])), .at = u32_at(bytes, 0), .hidden = (bytes[4] & 3) != 0});
  }
  void shared(const BiffRecord& record) {
    BiffStrings reader(record, 8);
    const std::size_t count = std::min<std::size_t>(u32_at(record.bytes(), 4), kStrings);
    while (strings.size() < count && !reader.at_end()) strings.push_back(reader.shared());
  }
};

/// One sheet's records.
class SheetReader {
 public:
  explicit SheetReader(const Globals& globals) : globals_(globals) {}

  void read(std::string_view stream, std::size_t at) {
    BiffRecords records(stream, at);
    BiffRecord record;
    int depth = 0;  // Charts within the sheet have beginnings and ends of their own.
    while (records.next(record)) {
      if (record.type == kBof) ++depth;
      if (record.type == kEof && --depth <= 0) break;
      if (depth == 1) take(record);
    }
    if (narrow_by_default_) grid.narrow_columns(next_column_, INT64_MAX);
  }

  Grid grid;
  std::vector<std::string> drawn;
  bool hides_text = false;
  bool comments = false;

 private:
  void take(const BiffRecord& record) {
    const std::string_view bytes = record.bytes();
    switch (record.type) {
      case kLabelSst: {
        const std::size_t index = u32_at(bytes, 6);
        if (index < globals_.strings.size()) put(bytes, globals_.strings[index]);
        break;
      }
      case kLabel: put(bytes, BiffStrings(record, 8).characters(u16_at(bytes, 6))); break;
      case kNumber: number(bytes, u16_at(bytes, 2), u16_at(bytes, 4), std::bit_cast<double>(u64_at(bytes, 6))); break;
      case kRk: number(bytes, u16_at(bytes, 2), u16_at(bytes, 4), biff_packed_number(u32_at(bytes, 6))); break;
      case kMulRk:
        for (std::size_t i = 0; 4 + 6 * i + 8 <= bytes.size(); ++i) number(bytes, u16_at(bytes, 2) + static_cast<std::int64_t>(i), u16_at(bytes, 4 + 6 * i), biff_packed_number(u32_at(bytes, 6 + 6 * i)));
        break;
      case kFormula: formula(bytes); break;
      case kString: put(formula_, BiffStrings(record, 2).characters(u16_at(bytes, 0))); break;
      case kBoolError: if (bytes.size() >= 8 && bytes[7] == 0) put(bytes, bytes[6] != 0 ? "TRUE" : "FALSE"); break;
      case kRow: if ((u16_at(bytes, 12) & 0x20) != 0) grid.hide_row(u16_at(bytes, 0)); break;
      case kColumns: columns(bytes); break;
      case kDefaultWidth: narrow_by_default_ = u16_at(bytes, 0) <= kNarrow_characters; break;
      case kMerged:
        for (std::size_t i = 0; i < u16_at(bytes, 0) && 10 + 8 * i <= bytes.size(); ++i) grid.merge({u16_at(bytes, 2 + 8 * i), u16_at(bytes, 6 + 8 * i), u16_at(bytes, 4 + 8 * i), u16_at(bytes, 8 + 8 * i)});
        break;
      case kNote: comments = true; break;
      case kDrawnText:
        if (record.pieces.size() > 1 && u16_at(bytes, 10) > 0) {
          const BiffRecord text{.type = 0, .pieces = {record.pieces[1]}};
          drawn.push_back(BiffStrings(text).characters(u16_at(bytes, 10)));
        }
        break;
      default: break;
    }
  }

  void columns(std::string_view bytes) {
    const std::int64_t first = u16_at(bytes, 0);
    const std::int64_t last = std::max<std::int64_t>(first, u16_at(bytes, 2));
    if ((u16_at(bytes, 8) & 1) != 0) {
      grid.hide_columns(first, last);
    } else if (u16_at(bytes, 4) <= kNarrow_characters * 256) {
      grid.narrow_columns(first, last);
    }
    if (narrow_by_default_ && first > next_column_) grid.narrow_columns(next_column_, first - 1);
    next_column_ = std::max(next_column_, last + 1);
  }

  void formula(std::string_view bytes) {
    if (u16_at(bytes, 12) != 0xFFFF) return number(bytes, u16_at(bytes, 2), u16_at(bytes, 4), std::bit_cast<double>(u64_at(bytes, 6)));
    if (bytes.size() < 14) return;
    if (bytes[6] == 0) formula_ = bytes;  // Its text follows.
    if (bytes[6] == 1) put(bytes, bytes[8] != 0 ? "TRUE" : "FALSE");
  }

  struct Look {
    std::string_view format;
    bool strong = false;
    bool white = false;
  };
  [[nodiscard]] Look look_of(std::size_t index) const {
    if (index >= globals_.styles.size()) return {.format = "General"};
    const Style& style = globals_.styles[index];
    const auto own = globals_.formats.find(style.format);
    const std::size_t font_index = style.font > 4 ? style.font - 1U : style.font;  // There is no font 4.
    const Font font = font_index < globals_.fonts.size() ? globals_.fonts[font_index] : Font{};
    return {.format = own != globals_.formats.end() ? std::string_view(own->second) : builtin_format(style.format), .strong = font.bold || style.ground, .white = font.white && !style.ground};
  }

  void put(std::string_view cell, std::string text) {
    const Look look = look_of(u16_at(cell, 4));
    place(u16_at(cell, 0), u16_at(cell, 2), shown_text(text, look.format), look, text.empty());
  }
  void number(std::string_view cell, std::int64_t column, std::size_t style, double value) {
    const Look look = look_of(style);
    place(u16_at(cell, 0), column, shown_number(value, look.format, globals_.dates), look, false);
  }
  void place(std::int64_t row, std::int64_t column, std::string text, const Look& look, bool empty) {
    if (look.white || (text.empty() && !empty && look.format.find(";;") != std::string_view::npos)) {
      hides_text = hides_text || !empty;
      return;
    }
    grid.put(row, column, std::move(text), look.strong);
  }

  const Globals& globals_;
  std::string_view formula_;
  std::int64_t next_column_ = 0;
  bool narrow_by_default_ = false;
};

bool read_sheet(const Globals& globals, std::string_view stream, const Sheet& sheet, std::int64_t number, ExtractOutput& output) {
  SheetReader reader(globals);
  reader.read(stream, sheet.at);
  std::vector<Line> lines = reader.grid.lines();
  for (std::string& text : reader.drawn) lines.push_back({.text = std::move(text), .level = 0});
  if (reader.grid.rows_hidden() > 0) output.note(number, "hidden_rows", fmt::format("{}", reader.grid.rows_hidden()));
  if (reader.grid.columns_hidden() > 0) output.note(number, "hidden_columns", fmt::format("{}", reader.grid.columns_hidden()));
  if (reader.hides_text) output.note(number, "hidden_text", "white letters or a format that shows nothing");
  if (reader.comments) output.note(number, "comments_ignored");
  return output.page(number, lines, fmt::format("シート「{}」", sheet.name));
}

}  // namespace

Outcome read_xls(std::string_view bytes, const Request& request, ExtractOutput& output) {
  static_cast<void>(request);
  const auto file = CompoundFile::open(bytes);
  if (!file) return tl::unexpected(file.error());
  const auto stream = file->stream(CompoundFile::kRoot, "Workbook");
  if (!stream) return cannot_read("damaged", "no workbook");
  Globals globals;
  BiffRecords records(*stream, 0);
  BiffRecord record;
  while (!globals.encrypted && records.next(record) && record.type != kEof) globals.take(record);
  if (globals.encrypted) return cannot_read("encrypted", "a workbook with a password");
  if (!globals.understood) return cannot_read("unsupported", "xls");
  std::int64_t number = 0;
  std::string hidden;
  bool more = true;
  for (const Sheet& sheet : globals.sheets) {
    if (sheet.hidden) {
      hidden += (hidden.empty() ? "" : "、") + sheet.name;
    } else if (more) {
      more = read_sheet(globals, *stream, sheet, ++number, output);
    }
  }
  if (!hidden.empty()) output.note(0, "hidden_sheets", hidden);
  if (file->find(CompoundFile::kRoot, "_VBA_PROJECT_CUR")) output.note(0, "macros_ignored");
  if (output.characters() == 0) output.note(0, "empty_page", "no cell has text");
  return End{.kind = "xls", .encoding = "", .title = "", .pages = number};
}

}  // namespace sekisho::worker
