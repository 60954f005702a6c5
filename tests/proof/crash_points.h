#pragma once

#include <cstdint>
#include <string>

#include "lossy_disk.h"

namespace sekisho::proof {

struct CrashCount {
  std::int64_t runs = 0;          ///< Crash points: a start, work, and the loss of power in the middle of it.
  std::int64_t twice = 0;         ///< Of them, with a second loss while the log was being recovered.
  std::int64_t permits = 0;       ///< Releases that were permitted before.
  std::int64_t entries = 0;       ///< Acknowledged before, permits included.
  std::int64_t checkpoints = 0;   ///< Acknowledged before.
  std::int64_t removed = 0;       ///< Entries that had had their time (audit/prune.h).
  std::int64_t lost_entries = 0;
  std::int64_t lost_checkpoints = 0;
  std::int64_t not_whole = 0;     ///< Logs that did not open, did not verify, or did not go on.
  std::string first_trouble;
};

/// Seeds `from` to `from + count`, each one crash point of an office's gate, log and checkpoints.
[[nodiscard]] CrashCount lose_power(std::uint64_t from, std::int64_t count, LossyDisk::Honesty honesty = LossyDisk::Honesty::kHonest);

}  // namespace sekisho::proof
