#include "process/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process/escape_probe.h"
#include "process/testing/probe_program.h"

namespace sekisho::process {
namespace {

using testing::answer_of;
using testing::start_plainly;
using testing::start_worker;
using Names = std::set<std::string>;

/// Both kinds of user that an office may run us as. The second is only to be had where the tests run as root.
std::vector<std::string> users() { return ::geteuid() == 0 ? std::vector<std::string>{"same", "nobody"} : std::vector<std::string>{"same"}; }

SealReport report_of(const std::string& text) {
  const auto json = Json::parse(text);
  EXPECT_TRUE(json) << text;
  auto report = json ? SealReport::from_json(*json) : Result<SealReport>(SealReport{});
  EXPECT_TRUE(report) << report.error().detail;
  return report.value_or(SealReport{});
}

Names not_holding(const std::vector<Verdict>& verdicts) {
  Names names;
  for (const Verdict& verdict : verdicts) {
    if (!verdict.holds) names.insert(verdict.name + ": " + verdict.detail);
  }
  return names;
}

/// Which probes get out of a process with only these layers.
Names escapes(const std::string& layers, const std::string& user) {
  const std::string text = answer_of(start_plainly({"escapes", layers, user}));
  std::istringstream lines(text);
  Names names;
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    std::istringstream words(line);
    std::string verdict, name;
    words >> verdict >> name;
    if (verdict == "escaped") names.insert(name);
  }
  EXPECT_EQ(count, special_probes().size() - 1 + call_probes().size()) << text;
  return names;
}

Names stopped_by(const std::string& layer, const std::string& user) {
  const Names open = escapes("none", user);
  const Names left = escapes(layer, user);
  Names stopped;
  std::set_difference(open.begin(), open.end(), left.begin(), left.end(), std::inserter(stopped, stopped.end()));
  return stopped;
}

bool has_layer(const std::string& layers, const std::string& name) {
  const SealReport report = report_of(answer_of(start_plainly({"report", layers})));
  return std::any_of(report.layers.begin(), report.layers.end(), [&](const Verdict& v) { return v.name == name && v.holds; });
}

/// A socket that listens while the test runs.
class Listener {
 public:
  Listener() : tcp_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), abstract_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(tcp_, reinterpret_cast<const sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(tcp_, 8), 0);
    ::getsockname(tcp_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    std::copy(kAbstractAddress.begin(), kAbstractAddress.end(), name.sun_path + 1);
    const auto name_size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + kAbstractAddress.size());
    EXPECT_EQ(::bind(abstract_, reinterpret_cast<const sockaddr*>(&name), name_size), 0);
    EXPECT_EQ(::listen(abstract_, 8), 0);
  }
  ~Listener() {
    ::close(tcp_);
    ::close(abstract_);
  }
  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  [[nodiscard]] bool was_reached() const {
    const int fd = ::accept(tcp_, nullptr, nullptr);
    if (fd >= 0) ::close(fd);
    return fd >= 0;
  }

 private:
  int tcp_;
  int abstract_;
  int port_ = 0;
};

/// A descriptor that a careless server would hand to its workers.
class OpenForChildren {
 public:
  OpenForChildren() : fd_(::fcntl(STDERR_FILENO, F_DUPFD, 100)) { EXPECT_GE(fd_, 100); }
  ~OpenForChildren() { ::close(fd_); }
  OpenForChildren(const OpenForChildren&) = delete;
  OpenForChildren& operator=(const OpenForChildren&) = delete;

 private:
  int fd_;
};

TEST(Seal, HoldsAgainstEveryProbeAsRootAndAsAnOrdinaryUser) {
  const Listener listener;
  const OpenForChildren inherited;
  for (const std::string& user : users()) {
    const SealReport report = report_of(answer_of(start_worker({"report", "all", user})));
    EXPECT_TRUE(report.sealed()) << user;
    EXPECT_THAT(not_holding(report.probes), ::testing::IsEmpty()) << user;
    EXPECT_EQ(report.probes.size(), special_probes().size() + call_probes().size());
    EXPECT_GE(report.probes.size(), 150U);
  }
}

