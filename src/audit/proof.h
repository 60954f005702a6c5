#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "base/json.h"
#include "base/result.h"

namespace sekisho::audit {

/// That the Entry `sequence` stands in the log that the last checkpoint covers; with `since`, also that the log of `since`
/// Entries is its beginning. The form is in docs/audit-format.md, "Proofs". Reads the whole log.
/// Errors: kDenied (no such Entry, or no checkpoint covers it yet), kInvalid (`since`), kCorrupt, kUnavailable.
[[nodiscard]] Result<Json> prove(const std::filesystem::path& directory, std::int64_t sequence, std::optional<std::int64_t> since);

/// What a proof proves.
struct Proved {
  ReadLine entry;
  TreeHead checkpoint;
  std::int64_t time_ms = 0;       ///< Of the checkpoint.
  std::optional<TreeHead> since;  ///< The beginning of the same log.
  std::string key;                ///< That began: who has no other must compare it.
};
/// Errors: kCorrupt, with what does not hold. `public_key`: hexadecimal, or empty to take whichever began.
[[nodiscard]] Result<Proved> check_proof(const Json& proof, const std::string& public_key);

}  // namespace sekisho::audit
