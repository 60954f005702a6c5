#include "process/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process/testing/probe_program.h"

namespace sekisho::process {
namespace {

using testing::answer_of;
using testing::start_plainly;
using testing::start_worker;

/// A file with some text, open for reading, that has no name any more.
int input_with(std::string_view text, int flags = O_RDONLY) {
  char name[] = "/tmp/sekisho_input_XXXXXX";
  const int writing = ::mkstemp(name);
  EXPECT_EQ(::write(writing, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::close(writing);
  const int fd = ::open(name, flags | O_CLOEXEC);
  ::unlink(name);
  return fd;
}

TEST(Spawn, TalksToTheWorkerInBothDirections) {
  const auto worker = start_worker({"echo"});
  ASSERT_TRUE(worker);
  ASSERT_TRUE(worker->channel().send({.type = 7, .id = 3, .payload = "申請書"}));
  const auto frame = worker->channel().receive(20'000);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->id, 3U);
  EXPECT_EQ((*frame)->payload, "申請書");
}

TEST(Spawn, GivesTheWorkerFiveDescriptorsNoEnvironmentAndDeathWithTheServer) {
  const int left_open = ::open("/etc/passwd", O_RDONLY);  // Without O_CLOEXEC, as a library may do.
  ASSERT_GE(left_open, 0);
  const int input = input_with("文書", O_RDWR);
  ASSERT_EQ(::setenv("SEKISHO_SECRET", "秘密", 1), 0);
  const std::string text = answer_of(start_worker({"describe"}, input));
  EXPECT_THAT(text, ::testing::MatchesRegex("0 /dev/null rw\n"
                                            "1 /dev/null rw\n"
                                            "2 [^\n]*\n"
                                            "3 socket:[^\n]* rw\n"
                                            "4 /tmp/seki r\n"  // For reading only, though ours was for both.
                                            "death 9 nice 0 session own\n"))
      << text;
  ::close(input);
  ::close(left_open);
  ::unsetenv("SEKISHO_SECRET");
}

TEST(Spawn, LeavesTheInputOutWhereThereIsNone) {
  EXPECT_THAT(answer_of(start_worker({"describe"})), ::testing::Not(::testing::HasSubstr("\n4 ")));
}

TEST(Spawn, LowersTheWorkersPriority) {
  auto worker = spawn({.program = SEKISHO_PROBE_PROGRAM, .arguments = {"describe"}, .nice = 19});
  ASSERT_TRUE(worker);
  EXPECT_THAT(answer_of(*worker), ::testing::HasSubstr("nice 19"));
}

TEST(Spawn, ReportsAProgramThatCannotBeStarted) {
  for (const char* program : {"/no/such/program", "/etc/passwd", "/tmp"}) {
    const auto worker = spawn({.program = program});
    ASSERT_FALSE(worker) << program;
    EXPECT_EQ(worker.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(worker.error().detail, ::testing::HasSubstr(program));
  }
}

TEST(Spawn, RefusesAnInputThatIsNotOpen) {
  const auto worker = spawn({.program = SEKISHO_PROBE_PROGRAM, .arguments = {"echo"}, .input_fd = 1'000'000});
  ASSERT_FALSE(worker);
  EXPECT_EQ(worker.error().code, ErrorCode::kUnavailable);
}

TEST(Spawn, SaysHowAWorkerEnded) {
  const auto exited = start_worker({"exit"});
  const auto end = exited->channel().receive(20'000);
  EXPECT_TRUE(end && !*end) << "its channel ends with it";
  EXPECT_EQ(exited->wait(20'000), "exit 17");
  EXPECT_EQ(exited->wait(0), "exit 17") << "and says so again";
  // A sanitizer turns the signal into exit 1.
  EXPECT_THAT(*start_worker({"abort"})->wait(20'000), ::testing::AnyOf(::testing::StartsWith("signal "), "exit 1"));
}

TEST(Spawn, KillsAWorkerThatDoesNotEndByItself) {
  const auto worker = start_worker({"echo"});
  EXPECT_EQ(worker->wait(0), std::nullopt);
  EXPECT_EQ(worker->wait(10), std::nullopt);
  worker->kill();
  EXPECT_EQ(worker->wait(20'000), "signal 9");
}

TEST(Spawn, LeavesNoProcessBehindAChildThatIsDropped) {
  auto worker = start_worker({"echo"});
  const pid_t pid = worker->pid();
  worker.reset();
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

/// Runs a little server with a worker of its own, kills it, and looks whether the worker's input is let go of.
void expect_worker_dies_with_its_server(const std::function<std::unique_ptr<Child>(int input_fd)>& start) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const auto server = start(ends[0]);
  ::close(ends[0]);
  ASSERT_TRUE(server);
  ASSERT_EQ(answer_of(server), "started");
  pollfd held{.fd = ends[1], .events = 0, .revents = 0};
  ASSERT_EQ(::poll(&held, 1, 0), 0) << "the worker holds its input while its server lives";
  server->kill();
  EXPECT_EQ(::poll(&held, 1, 20'000), 1) << "the worker is still there";
  EXPECT_TRUE((held.revents & POLLERR) != 0);
  ::close(ends[1]);
}

TEST(Spawn, AWorkerDiesWithItsServer) {
  expect_worker_dies_with_its_server([](int input) { return start_plainly({"server"}, input); });
}

TEST(Spawn, AWorkerDiesWithAServerThatIsAnOrdinaryUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "the test above was this one";
  expect_worker_dies_with_its_server([](int input) { return start_plainly({"server", "none", "nobody"}, input); });
}

TEST(Spawn, AWorkerOutlivesTheThreadThatAskedForIt) {
  std::unique_ptr<Child> worker;
  std::thread([&] { worker = start_worker({"echo"}); }).join();
  EXPECT_EQ(worker->wait(50), std::nullopt);
  ASSERT_TRUE(worker->channel().send({.payload = "まだいます"}));
  const auto frame = worker->channel().receive(20'000);
  EXPECT_TRUE(frame && *frame);
}

TEST(Spawn, StartsManyAtOnceWithoutMixingTheirChannels) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([i] {
      for (int round = 0; round < 3; ++round) {
        const auto worker = start_worker({"describe"});
        const std::string text = answer_of(worker);
        EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("\n4 "))) << i << text;
        EXPECT_THAT(text, ::testing::HasSubstr("\n3 socket"));
        EXPECT_EQ(worker->wait(20'000), "exit 0");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sekisho::process
