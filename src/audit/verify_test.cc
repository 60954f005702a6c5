#include "audit/verify.h"

#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

#include "audit/chain.h"
#include "audit/testing/log_files.h"
#include "store/test_folder.h"

namespace sekisho::audit {
namespace {

using store::TestFolder;

/// A log of six entries (the first is log.begun) in one file.
class Verify : public testing::Test {
 protected:
  void SetUp() override {
    const auto chain = Chain::open(folder_.path(), clock_).value();
    for (int i = 0; i < 5; ++i) {
      clock_.advance_ms(1000);
      receipts_.push_back(chain->append({.kind = "release.answer", .actor_name = "山田", .details = Json::object({{"number", i}})}).value());
    }
    bytes_ = read_file(file_);
    lines_ = lines_of(bytes_);
  }
  VerifyReport verify_with(const std::string& bytes) {
    write_file(file_, bytes);
    return verify(folder_.path()).value();
  }
  std::optional<Finding> broken_with(const std::vector<std::string>& lines) { return verify_with(joined(lines)).broken; }

  FakeClock clock_;
  const TestFolder folder_{TestFolder::On::kMemory};
  const std::filesystem::path file_ = folder_ / "00000000000000000001.jsonl";
  std::vector<EntryReceipt> receipts_;
  std::string bytes_;
  std::vector<std::string> lines_;
};

TEST_F(Verify, FindsAWholeChainWhole) {
  const VerifyReport report = verify(folder_.path()).value();
  EXPECT_FALSE(report.broken);
  EXPECT_EQ(report.entries, 6);
  EXPECT_EQ(report.segments, 1);
  EXPECT_EQ(report.head.hash, receipts_.back().hash);
  EXPECT_EQ(report.last_time_ms, clock_.wall_ms());
  EXPECT_FALSE(report.unfinished_end);
}

TEST_F(Verify, FindsEveryFlippedByteInItsLine) {
  std::int64_t line = 1;
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    std::string changed = bytes_;
    changed[i] = static_cast<char>(changed[i] ^ 0x01);
    const auto broken = verify_with(changed).broken;
    ASSERT_TRUE(broken) << i;
    EXPECT_EQ(broken->sequence, line) << i;
    if (bytes_[i] == '\n') ++line;
  }
}

TEST_F(Verify, FindsARemovedLineWhereItWas) {
  for (std::size_t i = 0; i + 1 < lines_.size(); ++i) {
    auto changed = lines_;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    const auto broken = broken_with(changed);
    ASSERT_TRUE(broken) << i;
    EXPECT_EQ(broken->sequence, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(broken->line, static_cast<std::int64_t>(i) + 1);
  }
}

TEST_F(Verify, FindsSwappedAndRepeatedLines) {
  for (std::size_t i = 0; i + 1 < lines_.size(); ++i) {
    auto swapped = lines_;
    std::swap(swapped[i], swapped[i + 1]);
    EXPECT_TRUE(broken_with(swapped)) << i;
  }
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    auto repeated = lines_;
    repeated.insert(repeated.begin() + static_cast<std::ptrdiff_t>(i), lines_[i]);
    EXPECT_TRUE(broken_with(repeated)) << i;
  }
}

TEST_F(Verify, FindsAnEntryThatWasChangedAndHashedAnew) {
  const ReadLine third = parse_line(lines_[2]).value();
  Entry forged = third.entry;
  forged.actor_name = "鈴木";
  auto changed = lines_;
  changed[2] = to_line(forged, 3, third.previous).text;
  const auto broken = broken_with(changed);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->sequence, 4) << "the next entry still names the old hash";
}

TEST_F(Verify, FindsACutEndOnlyWithAWitness) {
  auto cut = lines_;
  cut.pop_back();
  EXPECT_FALSE(broken_with(cut));
  const auto with_witness = verify(folder_.path(), {.witnessed = receipts_.back()}).value();
  ASSERT_TRUE(with_witness.broken);
  EXPECT_EQ(with_witness.broken->sequence, 6);
  EXPECT_FALSE(verify(folder_.path(), {.witnessed = receipts_[2]}).value().broken);
}

