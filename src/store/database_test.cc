#include "store/database.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "store/disk_error.h"
#include "store/test_folder.h"

namespace sekisho::store {
namespace {

std::unique_ptr<Database> open_notes(const std::filesystem::path& path) {
  Result<std::unique_ptr<Database>> database = Database::open(path);
  EXPECT_TRUE(database) << database.error().detail;
  const Result<void> made = (*database)->write([](Connection& connection) {
    return connection.run_script("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, size REAL, raw BLOB) STRICT");
  });
  EXPECT_TRUE(made) << made.error().detail;
  return std::move(*database);
}

Result<std::int64_t> add(Connection& connection, const std::string& text) {
  return connection.execute("INSERT INTO note(text) VALUES (?)", {text});
}

std::int64_t count(Database& database) {
  return database.read([](Connection& c) { return c.query("SELECT count(*) FROM note"); }).value()[0].integer(0);
}

TEST(Database, KeepsEveryKindOfValue) {
  const TestFolder folder;
  const auto database = open_notes(folder / "db");
  const std::string raw("\0\xff秘", 5);
  const auto added = database->write([&](Connection& c) {
    return c.execute("INSERT INTO note(id, text, size, raw) VALUES (?,?,?,?)", {std::int64_t{1} << 62, std::string("令和7年度予算"), 0.5, Blob{raw}});
  });
  ASSERT_TRUE(added) << added.error().detail;
  EXPECT_EQ(*added, 1);
  const auto rows = database->read([](Connection& c) { return c.query("SELECT id, text, size, raw, NULL FROM note"); });
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ((*rows)[0].integer(0), std::int64_t{1} << 62);
  EXPECT_EQ((*rows)[0].text(1), "令和7年度予算");
  EXPECT_EQ((*rows)[0].number(2), 0.5);
  EXPECT_EQ((*rows)[0].blob(3), raw);
  EXPECT_TRUE((*rows)[0].is_null(4));
  EXPECT_EQ((*rows)[0].text_or_empty(4), "");
  EXPECT_EQ((*rows)[0].integer_or(4, 7), 7);
}

TEST(Database, UndoesAWriteThatReturnsAnError) {
  const TestFolder folder;
  const auto database = open_notes(folder / "db");
  const Result<int> refused = database->write([](Connection& c) -> Result<int> {
    EXPECT_TRUE(add(c, "取り消される"));
    return fail(ErrorCode::kDenied, "no");
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kDenied);
  EXPECT_EQ(count(*database), 0);
  EXPECT_TRUE(database->write([](Connection& c) { return add(c, "次は残る"); }));
  EXPECT_EQ(count(*database), 1);
}

TEST(Database, TellsKindsOfErrorApart) {
  const TestFolder folder;
  const auto database = open_notes(folder / "db");
  const auto code = [&](const std::string& sql, Connection::Values values) {
    return database->write([&](Connection& c) { return c.execute(sql, values); }).error().code;
  };
  ASSERT_TRUE(database->write([](Connection& c) { return add(c, "一つ"); }));
  EXPECT_EQ(code("INSERT INTO note(text) VALUES (?)", {std::string("一つ")}), ErrorCode::kConflict);
  EXPECT_EQ(code("INSERT INTO note(text) VALUES (?)", {nullptr}), ErrorCode::kInvalid);
  EXPECT_EQ(code("INSERT INTO note(text) VALUES (?)", {Blob{"x"}}), ErrorCode::kInvalid);
  EXPECT_EQ(code("SELEC 1", {}), ErrorCode::kInternal);
  EXPECT_EQ(code("SELECT ?", {}), ErrorCode::kInternal);
  EXPECT_EQ(code("SELECT 1; DROP TABLE note", {}), ErrorCode::kInternal);
  EXPECT_EQ(count(*database), 1);
}

TEST(Database, TreatsHostileTextAsText) {
  const TestFolder folder;
  const auto database = open_notes(folder / "db");
  const std::string hostile = "'); DROP TABLE note; --";
  ASSERT_TRUE(database->write([&](Connection& c) { return add(c, hostile); }));
  EXPECT_EQ(database->read([](Connection& c) { return c.query("SELECT text FROM note"); }).value()[0].text(0), hostile);
}

TEST(Database, CountsChangedRows) {
  const TestFolder folder;
  const auto database = open_notes(folder / "db");
  const auto run = [&](const char* sql) { return database->write([&](Connection& c) { return c.execute(sql); }).value(); };
  EXPECT_EQ(run("INSERT INTO note(text) VALUES ('a'), ('b'), ('c')"), 3);
  EXPECT_EQ(run("UPDATE note SET size = 1.0 WHERE text <> 'a'"), 2);
  EXPECT_EQ(run("CREATE TABLE other (x INTEGER) STRICT"), 0);
  EXPECT_EQ(run("DELETE FROM note WHERE text = 'z'"), 0);
}

TEST(Database, RefusesToWriteWhileReading) {
  const TestFolder folder;
  const auto database = open_notes(folder / "db");
  EXPECT_FALSE(database->read([](Connection& c) { return add(c, "読むだけ"); }));
  EXPECT_EQ(count(*database), 0);
}

TEST(Database, ReadsASnapshotThatAWriterDoesNotDisturb) {
  const TestFolder folder;
  const auto database = open_notes(folder / "db");
  const Result<int> read = database->read([&](Connection& reading) -> Result<int> {
    EXPECT_EQ(reading.query("SELECT count(*) FROM note").value()[0].integer(0), 0);
    std::thread writer([&] { EXPECT_TRUE(database->write([](Connection& c) { return add(c, "途中で"); })); });
    writer.join();
    EXPECT_EQ(reading.query("SELECT count(*) FROM note").value()[0].integer(0), 0);
    return 1;
  });
  EXPECT_TRUE(read);
  EXPECT_EQ(count(*database), 1);
}

TEST(Database, ServesManyThreadsAtOnce) {
  const TestFolder folder;
  const auto database = open_notes(folder / "db");
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string text = std::to_string(t) + "/" + std::to_string(i);
        if (!database->write([&](Connection& c) { return add(c, text); })) ++failed;
        if (!database->read([](Connection& c) { return c.query("SELECT max(id) FROM note"); })) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(count(*database), 160);
}

TEST(Database, RunsAStatementInsideItself) {
  const TestFolder folder;
  const auto database = open_notes(folder / "db");
  ASSERT_TRUE(database->write([](Connection& c) { return c.execute("INSERT INTO note(text) VALUES ('a'), ('b')"); }));
  int pairs = 0;
  const char* sql = "SELECT text FROM note ORDER BY id";
  const auto done = database->read([&](Connection& c) {
    return c.for_each(sql, {}, [&](const Row&) { EXPECT_TRUE(c.for_each(sql, {}, [&](const Row&) { ++pairs; })); });
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(pairs, 4);
}

TEST(Database, SaysThatAFileIsNoDatabase) {
  const TestFolder folder;
  std::ofstream(folder / "db") << std::string(8192, 'x');
  const auto database = Database::open(folder / "db");
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::kCorrupt);
}

TEST(Database, SaysThatItsFolderIsMissing) {
  const TestFolder folder;
  const auto database = Database::open(folder / "no" / "db");
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::kUnavailable);
}

TEST(Database, IsReadableByItsOwnerOnly) {
  const TestFolder folder;
  const auto database = open_notes(folder / "db");
  for (const char* name : {"db", "db-wal", "db-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((folder / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << name;
  }
}

TEST(Database, CopiesItselfWhole) {
  const TestFolder folder;
  const auto database = open_notes(folder / "db");
  ASSERT_TRUE(database->write([](Connection& c) { return add(c, "控え"); }));
  ASSERT_TRUE(database->copy_to(folder / "copy"));
  EXPECT_EQ(database->copy_to(folder / "copy").error().code, ErrorCode::kConflict);
  EXPECT_EQ(count(*open_notes(folder / "copy")), 1);
}

TEST(Database, RefusesAWriteOnAFullDiskAndGoesOnAfter) {
  const SmallDisk disk("1m");
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small disk needs root";
  const auto database = open_notes(disk.path() / "db");
  ASSERT_TRUE(database->write([](Connection& c) { return add(c, "前"); }));
  const std::string large(2'000'000, 'x');
  const auto refused = database->write([&](Connection& c) { return add(c, large); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().detail.find(kDiskIsFull), std::string::npos) << refused.error().detail;
  EXPECT_TRUE(database->write([](Connection& c) { return add(c, "後"); }));
  EXPECT_EQ(count(*database), 2);
}

/// Writes numbers until killed, and says each on `out` once it is committed.
[[noreturn]] void write_until_killed(const std::filesystem::path& path, int out) {
  Result<std::unique_ptr<Database>> database = Database::open(path);
  for (std::int64_t i = 1; database; ++i) {
    const auto done = (*database)->write([&](Connection& c) { return c.execute("INSERT INTO note(id, text) VALUES (?, ?)", {i, std::to_string(i)}); });
    if (!done || ::write(out, &i, sizeof i) != sizeof i) break;
  }
  ::_exit(1);
}

TEST(Database, LosesNothingAcknowledgedWhenKilled) {
  const TestFolder folder;
  open_notes(folder / "db");
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) write_until_killed(folder / "db", ends[1]);
  ::close(ends[1]);
  std::int64_t last = 0;
  for (std::int64_t number = 0; last < 40 && ::read(ends[0], &number, sizeof number) == sizeof number;) last = number;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  for (std::int64_t number = 0; ::read(ends[0], &number, sizeof number) == sizeof number;) last = number;
  ::close(ends[0]);
  ASSERT_GE(last, 40);
  EXPECT_GE(count(*open_notes(folder / "db")), last);
}

TEST(DatabaseDeathTest, EndsTheProcessOnAWriteInsideAWrite) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const TestFolder folder;
  EXPECT_DEATH(
      {
        const auto database = open_notes(folder / "db");
        (void)database->write([&](Connection&) { return database->write([](Connection& c) { return add(c, "x"); }); });
      },
      "writing_thread_");
}

TEST(RowDeathTest, EndsTheProcessOnTheWrongType) {
  const Row row({std::string("text"), std::int64_t{1}});
  EXPECT_DEATH((void)row.integer(0), "column");
  EXPECT_DEATH((void)row.text(1), "column");
  EXPECT_DEATH((void)row.text(2), "column");
}

}  // namespace
}  // namespace sekisho::store
