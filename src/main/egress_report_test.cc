#include "main/egress_report.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include <gtest/gtest.h>

#include "base/file_descriptor.h"

namespace sekisho::main {
namespace {

OurProcess server(std::vector<OpenSocket> sockets) { return {.pid = 10, .program = "sekisho", .network = "net:[1]", .sockets = std::move(sockets)}; }
OurProcess worker(std::vector<OpenSocket> sockets) { return {.pid = 11, .program = "sekisho-model", .network = "net:[2]", .sockets = std::move(sockets)}; }

const OpenSocket kListening{"tcp", "listen", "0.0.0.0:8443", ""};

TEST(WaysOut, AreNoneWhereAllCameInOrStayInside) {
  EXPECT_TRUE(ways_out({server({kListening, {"tcp", "established", "10.0.0.1:8443", "10.0.0.9:50000"}, {"unix", "", "/srv/admin.sock", ""}}),
                        worker({{"unix", "", "", ""}})})
                  .empty());
}

TEST(WaysOut, AreConnectionsThatTheServerMade) {
  EXPECT_EQ(ways_out({server({kListening, {"tcp", "established", "10.0.0.1:40000", "203.0.113.5:443"}})}).size(), 1U);
  EXPECT_EQ(ways_out({server({kListening, {"tcp", "syn_sent", "10.0.0.1:40000", "203.0.113.5:8443"}})}).size(), 1U) << "the port of the other side is no entrance";
}

TEST(WaysOut, AreSocketsOfEveryOtherKind) {
  for (const char* kind : {"udp", "raw", "packet", "netlink", "unknown"}) {
    EXPECT_EQ(ways_out({server({kListening, {kind, "", "", ""}})}).size(), 1U) << kind;
  }
}

TEST(WaysOut, AreAnySocketsOfAWorkerButItsPair) {
  EXPECT_EQ(ways_out({server({kListening}), worker({{"unix", "", "", ""}, {"tcp", "established", "10.0.0.1:8443", "10.0.0.9:50000"}})}).size(), 1U);
  EXPECT_EQ(ways_out({worker({{"tcp", "listen", "0.0.0.0:9000", ""}})}).size(), 1U) << "a worker has no entrance";
}

/// A TCP socket that listens on this machine, at a port of the kernel's choice.
FileDescriptor listening(std::uint16_t& port) {
  FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(fd.get(), 1), 0);
  EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  port = ntohs(address.sin_port);
  return fd;
}

TEST(OurProcesses, TellWhatThisProcessAndItsChildrenHaveOpen) {
  std::uint16_t port = 0;
  const FileDescriptor fd = listening(port);
  const std::string local = "127.0.0.1:" + std::to_string(port);
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  const std::vector<OurProcess> processes = our_processes();
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  for (const pid_t pid : {::getpid(), child}) {
    const auto process = std::find_if(processes.begin(), processes.end(), [&](const OurProcess& found) { return found.pid == pid; });
    ASSERT_NE(process, processes.end());
    EXPECT_EQ(process->program, "main_test");
    EXPECT_TRUE(process->network.starts_with("net:["));
    ASSERT_TRUE(process->readable);
    EXPECT_TRUE(std::any_of(process->sockets.begin(), process->sockets.end(), [&](const OpenSocket& socket) {
      return socket.kind == "tcp" && socket.state == "listen" && socket.local == local && socket.remote.empty();
    }));
  }
  EXPECT_FALSE(ways_out(processes).empty()) << "this is no server";
}

TEST(OurProcesses, TellBothEndsOfAConnection) {
  std::uint16_t port = 0;
  const FileDescriptor entrance = listening(port);
  const FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  ASSERT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  bool found = false;
  for (const OurProcess& process : our_processes()) {
    for (const OpenSocket& socket : process.sockets) {
      found = found || (socket.state == "established" && socket.remote == "127.0.0.1:" + std::to_string(port));
    }
  }
  EXPECT_TRUE(found);
}

TEST(EgressWords, SayWhatWasFound) {
  const Json clean = Json::object({{"ok", true}, {"office", "みどり市役所"}, {"serving", false}});
  EXPECT_NE(egress_words(clean).find("外へ出る道は、見つかりませんでした"), std::string::npos);
  const Json bad = Json::object({{"ok", false}, {"findings", Json::array({"sekisho (10): tcp established 10.0.0.1:40000 → 203.0.113.5:443"})}});
  EXPECT_NE(egress_words(bad).find("203.0.113.5:443"), std::string::npos);
  EXPECT_EQ(egress_words(bad).find("見つかりませんでした"), std::string::npos);
}

}  // namespace
}  // namespace sekisho::main