TEST(Seal, IsAsGoodWhereTheServerItselfIsAnOrdinaryUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "every other test is this one";
  const SealReport as_root = report_of(answer_of(start_worker({"report"})));
  const SealReport report = report_of(answer_of(start_plainly({"spawn_report", "all", "nobody"})));
  EXPECT_TRUE(report.sealed());
  EXPECT_THAT(not_holding(report.probes), ::testing::IsEmpty());
  EXPECT_EQ(not_holding(report.layers), not_holding(as_root.layers));
}

TEST(Seal, TakesEffectOnlyOnTheProcessThatAskedForIt) {
  const auto worker = start_worker({"report"});
  EXPECT_TRUE(report_of(answer_of(worker)).sealed());
  EXPECT_GE(::open("/etc/passwd", O_RDONLY | O_CLOEXEC), 0);
}

// What proves that the probes are worth something: in a process without a seal they get out.
TEST(Probes, GetOutOfAProcessWithoutASeal) {
  const Listener listener;
  const OpenForChildren inherited;
  for (const std::string& user : users()) {
    const Names open = escapes("none", user);
    for (const char* name : {"network.connect_tcp4", "network.connect_tcp6", "network.send_udp4", "network.bind_tcp4", "network.unix_socket",
                             "network.netlink_socket", "network.any_socket", "network.connect_abstract", "network.bind_unix_path",
                             "network.socket_pair", "file.read_passwd", "file.read_own_memory_map", "file.write_own_memory",
                             "file.create_in_tmp", "file.stat_passwd", "file.shared_memory_file", "file.inherited_descriptor",
                             "file.rewind_log_by_high_bits", "process.fork", "process.signal_everyone", "process.handle",
                             "process.file_in_memory", "process.become_dumpable", "memory.map_code", "memory.make_code",
                             "memory.shared_memory", "network.sendmsg", "network.sendto_address", "kernel.seccomp", "kernel.personality",
                             "namespace.setns", "process.execve", "process.pidfd_getfd", "process.prctl_outlive_server", "file.ioctl"}) {
      EXPECT_TRUE(open.contains(name)) << name << " as " << user;
    }
    EXPECT_GE(open.size(), 130U) << user;
  }
  EXPECT_TRUE(escapes("none", "same").contains("process.signal_server"));
  EXPECT_EQ(answer_of(start_plainly({"report", "none"})), "ended: exit 0") << "/bin/true ran in its place";
}

TEST(Seccomp, AloneStopsEveryProbeButTwoThatAreNotItsOwn) {
  const Listener listener;
  for (const std::string& user : users()) {
    // Descriptors are closed by the limits; the name behind fstat is hidden by the mount namespace.
    Names open = escapes("seccomp", user);
    open.erase("file.inherited_descriptor");
    open.erase("file.stat_passwd_like_fstat");
    EXPECT_THAT(open, ::testing::IsEmpty()) << user;
    EXPECT_THAT(answer_of(start_plainly({"report", "seccomp", user})), ::testing::StartsWith("{")) << "no program ran in its place";
  }
}

TEST(Seccomp, KillsCallsOfAnotherArchitecture) {
#ifdef __x86_64__
  const std::string before = answer_of(start_plainly({"foreign_entry", "none", "same", "int80"}));
  EXPECT_THAT(before, ::testing::AnyOf("returned pid", "returned unknown", "ended: signal 11")) << "with and without 32-bit programs";
  for (const char* entry : {"int80", "x32"}) {
    for (const std::string& user : users()) {
      const std::string after = answer_of(start_plainly({"foreign_entry", "seccomp", user, entry}));
      EXPECT_THAT(after, ::testing::AnyOf("ended: signal 31", "ended: signal 11")) << entry;
      if (before == "returned pid") {
        EXPECT_EQ(after, "ended: signal 31") << entry;
      }
    }
  }
#endif
}

