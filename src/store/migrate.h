#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace sekisho::store {

/// One step of the schema: src/store/migrations/NNNN_name.sql, embedded at build time.
/// A released file is never edited; a change is a new file.
struct Migration {
  int number = 0;         ///< 1, 2, 3, …
  std::string_view name;  ///< "0001_identity"
  std::string_view sql;   ///< Statements separated by `;`.
};

/// All embedded migrations in order.
[[nodiscard]] const std::vector<Migration>& embedded_migrations();

struct MigrationReport {
  int from = 0;                  ///< The schema's number before; 0 for an empty database.
  int to = 0;
  std::filesystem::path backup;  ///< The copy made before an upgrade; empty where nothing was there to lose.
};

/// Brings `database` to the newest schema: looks first (nothing is touched when it refuses), copies the old database
/// into `backup_directory`, then applies each missing migration in a transaction of its own.
/// Errors: kUnsupported (made by a newer Sekisho), kCorrupt (an applied migration differs from ours), kUnavailable.
[[nodiscard]] Result<MigrationReport> migrate(Database& database, const std::filesystem::path& backup_directory,
                                              const std::vector<Migration>& migrations = embedded_migrations());

}  // namespace sekisho::store
