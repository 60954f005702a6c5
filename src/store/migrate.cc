#include "store/migrate.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/id.h"
#include "base/log.h"
#include "crypto/hash.h"

namespace sekisho::store {
namespace {

/// Compares what was applied with what we have. Returns the schema's number.
Result<int> preflight(Connection& connection, const std::vector<Migration>& migrations) {
  const Result<bool> begun = connection.has_table("schema_migrations");
  if (!begun) return fail(begun.error());
  if (!*begun) return 0;
  const Result<std::vector<Row>> applied = connection.query("SELECT number, name, sha256 FROM schema_migrations ORDER BY number");
  if (!applied) return fail(applied.error());
  for (std::size_t i = 0; i < applied->size(); ++i) {
    const Row& row = (*applied)[i];
    if (i >= migrations.size()) {
      return fail(ErrorCode::kUnsupported, fmt::format("the database was made by a newer Sekisho: it has migration {}, this program ends at {}",
                                                       row.text(1), migrations.size()));
    }
    if (row.integer(0) != migrations[i].number || row.text(2) != crypto::sha256(migrations[i].sql).hex()) {
      return fail(ErrorCode::kCorrupt, fmt::format("migration {} in the database is not the one in this program", row.text(1)));
    }
  }
  return static_cast<int>(applied->size());
}

Result<void> apply(Database& database, const Migration& migration) {
  return database.write([&](Connection& connection) -> Result<void> {
    Result<void> made = connection.run_script(
        "CREATE TABLE IF NOT EXISTS schema_migrations("
        "number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT");
    if (!made) return made;
    if (Result<void> done = connection.run_script(migration.sql); !done) return done;
    const Result<std::int64_t> noted =
        connection.execute("INSERT INTO schema_migrations(number, name, sha256) VALUES (?, ?, ?)",
                           {std::int64_t{migration.number}, std::string(migration.name), crypto::sha256(migration.sql).hex()});
    if (!noted) return fail(noted.error());
    return {};
  });
}

}  // namespace

Result<MigrationReport> migrate(Database& database, const std::filesystem::path& backup_directory,
                                const std::vector<Migration>& migrations) {
  for (std::size_t i = 0; i < migrations.size(); ++i) CHECK(migrations[i].number == static_cast<int>(i) + 1);
  const Result<int> from = database.read([&](Connection& connection) { return preflight(connection, migrations); });
  if (!from) return fail(from.error());

  MigrationReport report{.from = *from, .to = static_cast<int>(migrations.size()), .backup = {}};
  if (report.from == report.to) return report;
  if (report.from > 0) {
    report.backup = backup_directory / fmt::format("schema-{:04}-{}.sqlite", report.from, random_id_text().substr(0, 8));
    std::error_code failed;
    std::filesystem::create_directories(backup_directory, failed);
    if (failed) return fail(ErrorCode::kUnavailable, "cannot make the folder for backups: " + failed.message());
    if (Result<void> copied = database.copy_to(report.backup); !copied) return fail(copied.error());
  }
  for (int i = report.from; i < report.to; ++i) {
    const Migration& migration = migrations[static_cast<std::size_t>(i)];
    if (Result<void> applied = apply(database, migration); !applied) {
      return fail(applied.error().code, fmt::format("migration {}: {}", migration.name, applied.error().detail));
    }
    log_info("store.migrated", {{"migration", std::string(migration.name)}});
  }
  return report;
}

}  // namespace sekisho::store
