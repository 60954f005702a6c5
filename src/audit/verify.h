#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "audit/entry.h"
#include "base/result.h"

namespace sekisho::audit {

/// The first thing in a log that is not as it must be.
struct Finding {
  std::int64_t sequence = 0;  ///< The Entry that should stand there.
  std::string file;           ///< Its file's name.
  std::int64_t line = 0;      ///< Counted from 1.
  std::string why;            ///< English.
};

struct VerifyReport {
  std::int64_t entries = 0;        ///< Whole and rightly chained, from the first on.
  std::int64_t segments = 0;
  EntryReceipt head;               ///< The last of them.
  std::int64_t first_time_ms = 0;
  std::int64_t last_time_ms = 0;
  std::int64_t recoveries = 0;     ///< Times that a start moved a torn end aside.
  bool unfinished_end = false;     ///< Bytes after the last whole line: a crash, or a server at work. No damage.
  std::optional<Finding> broken;   ///< Nothing: the chain is whole.
};

struct VerifyOptions {
  /// A receipt kept elsewhere: the chain must hold it. Without one, a log cut at its end looks whole.
  std::optional<EntryReceipt> witnessed;
};

/// Reads every line and checks form, hash, chain and order. Needs only the folder; a running server is no hindrance.
/// Errors: kUnavailable (the folder cannot be read), kDenied (no log there). A broken chain is a report, not an error.
[[nodiscard]] Result<VerifyReport> verify(const std::filesystem::path& directory, const VerifyOptions& options = {});

/// Hands over every whole line in order until `each` returns false. Errors: as verify; kCorrupt at the first bad line.
[[nodiscard]] Result<void> for_each_entry(const std::filesystem::path& directory,
                                          const std::function<bool(const ReadLine&)>& each);

}  // namespace sekisho::audit
