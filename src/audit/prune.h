#pragma once

#include <cstdint>
#include <filesystem>

#include "audit/chain.h"
#include "audit/notary.h"
#include "base/result.h"

namespace sekisho::audit {

struct Removed {
  std::int64_t entries = 0;  ///< Now; 0: nothing was old enough.
  std::int64_t files = 0;
  std::int64_t up_to = 0;    ///< The last Entry that is gone, now or before.
};

/// Removes the oldest files of the log whose Entries are all before `before_ms`, at most up to what a checkpoint covers, and never
/// the file that is written. What is left of them proves the rest (pruned.h); an Entry tells of it, and a checkpoint covers that
/// Entry, before the first file goes. A crash in between leaves files that the next removal takes.
/// Errors: kCorrupt (the log is not whole: nothing is removed), kUnavailable. Threads: one at a time; the log may be written meanwhile.
[[nodiscard]] Result<Removed> prune(const std::filesystem::path& directory, Chain& chain, Notary& notary, std::int64_t before_ms,
                                    store::Disk& disk = store::Disk::real());

}  // namespace sekisho::audit