TEST_F(Verify, FindsARewrittenHistoryWithAWitness) {
  const TestFolder other;
  const auto chain = Chain::open(other.path(), clock_).value();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(chain->append({.kind = "release.answer"}));
  EXPECT_FALSE(verify(other.path()).value().broken);
  EXPECT_TRUE(verify(other.path(), {.witnessed = receipts_[1]}).value().broken);
}

TEST_F(Verify, TakesALineThatIsBeingWrittenForUnfinished) {
  for (std::size_t cut = 1; cut < lines_.back().size(); cut += 7) {
    const VerifyReport report = verify_with(bytes_.substr(0, bytes_.size() - cut));
    EXPECT_FALSE(report.broken) << cut;
    EXPECT_EQ(report.entries, 5);
    EXPECT_TRUE(report.unfinished_end);
  }
}

TEST_F(Verify, FindsALineThatIsTooLong) {
  auto changed = lines_;
  changed[1] = std::string(1'000'000, 'x');
  EXPECT_TRUE(broken_with(changed));
}

TEST_F(Verify, SaysThatThereIsNoLog) {
  const TestFolder empty;
  EXPECT_EQ(verify(empty.path()).error().code, ErrorCode::kDenied);
  EXPECT_EQ(verify(empty / "missing").error().code, ErrorCode::kUnavailable);
}

TEST_F(Verify, HandsOverEntriesInOrderUntilToldToStop) {
  std::vector<std::int64_t> seen;
  ASSERT_TRUE(for_each_entry(folder_.path(), [&](const ReadLine& line) {
    seen.push_back(line.sequence);
    return seen.size() < 3;
  }));
  EXPECT_EQ(seen, (std::vector<std::int64_t>{1, 2, 3}));
}

class VerifySegments : public testing::Test {
 protected:
  void SetUp() override {
    const auto chain = Chain::open(folder_.path(), clock_, {.segment_bytes = 1000}).value();
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(chain->append({.kind = "release.answer", .actor_name = "山田"}));
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (entry.path().extension() == ".jsonl") files_.push_back(entry.path());
    }
    std::sort(files_.begin(), files_.end());
    ASSERT_GE(files_.size(), 4U);
  }
  FakeClock clock_;
  const TestFolder folder_{TestFolder::On::kMemory};
  std::vector<std::filesystem::path> files_;
};

TEST_F(VerifySegments, FollowsTheChainThroughAllFiles) {
  const VerifyReport report = verify(folder_.path()).value();
  EXPECT_FALSE(report.broken);
  EXPECT_EQ(report.entries, 21);
  EXPECT_EQ(report.segments, static_cast<std::int64_t>(files_.size()));
}

TEST_F(VerifySegments, FindsAMissingFile) {
  std::filesystem::remove(files_[1]);
  const auto broken = verify(folder_.path()).value().broken;
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->file, files_[2].filename().string());
}

TEST_F(VerifySegments, FindsAMissingFirstFile) {
  std::filesystem::remove(files_[0]);
  const auto broken = verify(folder_.path()).value().broken;
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->sequence, 1);
}

TEST_F(VerifySegments, FindsAFileCutShortInTheMiddle) {
  const std::string bytes = read_file(files_[1]);
  write_file(files_[1], bytes.substr(0, bytes.size() - 10));
  EXPECT_TRUE(verify(folder_.path()).value().broken);
}

TEST_F(VerifySegments, FindsAFileUnderAnotherName) {
  std::filesystem::rename(files_[1], folder_ / "00000000000000000002.jsonl");
  EXPECT_TRUE(verify(folder_.path()).value().broken);
}

}  // namespace
}  // namespace sekisho::audit