TEST(Landlock, AloneStopsFilesTcpAndSignals) {
  if (!has_layer("landlock", "landlock.scopes")) GTEST_SKIP() << "this kernel's Landlock has no scopes";
  const Listener listener;
  for (const std::string& user : users()) {
    EXPECT_THAT(stopped_by("landlock", user),
                ::testing::IsSupersetOf({"network.connect_tcp4", "network.connect_tcp6", "network.bind_tcp4", "network.bind_tcp6",
                                         "network.connect_abstract", "network.bind_unix_path", "file.read_passwd", "file.read_own_memory_map",
                                         "file.write_own_memory", "file.list_processes", "file.write_null", "file.create_in_tmp",
                                         "file.unnamed_in_tmp", "file.shared_memory_file"}))
        << user;
    EXPECT_THAT(answer_of(start_plainly({"report", "landlock", user})), ::testing::StartsWith("{")) << "no program ran in its place";
  }
  EXPECT_TRUE(stopped_by("landlock", "same").contains("process.signal_server"));
}

TEST(Namespaces, AloneStopNetworkAndFiles) {
  if (!has_layer("namespaces", "namespaces.mount")) GTEST_SKIP() << "namespaces are not to be had here";
  const Listener listener;
  for (const std::string& user : users()) {
    EXPECT_THAT(stopped_by("namespaces", user),
                ::testing::IsSupersetOf({"network.connect_tcp4", "network.connect_tcp6", "network.send_udp4", "network.send_udp6",
                                         "network.connect_abstract", "network.bind_unix_path", "file.read_passwd", "file.read_own_memory_map",
                                         "file.write_own_memory", "file.list_processes", "file.write_null", "file.path_of_passwd",
                                         "file.create_in_tmp", "file.unnamed_in_tmp", "file.shared_memory_file", "file.stat_passwd",
                                         "file.stat_passwd_like_fstat", "file.access_passwd"}))
        << user;
    EXPECT_THAT(answer_of(start_plainly({"report", "namespaces", user})), ::testing::StartsWith("{")) << "no program ran in its place";
  }
}

TEST(EachLayerAlone, LetsNoByteReachAListenerOfThisMachine) {
  const Listener listener;
  EXPECT_EQ(answer_of(start_plainly({"connect", "none", "same", listener.port()})), "connected");
  EXPECT_TRUE(listener.was_reached()) << "without layers it must, or this test shows nothing";
  std::vector<std::string> layers{"seccomp", "all"};
  if (has_layer("landlock", "landlock.network")) layers.push_back("landlock");
  if (has_layer("namespaces", "namespaces.network")) layers.push_back("namespaces");
  for (const std::string& layer : layers) {
    for (const std::string& user : users()) {
      EXPECT_NE(answer_of(start_plainly({"connect", layer, user, listener.port()})), "connected") << layer << user;
      EXPECT_FALSE(listener.was_reached()) << layer << user;
    }
  }
}

Names required_but_missing(const SealReport& report) {
  Names names;
  for (const Verdict& verdict : report.layers) {
    if (verdict.required && !verdict.holds) names.insert(verdict.name);
  }
  return names;
}

TEST(Seal, StandsOnAKernelThatLacksNamespacesOrLandlockButNotBoth) {
  const auto on_kernel_without = [](const char* calls) { return report_of(answer_of(start_plainly({"weaker_kernel", "all", "same", calls}))); };
  const bool landlock = has_layer("landlock", "landlock.network");
  const bool namespaces = has_layer("namespaces", "namespaces.mount") && has_layer("namespaces", "namespaces.network");
  if (landlock) {
    const SealReport report = on_kernel_without("unshare");
    EXPECT_TRUE(report.sealed());
    EXPECT_THAT(not_holding(report.layers), ::testing::Contains("namespaces.network: Operation not permitted"));
  }
  if (namespaces) {
    EXPECT_TRUE(on_kernel_without("landlock_create_ruleset").sealed());
  }
  const SealReport neither = on_kernel_without("unshare landlock_create_ruleset");
  EXPECT_FALSE(neither.sealed());
  EXPECT_EQ(required_but_missing(neither), (Names{"landlock.files", "landlock.network"}));
  const SealReport no_new_root = on_kernel_without("pivot_root landlock_restrict_self");
  EXPECT_FALSE(no_new_root.sealed());
  EXPECT_TRUE(required_but_missing(no_new_root).contains("landlock.files"));
}

