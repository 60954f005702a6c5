#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "text/encoding.h"
#include "text/utf8.h"
#include "worker/extract_decode.h"
#include "worker/extract_lines.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

using Row = std::vector<std::string>;

/// RFC 4180, generous: quotes open a cell only at its beginning, any line end ends a record.
class CsvParser {
 public:
  CsvParser(std::string_view text, char separator) : text_(text), separator_(separator) {}

  /// The next record, false at the end.
  bool next(Row& row) {
    row.clear();
    if (at_ >= text_.size()) return false;
    for (;;) {
      std::string cell = at_ < text_.size() && text_[at_] == '"' ? quoted() : std::string();
      const std::size_t end = std::min(text_.find_first_of(stops(), at_), text_.size());
      cell += text_.substr(at_, end - at_);
      at_ = end;
      if (row.size() < limits::kTableCells) row.push_back(tidy(cell));
      if (at_ >= text_.size()) return true;
      const char stop = text_[at_++];
      if (stop == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
      if (stop != separator_) return true;
    }
  }

 private:
  [[nodiscard]] std::string stops() const { return {separator_, '\r', '\n'}; }
  std::string quoted() {
    std::string cell;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '"') {
        cell += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        cell += text_[++at_];
      } else {
        ++at_;
        break;
      }
    }
    return cell;
  }
  /// One line a cell; ="0123", which keeps zeros in spreadsheets, without its shell.
  static std::string tidy(std::string_view cell) {
    if (cell.starts_with("=\"") && cell.ends_with('"') && cell.size() >= 3) cell = cell.substr(2, cell.size() - 3);
    std::string out(without_outer_space(cell));
    for (char& c : out) {
      if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    }
    return out;
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
};

std::size_t filled(const Row& row) {
  return static_cast<std::size_t>(std::count_if(row.begin(), row.end(), [](const std::string& cell) { return !cell.empty(); }));
}

char separator_of(std::string_view text, DocumentKind kind) {
  const std::string_view head = text.substr(0, 64 * limits::kKiB);
  const auto count = [&](char c) { return std::count(head.begin(), head.end(), c); };
  if (kind == DocumentKind::kTsv) return count('\t') > 0 ? '\t' : ',';
  if (count(',') > 0) return count('\t') > 4 * count(',') ? '\t' : ',';
  return count('\t') > 0 ? '\t' : count(';') > 0 ? ';' : ',';
}

/// The first rows of a table, told apart.
struct Head {
  std::vector<std::string> titles;  ///< Rows above the table: its name, its date, its unit.
  Row columns;                      ///< Empty where the table has no header.
  std::size_t rows = 0;             ///< How many rows these are.
};

/// `first` are the first rows. The usual number of filled cells tells the table from the lines above it; a header is a
/// row of distinct words above rows that hold figures, or above anything where no cell of it is a figure.
Head head_of(const std::vector<Row>& first) {
  Head head;
  std::map<std::size_t, std::size_t> widths;
  for (const Row& row : first) ++widths[filled(row)];
  std::size_t usual = 0;
  std::size_t most = 0;
  for (const auto& [width, rows] : widths) {
    if (width >= 2 && rows >= most) {
      usual = width;
      most = rows;
    }
  }
  if (usual == 0) return head;
  while (head.rows < first.size() && filled(first[head.rows]) * 2 < usual + (usual == 2 ? 1 : 0)) {
    std::string title;
    for (const std::string& cell : first[head.rows]) append_joined(title, cell);
    head.titles.push_back(std::move(title));
    ++head.rows;
  }
  if (head.rows + 1 >= first.size()) return head;
  const Row& row = first[head.rows];
  const std::set<std::string> distinct(row.begin(), row.end());
  const bool any_figure = std::any_of(row.begin(), row.end(), is_figure);
  if (!any_figure && filled(row) * 10 >= usual * 6 && distinct.size() * 10 >= row.size() * 8) {
    head.columns = row;
    ++head.rows;
  }
  return head;
}

std::string record(const Row& columns, const Row& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i].empty()) continue;
    if (!line.empty()) line += " / ";
    if (i < columns.size() && !columns[i].empty()) line.append(columns[i]).append(": ");
    line += row[i];
  }
  return line;
}

std::string cells(const Row& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) line += '\t';
    line += row[i];
  }
  return line;
}

}  // namespace

Outcome read_table(std::string_view bytes, DocumentKind kind, const Request& request, ExtractOutput& output) {
  constexpr std::size_t kLookRows = 50;
  constexpr std::size_t kLinesAtOnce = 2'000;
  const text::Decoded decoded = decode_document(bytes, request, "", output);
  CsvParser parser(decoded.text, separator_of(decoded.text, kind));
  std::vector<Row> first;
  Row row;
  while (first.size() < kLookRows && parser.next(row)) {
    if (filled(row) > 0) first.push_back(row);
  }
  const Head head = head_of(first);
  End end{.kind = "csv", .encoding = std::string(name_of(decoded.encoding)), .title = "", .pages = 1};
  std::vector<Line> lines;
  for (const std::string& title : head.titles) lines.push_back({.text = title, .level = lines.empty() ? 1 : 0});
  if (!head.titles.empty()) end.title = text::first_characters(head.titles[0], 200);
  const auto add = [&](const Row& values) { lines.push_back({.text = head.columns.empty() ? cells(values) : record(head.columns, values), .level = 0}); };
  for (std::size_t i = head.rows; i < first.size(); ++i) add(first[i]);
  bool more = true;
  while (more && parser.next(row)) {
    add(row);
    if (lines.size() < kLinesAtOnce) continue;
    more = output.page(1, lines);
    lines.clear();
  }
  if (more && output.page(1, lines) && output.characters() == 0) output.note(0, "empty_page", "no cell has text");
  return end;
}

}  // namespace sekisho::worker
