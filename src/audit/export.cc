#include "audit/export.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include "audit/pruned.h"
#include "text/encoding.h"

namespace sekisho::audit {
namespace {

constexpr std::size_t kPieceBytes = 64UL * 1024;
constexpr std::string_view kBom = "\xEF\xBB\xBF";

std::string time_text(std::int64_t time_ms) {
  const std::time_t seconds = time_ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
}

/// What a spreadsheet would take for a formula becomes text (OWASP, CSV injection).
std::string cell(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) text.insert(text.begin(), '\'');
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

ExportedPiece csv_line(LogForm form, const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& text : cells) {
    if (!line.empty()) line += ',';
    line += cell(text);
  }
  line += "\r\n";
  if (form == LogForm::kCsvUtf8) return {std::move(line), 0};
  text::EncodedCp932 encoded = text::encode_cp932(line);
  std::size_t missing = 0;
  for (const text::Unencodable& one : encoded.missing) missing += one.count;
  return {std::move(encoded.bytes), missing};
}

}  // namespace

bool EntryFilter::admits(const ReadLine& line) const {
  const Entry& entry = line.entry;
  if (!entry.kind.starts_with(kind) || entry.actor_name.find(actor) == std::string::npos) return false;
  if (!outcome.empty() && name_of(entry.outcome) != outcome) return false;
  if (!level.empty() && (!entry.label || entry.label->level != level)) return false;
  if (!subject.empty() && std::find(entry.subjects.begin(), entry.subjects.end(), subject) == entry.subjects.end()) return false;
  return entry.time_ms >= from_ms && entry.time_ms < to_ms;
}

Result<LogForm> log_form_named(std::string_view name) {
  if (name == "jsonl") return LogForm::kJsonLines;
  if (name == "csv") return LogForm::kCsvUtf8;
  if (name == "csv-cp932") return LogForm::kCsvCp932;
  return fail(ErrorCode::kInvalid, "form: jsonl, csv or csv-cp932");
}

std::string_view media_type_of(LogForm form) {
  switch (form) {
    case LogForm::kJsonLines: return "application/x-ndjson";
    case LogForm::kCsvUtf8: return "text/csv; charset=utf-8";
    case LogForm::kCsvCp932: return "text/csv; charset=Shift_JIS";
  }
  return "";
}

std::string_view extension_of(LogForm form) { return form == LogForm::kJsonLines ? "jsonl" : "csv"; }

ExportedPiece export_head(LogForm form) {
  if (form == LogForm::kJsonLines) return {};
  ExportedPiece piece = csv_line(form, {"番号", "時刻", "利用者", "種別", "対象", "格付", "結果", "詳細", "ハッシュ値"});
  if (form == LogForm::kCsvUtf8) piece.bytes.insert(0, kBom);
  return piece;
}

ExportedPiece export_entry(LogForm form, const ReadLine& line) {
  const Entry& entry = line.entry;
  if (form == LogForm::kJsonLines) return {to_line(entry, line.sequence, line.previous).text + "\n", 0};
  return csv_line(form, {std::to_string(line.sequence), time_text(entry.time_ms), entry.actor_name, entry.kind, fmt::format("{}", fmt::join(entry.subjects, " ")),
                         entry.label ? entry.label->level : "", std::string(name_of(entry.outcome)), entry.details.dump(), line.hash.hex()});
}

LogExport::LogExport(std::vector<Segment> segments, ChainCheck check, LogForm form, EntryFilter filter)
    : segments_(std::move(segments)), form_(form), filter_(std::move(filter)), check_(check) {}

Result<LogExport> LogExport::open(const std::filesystem::path& directory, LogForm form, EntryFilter filter) {
  Result<std::vector<Segment>> segments = list_segments(directory);
  if (!segments) return fail(segments.error());
  if (segments->empty()) return fail(ErrorCode::kDenied, "no audit log in this folder");
  const Result<Pruned> pruned = read_pruned(directory);
  if (!pruned) return fail(pruned.error());
  return LogExport(behind(std::move(*segments), pruned->size()), ChainCheck(pruned->size() + 1, pruned->head), form, std::move(filter));
}

Result<std::optional<ReadLine>> LogExport::read() {
  while (segment_ < segments_.size()) {
    if (!reader_) {
      Result<LineReader> reader = LineReader::open(segments_[segment_].path);
      if (!reader) return fail(reader.error());
      reader_ = std::move(*reader);
    }
    Result<std::optional<std::string>> text = reader_->next();
    if (!text) return fail(text.error());
    if (*text) {
      Result<ReadLine> line = check_.accept(**text);
      if (!line) return fail(line.error());
      return std::optional<ReadLine>(std::move(*line));
    }
    reader_.reset();
    ++segment_;
  }
  return std::nullopt;
}

void LogExport::add(std::string& bytes, ExportedPiece piece) {
  bytes += piece.bytes;
  missing_ += piece.missing;
}

Result<std::string> LogExport::next() {
  std::string bytes;
  if (!std::exchange(begun_, true)) add(bytes, export_head(form_));
  while (bytes.size() < kPieceBytes) {
    Result<std::optional<ReadLine>> line = read();
    if (!line) return fail(line.error());
    if (!*line) break;
    if (!filter_.admits(**line)) continue;
    add(bytes, export_entry(form_, **line));
    ++entries_;
  }
  return bytes;
}

}  // namespace sekisho::audit
