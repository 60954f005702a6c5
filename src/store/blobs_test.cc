#include "store/blobs.h"

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "store/disk_error.h"
#include "store/test_folder.h"

namespace sekisho::store {
namespace {

constexpr std::uint64_t kMax = 1'000'000;

StoredBlob put(const Blobs& blobs, std::string_view bytes) {
  BlobWriter writer = blobs.begin(kMax).value();
  EXPECT_TRUE(writer.append(bytes));
  return writer.finish().value();
}

std::string read_all(const Blobs& blobs, const BlobId& id) {
  const FileDescriptor file = blobs.open_fd(id).value();
  std::string bytes(kMax, '\0');
  bytes.resize(static_cast<std::size_t>(::read(file.get(), bytes.data(), bytes.size())));
  return bytes;
}

std::size_t arriving(const TestFolder& folder) {
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder / "arriving")) ++files;
  return files;
}

TEST(Blobs, KeepsBytesUnderTheirHash) {
  const TestFolder folder;
  const auto blobs = Blobs::open(folder.path()).value();
  BlobWriter writer = blobs->begin(kMax).value();
  ASSERT_TRUE(writer.append("みなと町"));
  ASSERT_TRUE(writer.append("文書管理規程"));
  const StoredBlob stored = writer.finish().value();
  EXPECT_EQ(stored.id, BlobId(crypto::sha256("みなと町文書管理規程")));
  EXPECT_EQ(stored.size_bytes, std::string("みなと町文書管理規程").size());
  EXPECT_EQ(read_all(*blobs, stored.id), "みなと町文書管理規程");
  EXPECT_EQ(arriving(folder), 0U);
}

TEST(Blobs, KeepsAnEmptyOne) {
  const TestFolder folder;
  const auto blobs = Blobs::open(folder.path()).value();
  EXPECT_EQ(read_all(*blobs, put(*blobs, "").id), "");
}

TEST(Blobs, KeepsEqualBytesOnce) {
  const TestFolder folder;
  const auto blobs = Blobs::open(folder.path()).value();
  EXPECT_EQ(put(*blobs, "同じ").id, put(*blobs, "同じ").id);
  EXPECT_EQ(arriving(folder), 0U);
}

TEST(Blobs, OpensForReadingOnly) {
  const TestFolder folder;
  const auto blobs = Blobs::open(folder.path()).value();
  const FileDescriptor file = blobs->open_fd(put(*blobs, "x").id).value();
  EXPECT_EQ(::write(file.get(), "y", 1), -1);
}

TEST(Blobs, ForgetsAWriterThatWasNotFinished) {
  const TestFolder folder;
  const auto blobs = Blobs::open(folder.path()).value();
  {
    BlobWriter writer = blobs->begin(kMax).value();
    ASSERT_TRUE(writer.append("途中"));
    EXPECT_EQ(arriving(folder), 1U);
  }
  EXPECT_EQ(arriving(folder), 0U);
}

TEST(Blobs, RemovesAtTheStartWhatAKilledServerLeft) {
  const TestFolder folder;
  Blobs::open(folder.path()).value();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto blobs = Blobs::open(folder.path()).value();
    BlobWriter writer = blobs->begin(kMax).value();
    (void)writer.append("途中");
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(arriving(folder), 1U);
  ASSERT_TRUE(Blobs::open(folder.path()));
  EXPECT_EQ(arriving(folder), 0U);
}

TEST(Blobs, RefusesMoreThanTheLimit) {
  const TestFolder folder;
  const auto blobs = Blobs::open(folder.path()).value();
  BlobWriter writer = blobs->begin(10).value();
  EXPECT_TRUE(writer.append("0123456789"));
  EXPECT_EQ(writer.append("x").error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(writer.finish().error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(arriving(folder), 0U);
}

TEST(Blobs, SaysThatTheDiskIsFullAndLeavesNothing) {
  const TestFolder folder;
  const auto blobs = Blobs::open(folder.path()).value();
  {
    const FileSizeLimit limit(64 * 1024);
    BlobWriter writer = blobs->begin(kMax).value();
    ASSERT_TRUE(writer.append(std::string(60'000, 'x')));
    EXPECT_EQ(writer.append(std::string(60'000, 'y')).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(writer.finish().error().code, ErrorCode::kUnavailable);
  }
  EXPECT_EQ(arriving(folder), 0U);
  EXPECT_EQ(read_all(*blobs, put(*blobs, "次").id), "次");
}

TEST(Blobs, SaysThatARealDiskIsFull) {
  const SmallDisk disk("256k");
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small disk needs root";
  const auto blobs = Blobs::open(disk.path()).value();
  BlobWriter writer = blobs->begin(kMax).value();
  const auto appended = writer.append(std::string(500'000, 'x'));
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(appended.error().detail.find(kDiskIsFull), std::string::npos) << appended.error().detail;
  EXPECT_TRUE(std::filesystem::is_empty(disk.path() / "arriving"));
}

TEST(Blobs, TellsAbsentFromBroken) {
  const TestFolder folder;
  const auto blobs = Blobs::open(folder.path()).value();
  const BlobId absent(crypto::sha256("ない"));
  EXPECT_EQ(blobs->open_fd(absent).error().code, ErrorCode::kDenied);
  EXPECT_FALSE(blobs->holds(absent));
  EXPECT_TRUE(blobs->remove(absent));
  const BlobId present = put(*blobs, "ある").id;
  EXPECT_TRUE(blobs->holds(present));
  EXPECT_TRUE(blobs->remove(present));
  EXPECT_FALSE(blobs->holds(present));
}

TEST(BlobId, IsNeverAPath) {
  for (const char* text : {"", "../../etc/passwd", "..", "abc"}) EXPECT_FALSE(BlobId::parse(text)) << text;
  EXPECT_TRUE(BlobId::parse(crypto::sha256("x").hex()));
}

}  // namespace
}  // namespace sekisho::store
