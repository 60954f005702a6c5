#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "base/result.h"

namespace sekisho::audit {

/// The first thing in a log, or in its checkpoints, that is not as it must be.
struct Finding {
  std::int64_t sequence = 0;  ///< The Entry that should stand there; of a checkpoint: what it covers. 0: unknown.
  std::string file;           ///< Its file's name; empty where something kept elsewhere is missing here.
  std::int64_t line = 0;      ///< Counted from 1.
  std::string why;            ///< English.
};

struct VerifyReport {
  std::int64_t entries = 0;        ///< Whole and rightly chained, from the first on; those that were removed count.
  std::int64_t removed = 0;        ///< Of them, the first ones, of which only proof is left (pruned.h).
  std::int64_t segments = 0;
  EntryReceipt head;               ///< The last of them.
  std::int64_t first_time_ms = 0;
  std::int64_t last_time_ms = 0;
  std::int64_t recoveries = 0;     ///< Times that a start moved a torn end aside.
  bool unfinished_end = false;     ///< Bytes after the last whole line: a crash, or a server at work. No damage.
  std::int64_t checkpoints = 0;    ///< Read before the first that is not right.
  std::int64_t keys = 0;           ///< That signed one after the other.
  std::int64_t beginnings = 0;     ///< Keys that no other brought in: 1, and one more for each time that a key was lost.
  std::string key;                 ///< The last of these: compare with the public key that the office keeps.
  std::optional<TreeHead> covered; ///< By the last checkpoint.
  TreeHead tree;                   ///< Over all entries.
  std::optional<Finding> broken;   ///< Nothing: all is whole.
};

struct VerifyOptions {
  /// A receipt kept elsewhere: the chain must hold it. Without one, a log cut at its end looks whole.
  std::optional<EntryReceipt> witnessed;
  /// Checkpoints kept elsewhere (on paper): the log's tree must have been so.
  std::vector<TreeHead> trees;
  std::optional<std::filesystem::path> checkpoints;  ///< In place of the file in the folder.
  std::optional<std::filesystem::path> witness;      ///< A copy of its lines: each must stand in it.
  std::string public_key;                            ///< Hexadecimal: the key that began; empty: whichever did.
  std::optional<std::int64_t> now_ms;                ///< No checkpoint may be later, but for 5 minutes.
};

/// Reads every line and checks form, hash, chain and order, then the checkpoints against the log. Needs only the folder; a running server is no hindrance.
/// Errors: kUnavailable (the folder cannot be read), kDenied (no log there). A broken chain is a report, not an error.
[[nodiscard]] Result<VerifyReport> verify(const std::filesystem::path& directory, const VerifyOptions& options = {});

/// Hands over every whole line that is there in order until `each` returns false. Errors: as verify; kCorrupt at the first bad line.
[[nodiscard]] Result<void> for_each_entry(const std::filesystem::path& directory,
                                          const std::function<bool(const ReadLine&)>& each);

}  // namespace sekisho::audit
