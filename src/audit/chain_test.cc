#include "audit/chain.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "audit/verify.h"
#include "store/test_folder.h"

namespace sekisho::audit {
namespace {

using store::FileSizeLimit;
using store::SmallDisk;
using store::TestFolder;

const std::string kFirstFile = "00000000000000000001.jsonl";

Entry entry(std::string kind = "release.answer") { return {.kind = std::move(kind), .actor_name = "山田花子", .outcome = Outcome::kAllowed}; }

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

VerifyReport whole(const std::filesystem::path& directory) {
  const Result<VerifyReport> report = verify(directory);
  EXPECT_TRUE(report);
  EXPECT_FALSE(report->broken) << report->broken->why;
  return *report;
}

TEST(Chain, BeginsWithAnEntryThatNamesTheLog) {
  const TestFolder folder;
  const FakeClock clock;
  { ASSERT_TRUE(Chain::open(folder.path(), clock)); }
  std::vector<Entry> entries;
  ASSERT_TRUE(for_each_entry(folder.path(), [&](const ReadLine& line) {
    entries.push_back(line.entry);
    return true;
  }));
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].kind, "log.begun");
  EXPECT_EQ(entries[0].time_ms, clock.wall_ms());
  EXPECT_EQ(entries[0].details.text_or("log").size(), 26U);
}

TEST(Chain, GivesAReceiptThatIsInTheLog) {
  const TestFolder folder;
  const FakeClock clock;
  const auto chain = Chain::open(folder.path(), clock).value();
  const EntryReceipt receipt = chain->append(entry()).value();
  EXPECT_EQ(receipt.sequence, 2);
  EXPECT_EQ(chain->head().hash, receipt.hash);
  EXPECT_FALSE(verify(folder.path(), {.witnessed = receipt}).value().broken) << "durable while the log is open";
}

TEST(Chain, GoesOnAfterARestart) {
  const TestFolder folder;
  const FakeClock clock;
  for (int run = 0; run < 5; ++run) {
    const auto chain = Chain::open(folder.path(), clock, {.segment_bytes = 1500}).value();
    for (int i = 0; i < 7; ++i) ASSERT_TRUE(chain->append(entry()));
  }
  const VerifyReport report = whole(folder.path());
  EXPECT_EQ(report.entries, 36);
  EXPECT_GT(report.segments, 5);
}

TEST(Chain, BelongsToOneAtATime) {
  const TestFolder folder;
  const FakeClock clock;
  auto first = Chain::open(folder.path(), clock).value();
  EXPECT_EQ(Chain::open(folder.path(), clock).error().code, ErrorCode::kConflict);
  first.reset();
  EXPECT_TRUE(Chain::open(folder.path(), clock));
}

