#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sekisho::store {

/// Bytes that are not text.
struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};

/// What a column can hold. Text is UTF-8.
using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string, Blob>;

/// One row of a result, columns counted from 0 in the order of the SELECT. Asking for another type than the column
/// holds is our bug and ends the process: tables are STRICT, so the types are known.
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] bool is_null(std::size_t column) const;
  [[nodiscard]] std::int64_t integer(std::size_t column) const;
  [[nodiscard]] double number(std::size_t column) const;  ///< An integer column too.
  [[nodiscard]] const std::string& text(std::size_t column) const;
  [[nodiscard]] const std::string& blob(std::size_t column) const;
  /// The text, or empty for NULL.
  [[nodiscard]] std::string text_or_empty(std::size_t column) const;
  [[nodiscard]] std::int64_t integer_or(std::size_t column, std::int64_t fallback) const;

 private:
  std::vector<Value> values_;
};

/// One transaction's view of the database. Lives inside Database::read or Database::write and must not leave it.
///
/// SQL is one statement; `?` stands for the values in order. It is prepared once and kept.
/// Errors of all: kConflict (UNIQUE, foreign key), kInvalid (CHECK, NOT NULL, wrong type), kUnavailable (disk full or
/// failing), kBusy (locked for longer than 5 s), kCorrupt (the file is damaged), kInternal (malformed SQL).
class Connection {
 public:
  using Values = std::vector<Value>;
  virtual ~Connection() = default;
  [[nodiscard]] virtual Result<std::vector<Row>> query(std::string_view sql, const Values& values = {}) = 0;
  /// Returns how many rows were inserted, updated or deleted.
  [[nodiscard]] virtual Result<std::int64_t> execute(std::string_view sql, const Values& values = {}) = 0;
  /// Like query, but hands over each row as it is read: for results that should not be held whole.
  [[nodiscard]] virtual Result<void> for_each(std::string_view sql, const Values& values,
                                              const std::function<void(const Row&)>& row) = 0;
  /// Statements separated by `;`, without values: for migrations.
  [[nodiscard]] virtual Result<void> run_script(std::string_view sql) = 0;
  [[nodiscard]] virtual Result<bool> has_table(std::string_view name) = 0;
};

/// The office's database: one file, one writer at a time, several readers that never wait for it.
/// What a write returned ok for survives a power cut.
///
/// Threads: safe from any. Blocks: on the disk, on the other writers, and on readers beyond the pool's four.
/// Neither `read` nor `write` may be called inside one of them on one thread; a write in a write ends the process.
class Database {
 public:
  /// Opens or creates. Errors: kUnavailable (path, rights), kCorrupt (not a database).
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& path);
  virtual ~Database() = default;

  /// Runs `work(Connection&) → Result<T>` in one transaction: kept when it returns a value, undone when an error.
  /// The error of a failed commit replaces the value.
  template <typename Work>
  [[nodiscard]] std::invoke_result_t<Work, Connection&> write(Work&& work) {
    using Answer = std::invoke_result_t<Work, Connection&>;
    Answer answer = fail(ErrorCode::kInternal, "not run");
    const Result<void> done = run_write([&](Connection& connection) -> bool {
      answer = work(connection);
      return answer.has_value();
    });
    if (!done) return fail(done.error());
    return answer;
  }

  /// Runs `work(Connection&) → Result<T>` on one unchanging snapshot. Writing in it fails.
  template <typename Work>
  [[nodiscard]] std::invoke_result_t<Work, Connection&> read(Work&& work) {
    using Answer = std::invoke_result_t<Work, Connection&>;
    Answer answer = fail(ErrorCode::kInternal, "not run");
    const Result<void> done = run_read([&](Connection& connection) { answer = work(connection); });
    if (!done) return fail(done.error());
    return answer;
  }

  /// A consistent copy as a new file; `path` must not exist. Errors: kConflict (it exists), kUnavailable.
  [[nodiscard]] virtual Result<void> copy_to(const std::filesystem::path& path) = 0;

 protected:
  /// `work` says whether to commit.
  [[nodiscard]] virtual Result<void> run_write(const std::function<bool(Connection&)>& work) = 0;
  [[nodiscard]] virtual Result<void> run_read(const std::function<void(Connection&)>& work) = 0;
};

}  // namespace sekisho::store
