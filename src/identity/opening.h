#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/content.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/result.h"
#include "gate/gate.h"
#include "store/database.h"

namespace sekisho::identity {

using OpeningId = Id<struct OpeningTag>;

/// That an auditor may read the sealed content of one Entry for a while.
struct Opening {
  OpeningId id;
  std::int64_t sequence = 0;  ///< Of the Entry.
  std::string level;
  std::string reason;
  std::string asked_by;  ///< Display names.
  std::int64_t asked_ms = 0;
  std::string approved_by;               ///< Empty: nobody yet.
  std::optional<std::int64_t> ends_ms;  ///< From then on it is over: approved or not.
  bool own = false;                     ///< The caller asked for it.
};

/// The two-person rule on what the log seals: an auditor asks with a reason, another account, operator or auditor, agrees, and the one
/// who asked reads for 24 hours. Each step is an Entry before it holds; each reading is a release through the gate.
///
/// Threads: safe from any. Blocks: database, one audit append; ask() reads the log up to the Entry.
class Openings {
 public:
  /// All must outlive this. `log` is the log's folder.
  Openings(store::Database& database, gate::Gate& gate, const audit::Contents& contents, std::filesystem::path log, const Clock& clock);

  /// Errors: kDenied (no auditor, no such Entry, none that holds content, one above the asker's clearance), kInvalid (reason).
  [[nodiscard]] Result<OpeningId> ask(const gate::Actor& actor, std::int64_t sequence, std::string_view reason);
  /// Errors: kDenied (no operator or auditor, one's own, over), kConflict (approved already).
  [[nodiscard]] Result<void> approve(const gate::Actor& actor, const OpeningId& id);
  /// Newest first; for auditors and operators. Errors: kDenied.
  [[nodiscard]] Result<std::vector<Opening>> list(const gate::Actor& actor);
  /// {"question","answer","sources"}. Errors: kDenied (not one's own, not approved, over, erased, above the clearance).
  [[nodiscard]] Result<Json> read(const gate::Actor& actor, const OpeningId& id);

 private:
  store::Database& database_;
  gate::Gate& gate_;
  const audit::Contents& contents_;
  const std::filesystem::path log_;
  const Clock& clock_;
};

}  // namespace sekisho::identity
