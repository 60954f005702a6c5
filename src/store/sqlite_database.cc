#include "store/sqlite_connection.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "base/file_descriptor.h"
#include "base/limits.h"
#include "base/log.h"

namespace sekisho::store {
namespace {

/// Undoes on the way out what nobody committed.
class Transaction {
 public:
  explicit Transaction(SqliteConnection& connection) : connection_(connection) {}
  ~Transaction() {
    if (!connection_.in_transaction()) return;
    if (const Result<void> undone = connection_.run_script("ROLLBACK"); !undone) log_error("store.rollback", {{"why", undone.error().detail}});
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  [[nodiscard]] Result<void> begin(const char* how) { return connection_.run_script(how); }
  [[nodiscard]] Result<void> commit() { return connection_.run_script("COMMIT"); }

 private:
  SqliteConnection& connection_;
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::filesystem::path path, std::unique_ptr<SqliteConnection> writer) : path_(std::move(path)), writer_(std::move(writer)) {}

  Result<void> copy_to(const std::filesystem::path& path) override;

 protected:
  Result<void> run_write(const std::function<bool(Connection&)>& work) override;
  Result<void> run_read(const std::function<void(Connection&)>& work) override;

 private:
  class Writing;
  class Reading;

  const std::filesystem::path path_;
  std::mutex write_mutex_;
  std::atomic<std::thread::id> writing_thread_;
  std::unique_ptr<SqliteConnection> writer_;

  std::mutex read_mutex_;
  std::condition_variable reader_free_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_readers_;
  std::size_t readers_ = 0;
};

/// Holds the one writer.
class SqliteDatabase::Writing {
 public:
  explicit Writing(SqliteDatabase& database) : database_(database) {
    CHECK(database_.writing_thread_.load() != std::this_thread::get_id());
    database_.write_mutex_.lock();
    database_.writing_thread_ = std::this_thread::get_id();
  }
  ~Writing() {
    database_.writing_thread_ = std::thread::id();
    database_.write_mutex_.unlock();
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  [[nodiscard]] SqliteConnection& connection() { return *database_.writer_; }

 private:
  SqliteDatabase& database_;
};

/// Holds one reader of the pool, opening it the first time.
class SqliteDatabase::Reading {
 public:
  explicit Reading(SqliteDatabase& database) : database_(database) {
    std::unique_lock lock(database_.read_mutex_);
    database_.reader_free_.wait(lock, [&] { return !database_.idle_readers_.empty() || database_.readers_ < limits::kDatabaseReaders; });
    if (!database_.idle_readers_.empty()) {
      connection_ = std::move(database_.idle_readers_.back());
      database_.idle_readers_.pop_back();
    } else {
      ++database_.readers_;
    }
  }
  ~Reading() {
    {
      const std::lock_guard lock(database_.read_mutex_);
      if (connection_) {
        database_.idle_readers_.push_back(std::move(connection_));
      } else {
        --database_.readers_;
      }
    }
    database_.reader_free_.notify_one();
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  [[nodiscard]] Result<SqliteConnection*> connection() {
    if (!connection_) {
      Result<std::unique_ptr<SqliteConnection>> opened = SqliteConnection::open(database_.path_, SqliteConnection::Access::kReadOnly);
      if (!opened) return fail(opened.error());
      connection_ = std::move(*opened);
    }
    return connection_.get();
  }

 private:
  SqliteDatabase& database_;
  std::unique_ptr<SqliteConnection> connection_;
};

Result<void> SqliteDatabase::run_write(const std::function<bool(Connection&)>& work) {
  Writing writing(*this);
  Transaction transaction(writing.connection());
  if (Result<void> begun = transaction.begin("BEGIN IMMEDIATE"); !begun) return begun;
  if (!work(writing.connection())) return {};
  return transaction.commit();
}

Result<void> SqliteDatabase::run_read(const std::function<void(Connection&)>& work) {
  Reading reading(*this);
  Result<SqliteConnection*> connection = reading.connection();
  if (!connection) return fail(connection.error());
  Transaction transaction(**connection);
  if (Result<void> begun = transaction.begin("BEGIN"); !begun) return begun;
  work(**connection);
  return {};
}

Result<void> SqliteDatabase::copy_to(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) {
    const ErrorCode code = errno == EEXIST ? ErrorCode::kConflict : ErrorCode::kUnavailable;
    return fail(code, "cannot make the copy: " + std::string(std::strerror(errno)));
  }
  Writing writing(*this);
  if (Result<std::int64_t> copied = writing.connection().execute("VACUUM INTO ?", {path.string()}); !copied) {
    ::unlink(path.c_str());
    return fail(copied.error());
  }
  const FileDescriptor directory(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (::fsync(file.get()) != 0 || ::fsync(directory.get()) != 0) return fail(ErrorCode::kUnavailable, "cannot sync the copy");
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path) {
  Result<std::unique_ptr<SqliteConnection>> writer = SqliteConnection::open(path, SqliteConnection::Access::kWrite);
  if (!writer) return fail(writer.error());
  return std::make_unique<SqliteDatabase>(path, std::move(*writer));
}

}  // namespace sekisho::store
