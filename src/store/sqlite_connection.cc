#include <sqlite3.h>

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "base/file_descriptor.h"
#include "base/limits.h"
#include "store/disk_error.h"
#include "store/sqlite_connection.h"

namespace sekisho::store {
namespace {

constexpr int kBusyTimeout_ms = 5'000;

ErrorCode code_of(int sqlite_code) {
  switch (sqlite_code & 0xFF) {
    case SQLITE_CONSTRAINT:
      return sqlite_code == SQLITE_CONSTRAINT_UNIQUE || sqlite_code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                     sqlite_code == SQLITE_CONSTRAINT_ROWID || sqlite_code == SQLITE_CONSTRAINT_FOREIGNKEY
                 ? ErrorCode::kConflict
                 : ErrorCode::kInvalid;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::kBusy;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM: return ErrorCode::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::kCorrupt;
    case SQLITE_TOOBIG: return ErrorCode::kTooLarge;
    default: return ErrorCode::kInternal;
  }
}

Value column_value(sqlite3_stmt* statement, int column) {
  const auto bytes = [&](const void* data) {
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return size == 0 ? std::string() : std::string(static_cast<const char*>(data), size);
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: return bytes(sqlite3_column_text(statement, column));
    case SQLITE_BLOB: return Blob{bytes(sqlite3_column_blob(statement, column))};
    default: return nullptr;
  }
}

Row read_row(sqlite3_stmt* statement) {
  std::vector<Value> values;
  const int columns = sqlite3_column_count(statement);
  values.reserve(static_cast<std::size_t>(columns));
  for (int i = 0; i < columns; ++i) values.push_back(column_value(statement, i));
  return Row(std::move(values));
}

/// SQLITE_STATIC: the values outlive the statement's use.
int bind_value(sqlite3_stmt* statement, int index, const Value& value) {
  if (std::holds_alternative<std::nullptr_t>(value)) return sqlite3_bind_null(statement, index);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, index, *whole);
  if (const auto* number = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *number);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  const std::string& bytes = std::get<Blob>(value).bytes;
  return sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC);
}

bool only_space(const char* text, const char* end) {
  for (; text != end; ++text) {
    if (*text != ' ' && *text != '\n' && *text != '\t' && *text != '\r' && *text != ';') return false;
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::filesystem::path& path, Access access) {
  {
    // SQLite would create the file readable by all; its journal files take the mode of this one.
    const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file.valid()) return fail(ErrorCode::kUnavailable, "cannot open the database: " + std::string(std::strerror(errno)));
  }
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle));
  if (opened != SQLITE_OK) return fail(connection->last_error(opened));
  sqlite3_busy_timeout(handle, kBusyTimeout_ms);
  std::string settings =
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;";
  if (access == Access::kReadOnly) settings += "PRAGMA query_only=ON;";
  if (Result<void> set = connection->run_script(settings); !set) return fail(set.error());
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

Error SqliteConnection::last_error(int code) const {
  if ((code & 0xFF) == SQLITE_FULL) return disk_error("database: cannot write", ENOSPC);
  return Error{code_of(code), std::string("database: ") + (handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code))};
}

Result<sqlite3_stmt*> SqliteConnection::take_statement(std::string_view sql) {
  if (const auto found = idle_.find(std::string(sql)); found != idle_.end()) {
    sqlite3_stmt* statement = found->second;
    idle_.erase(found);
    return statement;
  }
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int prepared =
      sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, &tail);
  if (prepared != SQLITE_OK) return fail(last_error(prepared));
  if (statement == nullptr || !only_space(tail, sql.data() + sql.size())) {
    sqlite3_finalize(statement);
    return fail(ErrorCode::kInternal, "database: not exactly one statement");
  }
  return statement;
}

void SqliteConnection::give_back(std::string_view sql, sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  if (idle_.size() >= limits::kPreparedStatements || !idle_.emplace(std::string(sql), statement).second) sqlite3_finalize(statement);
}

Result<void> SqliteConnection::bind(sqlite3_stmt* statement, const Values& values) {
  if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) != values.size()) {
    return fail(ErrorCode::kInternal, "database: not as many values as question marks");
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int bound = bind_value(statement, static_cast<int>(i) + 1, values[i]);
    if (bound != SQLITE_OK) return fail(last_error(bound));
  }
  return {};
}

Result<void> SqliteConnection::for_each(std::string_view sql, const Values& values, const std::function<void(const Row&)>& row) {
  Result<sqlite3_stmt*> statement = take_statement(sql);
  if (!statement) return fail(statement.error());
  Result<void> outcome = bind(*statement, values);
  while (outcome) {
    const int stepped = sqlite3_step(*statement);
    if (stepped == SQLITE_DONE) break;
    if (stepped == SQLITE_ROW) {
      row(read_row(*statement));
    } else {
      outcome = fail(last_error(stepped));
    }
  }
  give_back(sql, *statement);
  return outcome;
}

Result<std::vector<Row>> SqliteConnection::query(std::string_view sql, const Values& values) {
  std::vector<Row> rows;
  Result<void> done = for_each(sql, values, [&](const Row& row) { rows.push_back(row); });
  if (!done) return fail(done.error());
  return rows;
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql, const Values& values) {
  const std::int64_t before = sqlite3_total_changes64(handle_);
  Result<void> done = for_each(sql, values, [](const Row&) {});
  if (!done) return fail(done.error());
  // Statements that change nothing leave sqlite3_changes64 at the last count; so does this, but not its sum.
  return sqlite3_total_changes64(handle_) == before ? 0 : static_cast<std::int64_t>(sqlite3_changes64(handle_));
}

Result<void> SqliteConnection::run_script(std::string_view sql) {
  const std::string script(sql);
  const int done = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
  if (done != SQLITE_OK) return fail(last_error(done));
  return {};
}

Result<bool> SqliteConnection::has_table(std::string_view name) {
  Result<std::vector<Row>> rows = query("SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", {std::string(name)});
  if (!rows) return fail(rows.error());
  return !rows->empty();
}

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

}  // namespace sekisho::store
