#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/entry.h"
#include "audit/segment.h"
#include "base/result.h"

namespace sekisho::audit {

/// What someone looks for in the log; each empty member admits everything.
struct EntryFilter {
  std::string kind;     ///< The beginning of the kind: "release", "account.created".
  std::string actor;    ///< Part of the name.
  std::string outcome;  ///< name_of(Outcome).
  std::string level;    ///< The label's level, by its name.
  std::string subject;  ///< One of the ids that it is about.
  std::int64_t from_ms = 0;
  std::int64_t to_ms = std::numeric_limits<std::int64_t>::max();  ///< Not included.

  [[nodiscard]] bool admits(const ReadLine& line) const;
};

enum class LogForm {
  kJsonLines,  ///< The lines of the log as they are, hashes included.
  kCsvUtf8,    ///< With a byte order mark, for spreadsheets.
  kCsvCp932,   ///< What CP932 cannot hold becomes 〓.
};
/// "jsonl", "csv", "csv-cp932". Errors: kInvalid.
[[nodiscard]] Result<LogForm> log_form_named(std::string_view name);
[[nodiscard]] std::string_view media_type_of(LogForm form);
[[nodiscard]] std::string_view extension_of(LogForm form);  ///< "jsonl", "csv".

/// Bytes of the file.
struct ExportedPiece {
  std::string bytes;
  std::size_t missing = 0;  ///< Characters that the form could not hold.
};
/// What stands before the first Entry: the heads of the columns, or nothing.
[[nodiscard]] ExportedPiece export_head(LogForm form);
/// One Entry. No cell is taken for a formula by a spreadsheet. Times are this machine's.
[[nodiscard]] ExportedPiece export_entry(LogForm form, const ReadLine& line);

/// The file itself, piece by piece, in bounded memory; the chain is checked on the way. Threads: one at a time.
class LogExport {
 public:
  /// Errors: kUnavailable, kDenied (no log there).
  [[nodiscard]] static Result<LogExport> open(const std::filesystem::path& directory, LogForm form, EntryFilter filter);

  /// Some tens of KiB; nothing at the end. Errors: kUnavailable, kCorrupt (the log is broken from here on).
  [[nodiscard]] Result<std::string> next();
  [[nodiscard]] std::int64_t entries() const { return entries_; }  ///< Written so far.
  [[nodiscard]] std::size_t missing() const { return missing_; }   ///< Characters that the form could not hold, so far.

 private:
  LogExport(std::vector<Segment> segments, ChainCheck check, LogForm form, EntryFilter filter);
  /// The next Entry of the log; nothing at its end.
  Result<std::optional<ReadLine>> read();
  void add(std::string& bytes, ExportedPiece piece);

  std::vector<Segment> segments_;
  LogForm form_;
  EntryFilter filter_;
  std::size_t segment_ = 0;
  std::optional<LineReader> reader_;
  ChainCheck check_;
  bool begun_ = false;
  std::int64_t entries_ = 0;
  std::size_t missing_ = 0;
};

}  // namespace sekisho::audit
