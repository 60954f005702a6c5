#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "store/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sekisho::store {

/// One connection to an SQLite file with its prepared statements. Threads: one at a time.
class SqliteConnection final : public Connection {
 public:
  enum class Access { kWrite, kReadOnly };
  [[nodiscard]] static Result<std::unique_ptr<SqliteConnection>> open(const std::filesystem::path& path, Access access);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  [[nodiscard]] Result<std::vector<Row>> query(std::string_view sql, const Values& values) override;
  [[nodiscard]] Result<std::int64_t> execute(std::string_view sql, const Values& values) override;
  [[nodiscard]] Result<void> for_each(std::string_view sql, const Values& values, const std::function<void(const Row&)>& row) override;
  [[nodiscard]] Result<void> run_script(std::string_view sql) override;
  [[nodiscard]] Result<bool> has_table(std::string_view name) override;

  [[nodiscard]] bool in_transaction() const;

 private:
  explicit SqliteConnection(sqlite3* handle) : handle_(handle) {}
  [[nodiscard]] Result<sqlite3_stmt*> take_statement(std::string_view sql);
  void give_back(std::string_view sql, sqlite3_stmt* statement);
  [[nodiscard]] Result<void> bind(sqlite3_stmt* statement, const Values& values);
  [[nodiscard]] Error last_error(int code) const;

  sqlite3* handle_;
  std::unordered_map<std::string, sqlite3_stmt*> idle_;  ///< A statement in use is not in here.
};

}  // namespace sekisho::store