TEST(Seal, DoesNotStandWithoutSeccomp) {
  const Listener listener;
  const std::string text = answer_of(start_plainly({"weaker_kernel", "all", "same", "seccomp prctl"}));
  const SealReport report = report_of(text);
  EXPECT_FALSE(report.sealed());
  EXPECT_TRUE(required_but_missing(report).contains("no_new_privileges"));
}

TEST(Seal, LetsAnHonestWorkerWork) {
  std::FILE* const file = std::tmpfile();
  std::fputs("固定資産税の納期", file);
  std::fflush(file);
  for (const std::string& user : users()) {
    std::rewind(file);
    EXPECT_EQ(answer_of(start_worker({"work", "all", user}, ::fileno(file))), "固定資産税の納期") << user;
  }
  std::fclose(file);
}

TEST(Seal, KeepsReadableFoldersReadableAndNothingElse) {
  char name[] = "/tmp/sekisho_folder_XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  const std::filesystem::path root = name;
  std::filesystem::create_directories(root / "fonts");
  std::ofstream(root / "fonts" / "inside.txt") << "字形";
  std::ofstream(root / "outside.txt") << "秘";
  std::filesystem::permissions(root, std::filesystem::perms::others_exec | std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  for (const std::string& user : users()) {
    for (const char* layers : {"all", "namespaces,limits,seccomp", "limits,landlock,seccomp"}) {
      EXPECT_EQ(answer_of(start_worker({"read_folder", layers, user, root / "fonts"})),
                "inside 字形 write no create no outside no passwd no")
          << user << " " << layers;
    }
  }
  std::filesystem::remove_all(root);
}

TEST(Seal, StopsAWorkerThatEatsMemoryOrTime) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer's own memory is past any limit";
#endif
  EXPECT_EQ(answer_of(start_worker({"exhaust", "all", "same", "memory"})), "refused");
  EXPECT_EQ(answer_of(start_worker({"exhaust", "all", "same", "time"})), "ended: signal 9");
}

TEST(SealReport, IsSealedOnlyWhereSeccompStandsAndAllThatIsRequiredHolds) {
  SealReport report;
  EXPECT_FALSE(report.sealed());
  report.layers = {{.name = "seccomp", .holds = true}, {.name = "namespaces.network", .holds = false, .required = false}};
  EXPECT_FALSE(report.sealed()) << "nobody tried to get out";
  report.probes = {{.name = "probe.fork", .holds = true}};
  EXPECT_TRUE(report.sealed());
  report.probes.push_back({.name = "probe.connect", .holds = false});
  EXPECT_FALSE(report.sealed());
  report.probes.pop_back();
  report.layers.push_back({.name = "landlock.files", .holds = false, .required = true});
  EXPECT_FALSE(report.sealed());
  report.layers = {{.name = "landlock.files", .holds = true}};
  EXPECT_FALSE(report.sealed());
}

TEST(SealReport, ReadsBackWhatItWrote) {
  SealReport report;
  report.layers = {{.name = "seccomp", .holds = true, .required = true, .detail = "in force"}};
  report.probes = {{.name = "probe.fork", .holds = false, .required = false, .detail = "it worked"}};
  report.took_us = 1234;
  const auto back = SealReport::from_json(report.to_json());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->to_json().dump(), report.to_json().dump());
}

TEST(SealReport, BelievesVerdictsAndNotTheClaimOfAWorker) {
  const auto lie = Json::parse(R"({"sealed":true,"took_us":1,"layers":[{"name":"seccomp","holds":false,"required":true,"detail":""}],"probes":[]})");
  ASSERT_TRUE(lie);
  const auto report = SealReport::from_json(*lie);
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->sealed());
}

TEST(SealReport, RefusesWhatIsNoReport) {
  for (const char* text : {"{}", "[]", "null", R"({"took_us":1,"layers":[],"probes":{}})", R"({"took_us":-1,"layers":[],"probes":[]})",
                           R"({"took_us":1,"layers":[{"holds":true}],"probes":[]})", R"({"took_us":1,"layers":[1],"probes":[]})",
                           R"({"took_us":1,"layers":[],"probes":[],"more":1})"}) {
    const auto json = Json::parse(text);
    ASSERT_TRUE(json);
    EXPECT_FALSE(SealReport::from_json(*json)) << text;
  }
}

}  // namespace
}  // namespace sekisho::process
