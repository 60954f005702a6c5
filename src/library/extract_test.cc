#include "library/extract.h"

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sekisho::library {
namespace {

using process::extract::Page;
using ::testing::HasSubstr;

/// A document in memory.
class DocumentFile {
 public:
  explicit DocumentFile(std::string_view bytes) : fd_(::memfd_create("document", MFD_CLOEXEC)) {
    EXPECT_EQ(::write(fd_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    EXPECT_EQ(::lseek(fd_, 0, SEEK_SET), 0);
  }
  ~DocumentFile() { ::close(fd_); }
  DocumentFile(const DocumentFile&) = delete;
  DocumentFile& operator=(const DocumentFile&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

struct Outcome {
  tl::expected<Extracted, ExtractFailure> result;
  std::string text;
  int pages = 0;
};

Outcome read(std::string_view bytes, ExtractOptions options) {
  const DocumentFile file(bytes);
  const SystemClock clock;
  std::string text;
  int pages = 0;
  auto result = extract(file.fd(), options, clock, [&](const Page& page) -> Result<void> {
    text += page.text;
    ++pages;
    return {};
  });
  return {std::move(result), text, pages};
}

ExtractOptions real(std::string file_name) {
  ExtractOptions options;
  options.program = SEKISHO_EXTRACT_PROGRAM;
  options.file_name = std::move(file_name);
  return options;
}

ExtractOptions rogue(std::string lie) {
  ExtractOptions options = real("document." + lie);
  options.program = SEKISHO_ROGUE_EXTRACT_PROGRAM;
  return options;
}

TEST(Extract, ReadsADocumentInASealedWorkerAtTheLowestPriority) {
  const Outcome outcome = read("第一条　この規程は、文書の管理に関し必要な事項を定める。\n", real("規程.txt"));
  ASSERT_TRUE(outcome.result.has_value()) << outcome.result.error().error.detail;
  EXPECT_EQ(outcome.text, "第一条　この規程は、文書の管理に関し必要な事項を定める。");
  EXPECT_TRUE(outcome.result->seal.sealed());
  EXPECT_EQ(outcome.result->end.kind, "text");
  EXPECT_EQ(outcome.result->characters, 28U);
}

TEST(Extract, PassesOnWhyADocumentCannotBeRead) {
  EXPECT_EQ(read("", real("空.pdf")).result.error().reason, "empty_file");
  const Outcome ichitaro = read(std::string("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) + std::string(600, '\0'), real("文書.jtd"));
  ASSERT_FALSE(ichitaro.result.has_value());
  EXPECT_EQ(ichitaro.result.error().reason, "unsupported");
  EXPECT_EQ(ichitaro.result.error().error.detail, "ichitaro");
  EXPECT_EQ(ichitaro.result.error().error.code, ErrorCode::kUnsupported);
}

TEST(Extract, TakesAFileNameOfAnyLength) {
  EXPECT_TRUE(read("一行\n", real(std::string(3'000, 'a') + ".txt")).result.has_value());
  EXPECT_TRUE(read("一行\n", real("a." + std::string(3'000, 'b'))).result.has_value());
}

TEST(Extract, StopsWhereTheReceiverCannotTakeAPage) {
  const DocumentFile file("本文\n");
  const SystemClock clock;
  const auto result = extract(file.fd(), real("a.txt"), clock, [](const Page&) -> Result<void> { return fail(ErrorCode::kUnavailable, "disk full"); });
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().reason, "receiver");
  EXPECT_EQ(result.error().error.detail, "disk full");
}

TEST(Extract, StopsWhenItIsCancelledOrTakesTooLong) {
  ExtractOptions cancelled = rogue("silent");
  cancelled.cancelled = [calls = 0]() mutable { return ++calls > 3; };
  EXPECT_EQ(read("x", cancelled).result.error().reason, "cancelled");
  ExtractOptions slow = rogue("silent");
  slow.timeout_ms = 500;
  EXPECT_EQ(read("x", slow).result.error().reason, "timeout");
}

TEST(Extract, SaysThatAWorkerEndedOrIsMissing) {
  ExtractOptions none = real("a.txt");
  none.program = "/no/such/program";
  EXPECT_EQ(read("x", none).result.error().reason, "unavailable");
  ExtractOptions other = real("a.txt");
  other.program = "/bin/true";
  EXPECT_EQ(read("x", other).result.error().reason, "worker_ended");
  EXPECT_EQ(read("x", rogue("quits")).result.error().reason, "worker_ended");
}

TEST(Extract, AsksNothingOfAWorkerWhoseSealIsOpen) {
  const Outcome outcome = read("U", rogue("order"));
  ASSERT_FALSE(outcome.result.has_value());
  EXPECT_EQ(outcome.result.error().reason, "not_sealed");
  EXPECT_THAT(outcome.result.error().error.detail, HasSubstr("seccomp"));
  EXPECT_EQ(outcome.pages, 0);
}

TEST(Extract, BelievesNoWorkerThatBreaksTheRules) {
  for (const std::string lie : {"order", "utf8", "nul", "flood", "notes", "type", "frame", "extra"}) {
    const Outcome outcome = read("x", rogue(lie));
    ASSERT_FALSE(outcome.result.has_value()) << lie;
    EXPECT_EQ(outcome.result.error().reason, "worker_broke_rules") << lie << ": " << outcome.result.error().error.detail;
  }
}

}  // namespace
}  // namespace sekisho::library