TEST(Chain, ChainsWhatManyThreadsAppend) {
  const TestFolder folder;
  const FakeClock clock;
  const auto chain = Chain::open(folder.path(), clock, {.segment_bytes = 20'000}).value();
  std::mutex mutex;
  std::map<std::int64_t, crypto::Digest> receipts;
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const Result<EntryReceipt> receipt = chain->append(entry());
        ASSERT_TRUE(receipt);
        const std::lock_guard lock(mutex);
        EXPECT_TRUE(receipts.emplace(receipt->sequence, receipt->hash).second);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(whole(folder.path()).entries, 801);
  ASSERT_TRUE(for_each_entry(folder.path(), [&](const ReadLine& line) {
    EXPECT_TRUE(line.sequence == 1 || receipts.at(line.sequence) == line.hash);
    return true;
  }));
}

TEST(Chain, RefusesAnEntryThatIsTooLongOrTooDeepAndGoesOn) {
  const TestFolder folder;
  const FakeClock clock;
  const auto chain = Chain::open(folder.path(), clock).value();
  Entry large = entry();
  large.details = Json::object({{"text", std::string(70'000, 'x')}});
  EXPECT_EQ(chain->append(large).error().code, ErrorCode::kTooLarge);
  Entry deep = entry();
  for (int i = 0; i < 50; ++i) deep.details = Json::array({deep.details});
  EXPECT_EQ(chain->append(deep).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(chain->append(entry()).value().sequence, 2);
  whole(folder.path());
}

TEST(Chain, SetsAsideWhatACrashLeftAtEveryPrefixOfAWrite) {
  const TestFolder source;
  const FakeClock clock;
  {
    const auto chain = Chain::open(source.path(), clock).value();
    ASSERT_TRUE(chain->append(entry()));
  }
  const std::string acknowledged = read_file(source / kFirstFile);
  {
    const auto chain = Chain::open(source.path(), clock).value();
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(chain->append(entry("release.passages")));
  }
  const std::string all = read_file(source / kFirstFile);
  for (std::size_t size = acknowledged.size(); size <= all.size(); ++size) {
    const TestFolder crashed(TestFolder::On::kMemory);
    write_file(crashed / kFirstFile, all.substr(0, size));
    const auto chain = Chain::open(crashed.path(), clock);
    ASSERT_TRUE(chain) << size << ": " << chain.error().detail;
    const auto last = (*chain)->append(entry("release.after")).value();
    ASSERT_TRUE(read_file(crashed / kFirstFile).starts_with(acknowledged)) << size;
    const VerifyReport report = whole(crashed.path());
    EXPECT_EQ(report.head.hash, last.hash);
    const bool torn = all[size - 1] != '\n';
    EXPECT_EQ(report.recoveries, torn ? 1 : 0) << size;
  }
}

TEST(Chain, SetsAsideZeroesAndGarbageAndKeepsThem) {
  for (const std::string& garbage : {std::string(5000, '\0'), std::string("{\"actor\":\n\nxx\n"), std::string(200'000, 'x')}) {
    const TestFolder folder;
    const FakeClock clock;
    { ASSERT_TRUE(Chain::open(folder.path(), clock)); }
    write_file(folder / kFirstFile, read_file(folder / kFirstFile) + garbage);
    const auto chain = Chain::open(folder.path(), clock);
    ASSERT_TRUE(chain) << chain.error().detail;
    EXPECT_EQ(read_file(folder / "torn-00000000000000000002.part"), garbage);
    EXPECT_EQ(whole(folder.path()).recoveries, 1);
  }
}

TEST(Chain, RecordsARecoveryThatACrashInterrupted) {
  const TestFolder folder;
  const FakeClock clock;
  { ASSERT_TRUE(Chain::open(folder.path(), clock)); }
  write_file(folder / "torn-00000000000000000002.part", "cut, but not yet recorded");
  { ASSERT_TRUE(Chain::open(folder.path(), clock)); }
  EXPECT_EQ(whole(folder.path()).recoveries, 1);
}

TEST(Chain, RefusesALogThatWasChanged) {
  const TestFolder folder;
  const FakeClock clock;
  {
    const auto chain = Chain::open(folder.path(), clock).value();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(chain->append(entry()));
  }
  std::string bytes = read_file(folder / kFirstFile);
  bytes[bytes.find("山田") + 1] = 'x';
  write_file(folder / kFirstFile, bytes);
  EXPECT_EQ(Chain::open(folder.path(), clock).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read_file(folder / kFirstFile), bytes) << "evidence is left as it is";
}

TEST(Chain, RefusesWhenItCannotBeWrittenAndGoesOnWhenItCan) {
  const TestFolder folder;
  const FakeClock clock;
  const auto chain = Chain::open(folder.path(), clock).value();
  const std::uintmax_t size = std::filesystem::file_size(folder / kFirstFile);
  {
    const FileSizeLimit limit(size + 100);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(chain->append(entry()).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(std::filesystem::file_size(folder / kFirstFile), size) << "half a line is taken back";
  }
  EXPECT_EQ(chain->append(entry()).value().sequence, 2);
  EXPECT_EQ(whole(folder.path()).entries, 2);
}

TEST(Chain, LosesNoAcknowledgedEntryOnAFullDisk) {
  const SmallDisk disk("64k");
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small disk needs root";
  const FakeClock clock;
  const auto chain = Chain::open(disk.path(), clock, {.segment_bytes = 5'000}).value();
  std::atomic<std::int64_t> acknowledged = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        const Result<EntryReceipt> receipt = chain->append(entry());
        if (receipt) ++acknowledged;
        if (!receipt) {
          ++refused;
          EXPECT_EQ(receipt.error().code, ErrorCode::kUnavailable);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(refused, 0);
  EXPECT_EQ(whole(disk.path()).entries, acknowledged + 1);
}

TEST(Chain, FailsWhenItsFolderCannotBeMade) {
  const TestFolder folder;
  const FakeClock clock;
  write_file(folder / "file", "x");
  EXPECT_EQ(Chain::open(folder / "file" / "audit", clock).error().code, ErrorCode::kUnavailable);
}

/// Appends from two threads until killed, and says each receipt once it has it.
[[noreturn]] void append_until_killed(const std::filesystem::path& directory, int out) {
  const SystemClock clock;
  const auto chain = Chain::open(directory, clock, {.segment_bytes = 4'000});
  if (!chain) ::_exit(2);
  const auto work = [&] {
    for (;;) {
      const Result<EntryReceipt> receipt = (*chain)->append(entry());
      if (!receipt || ::write(out, &receipt->sequence, sizeof receipt->sequence) < 0) return;
    }
  };
  std::thread other(work);
  work();
  other.join();
  ::_exit(1);
}

TEST(Chain, LosesNoAcknowledgedEntryWhenKilled) {
  const TestFolder folder;
  std::int64_t acknowledged = 0;
  for (int run = 0; run < 10; ++run) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) append_until_killed(folder.path(), ends[1]);
    ::close(ends[1]);
    std::int64_t sequence = 0;
    for (int i = 0; i < 10 + run && ::read(ends[0], &sequence, sizeof sequence) > 0; ++i) acknowledged = std::max(acknowledged, sequence);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(ends[0], &sequence, sizeof sequence) > 0) acknowledged = std::max(acknowledged, sequence);
    ::close(ends[0]);
    EXPECT_GE(whole(folder.path()).entries, acknowledged);
  }
  EXPECT_GT(acknowledged, 100);
}

}  // namespace
}  // namespace sekisho::audit
