#include "store/migrate.h"

#include <gtest/gtest.h>

#include "store/test_folder.h"

namespace sekisho::store {
namespace {

const std::vector<Migration> kOne = {{1, "0001_one", "CREATE TABLE one (x INTEGER) STRICT; INSERT INTO one VALUES (1)"}};
const std::vector<Migration> kTwo = {kOne[0], {2, "0002_two", "CREATE TABLE two (y TEXT) STRICT; INSERT INTO two SELECT '値' FROM one"}};

class Migrate : public testing::Test {
 protected:
  Result<MigrationReport> migrate_to(const std::vector<Migration>& migrations) { return migrate(*database_, folder_ / "backup", migrations); }
  std::int64_t count(const std::string& table) {
    return database_->read([&](Connection& c) { return c.query("SELECT count(*) FROM " + table); }).value()[0].integer(0);
  }
  const TestFolder folder_;
  std::unique_ptr<Database> database_ = Database::open(folder_ / "db").value();
};

TEST_F(Migrate, BuildsAnEmptyDatabaseWithoutABackup) {
  const auto report = migrate_to(kTwo);
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_EQ(report->from, 0);
  EXPECT_EQ(report->to, 2);
  EXPECT_TRUE(report->backup.empty());
  EXPECT_EQ(count("two"), 1);
}

TEST_F(Migrate, DoesNothingTheSecondTime) {
  ASSERT_TRUE(migrate_to(kTwo));
  const auto report = migrate_to(kTwo);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->from, 2);
  EXPECT_EQ(count("one"), 1);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "backup"));
}

TEST_F(Migrate, CopiesTheOldDatabaseBeforeAnUpgrade) {
  ASSERT_TRUE(migrate_to(kOne));
  const auto report = migrate_to(kTwo);
  ASSERT_TRUE(report);
  const auto backup = Database::open(report->backup).value();
  EXPECT_TRUE(backup->read([](Connection& c) { return c.has_table("one"); }).value());
  EXPECT_FALSE(backup->read([](Connection& c) { return c.has_table("two"); }).value());
}

TEST_F(Migrate, RefusesADatabaseOfANewerProgramAndTouchesNothing) {
  ASSERT_TRUE(migrate_to(kTwo));
  const auto report = migrate_to(kOne);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(report.error().detail.find("newer"), std::string::npos);
  EXPECT_EQ(count("two"), 1);
}

TEST_F(Migrate, RefusesAMigrationThatWasEditedAfterwards) {
  ASSERT_TRUE(migrate_to(kOne));
  auto edited = kTwo;
  edited[0].sql = "CREATE TABLE one (x TEXT) STRICT";
  EXPECT_EQ(migrate_to(edited).error().code, ErrorCode::kCorrupt);
}

TEST_F(Migrate, UndoesAMigrationThatFailsHalfWay) {
  auto broken = kTwo;
  broken[1].sql = "CREATE TABLE two (y TEXT) STRICT; INSERT INTO missing VALUES (1)";
  const auto report = migrate_to(broken);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().detail.find("0002_two"), std::string::npos);
  EXPECT_FALSE(database_->read([](Connection& c) { return c.has_table("two"); }).value());
  EXPECT_EQ(count("one"), 1);
  EXPECT_TRUE(migrate_to(kTwo));
}

TEST_F(Migrate, AppliesTheEmbeddedOnes) {
  const auto report = migrate_to(embedded_migrations());
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_GE(report->to, 1);
  EXPECT_EQ(embedded_migrations()[0].name, "0001_identity");
  EXPECT_EQ(count("account"), 0);
}

}  // namespace
}  // namespace sekisho::store
