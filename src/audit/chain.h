#pragma once

#include <filesystem>
#include <memory>

#include "audit/entry.h"
#include "audit/merkle.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "store/disk.h"

namespace sekisho::audit {

struct ChainOptions {
  std::size_t segment_bytes = limits::kAuditSegmentBytes;  ///< A file that has grown past this is followed by the next.
  /// The tree over the first Entries, as the last checkpoint tells it (last_known_tree): they need not be read again. Without
  /// it, opening reads the whole log.
  MerkleEdge known = {};
  store::Disk* disk = &store::Disk::real();  ///< Must outlive the chain.
};

/// The append-only, hash-chained log of one data folder (docs/audit-format.md).
///
/// Threads: safe from any; those that append together share one fsync. Blocks: one fsync an append.
class Chain {
 public:
  /// Opens or begins the log in `directory` and holds it for this process alone. What a crash left unfinished after
  /// the last whole line was never acknowledged: it is moved aside into `torn-….part` and an Entry says so.
  /// Errors: kConflict (another process holds it), kCorrupt (whole lines that break the chain: see verify;
  /// or that end before `options.known` does), kUnavailable. `clock` must outlive the chain.
  [[nodiscard]] static Result<std::unique_ptr<Chain>> open(const std::filesystem::path& directory, const Clock& clock,
                                                           ChainOptions options = {});
  ~Chain();
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  /// Durable when this returns ok: a receipt proves a record. An Entry without a time gets the clock's.
  /// Errors: kTooLarge (a line past limits::kAuditLineBytes), kUnavailable (the log cannot be written: nothing may go on).
  [[nodiscard]] Result<EntryReceipt> append(Entry entry);

  /// The last durable Entry.
  [[nodiscard]] EntryReceipt head() const;

  /// The tree over all durable Entries; its size is their number.
  [[nodiscard]] MerkleEdge tree() const;

 private:
  struct State;
  explicit Chain(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sekisho::audit
