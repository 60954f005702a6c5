// A small hostile worker for the tests: it seals itself as told, tries to get out, and says on its channel how it went.
//
//   process_probe_program COMMAND [LAYERS [USER [WHAT]]]
//   LAYERS  "all", "none" or some of namespaces,limits,landlock,seccomp       USER  "same" or "nobody"
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <seccomp.h>

#include "process/channel.h"
#include "process/escape_probe.h"
#include "process/sandbox.h"
#include "process/sandbox_layers.h"
#include "process/spawn.h"

namespace sekisho::process {
namespace {

struct Order {
  std::string_view command;
  std::string_view layers = "all";
  std::string_view user = "same";
  std::string what;
};

void become_nobody() {
  constexpr uid_t kNobody = 65534;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(kNobody, kNobody, kNobody) != 0 || ::setresuid(kNobody, kNobody, kNobody) != 0) std::_Exit(3);
  ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // As a program that was started by this user is.
}

SealReport seal_as_told(const Order& order, const SealProfile& profile) {
  if (order.user == "nobody") become_nobody();
  if (order.layers == "all") return seal(profile);
  SealReport report;
  const auto wanted = [&](std::string_view name) { return order.layers.find(name) != std::string_view::npos; };
  if (wanted("namespaces")) layers::apply_namespaces(profile, report.layers);
  if (wanted("limits")) layers::apply_limits(profile, report.layers);
  if (wanted("landlock") || wanted("seccomp")) ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (wanted("landlock")) layers::apply_landlock(profile, report.layers);
  if (wanted("seccomp")) layers::apply_seccomp(profile, report.layers);
  return report;
}

std::string tell_report(const Order& order) {
  const SealProfile profile{.name = "probe", .threads = true};
  SealReport report = seal_as_told(order, profile);
  probe_escape(report);
  return report.to_json().dump();
}

/// As tell_report, on a kernel that refuses the system calls in `what` ("unshare landlock_create_ruleset").
std::string tell_report_on_weaker_kernel(const Order& order) {
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> refusals(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
  seccomp_attr_set(refusals.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
  std::istringstream words(order.what);
  for (std::string word; words >> word;) {
    if (seccomp_rule_add(refusals.get(), SCMP_ACT_ERRNO(EPERM), seccomp_syscall_resolve_name(word.c_str()), 0) != 0) return word;
  }
  return seccomp_load(refusals.get()) == 0 ? tell_report(order) : "not loaded";
}

/// All attempts but the one that ends this program where it works: a name a line for each that got out, and what was said.
std::string tell_escapes(const Order& order) {
  seal_as_told(order, {.name = "probe", .threads = true});
  std::string text;
  const auto tell = [&](std::string_view name, const Attempt& attempt) {
    text += fmt::format("{} {} {}\n", attempt.escaped ? "escaped" : "refused", name, std::strerror(attempt.error));
  };
  for (const EscapeProbe& probe : special_probes()) {
    if (probe.name != "process.execute_program") tell(probe.name, probe.attempt());
  }
  for (const CallProbe& probe : call_probes()) tell(probe.name, attempt(probe));
  return text;
}

/// Calls getpid through the other doors of an x86-64 kernel. The seal answers with death, so its parent judges.
std::string foreign_entry(const Order& order) {
  seal_as_told(order, {.name = "probe", .threads = true});
  long result = -ENOSYS;
#ifdef __x86_64__
  if (order.what == "int80") {
    result = 20;  // getpid of the 32-bit table
    asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
  } else {
    result = 0x40000000 + SYS_getpid;
    asm volatile("syscall" : "+a"(result) : : "memory", "rcx", "r11");
  }
#endif
  return fmt::format("returned {}", result == ::getpid() ? "pid" : result == -ENOSYS ? "unknown" : "something");
}

/// Tries to send a byte to a port of this machine.
std::string connect_to(const Order& order) {
  seal_as_told(order, {.name = "probe", .threads = true});
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return std::strerror(errno);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(order.what)));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return std::strerror(errno);
  return ::send(fd, "x", 1, MSG_NOSIGNAL) == 1 ? "connected" : std::strerror(errno);
}

/// What an honest worker does after the seal: threads, memory, its input through stdio, time, random numbers.
std::string work(const Order& order) {
  const SealReport report = seal_as_told(order, {.name = "probe", .threads = true});
  std::FILE* const input = ::fdopen(kInputFd, "rb");
  if (input == nullptr) return fmt::format("fdopen: {}", std::strerror(errno));
  char text[64] = {};
  const std::size_t size = std::fread(text, 1, sizeof text, input);
  if (std::fseek(input, 0, SEEK_END) != 0 || std::ftell(input) != static_cast<long>(size)) return "seek";
  std::vector<std::thread> threads;
  std::vector<std::uint32_t> numbers(4);
  for (std::uint32_t& number : numbers) {
    threads.emplace_back([&number] {
      std::vector<std::uint32_t> many(10'000'000, 1);
      number = static_cast<std::uint32_t>(many.size()) + std::random_device{}() % 2;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (std::any_of(numbers.begin(), numbers.end(), [](std::uint32_t n) { return n < 10'000'000; })) return "threads";
  if (std::thread::hardware_concurrency() == 0) return "cores";
  int outlives = 0;
  if (report.layers.empty() || ::prctl(PR_GET_PDEATHSIG, &outlives) == 0) return "prctl is open";
  return std::string(text, size);
}

/// With one readable folder: reads a file in it, and neither one beside it nor for writing.
std::string read_folder(const Order& order) {
  seal_as_told(order, {.name = "probe", .readable_folders = {order.what, "/no/such/folder"}});
  const std::string inside = order.what + "/inside.txt";
  const std::string outside = order.what + "/../outside.txt";
  const auto can = [](const std::string& path, int flags) { return ::open(path.c_str(), flags, 0600) >= 0 ? "yes" : "no"; };
  char text[64] = {};
  const int fd = ::open(inside.c_str(), O_RDONLY);
  const bool read = fd >= 0 && ::read(fd, text, sizeof text - 1) > 0;
  return fmt::format("inside {} write {} create {} outside {} passwd {}", read ? text : "unread", can(inside, O_RDWR),
                     can(order.what + "/new", O_WRONLY | O_CREAT), can(outside, O_RDONLY), can("/etc/passwd", O_RDONLY));
}

/// Fills memory or time until a limit stops it.
std::string exhaust(const Order& order) {
  seal_as_told(order, {.name = "probe", .memory_bytes = std::size_t{512} << 20, .cpu_s = 1});
  if (order.what == "memory") return std::malloc(std::size_t{1} << 30) == nullptr ? "refused" : "given";
  for (;;) static_cast<void>(::getppid());
}

std::string describe_self() {
  std::string text;
  DIR* const folder = ::opendir("/proc/self/fd");
  std::vector<int> found;
  while (const dirent* entry = ::readdir(folder)) {
    const int fd = std::atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd != ::dirfd(folder)) found.push_back(fd);
  }
  ::closedir(folder);
  std::sort(found.begin(), found.end());
  for (const int fd : found) {
    char target[256] = {};
    static_cast<void>(!::readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), target, sizeof target - 1));
    const char* const access = (::fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY ? "r" : "rw";
    text += fmt::format("{} {} {}\n", fd, std::string_view(target).substr(0, 9), access);
  }
  for (char** entry = environ; *entry != nullptr; ++entry) text += fmt::format("environment {}\n", *entry);
  int death_signal = 0;
  ::prctl(PR_GET_PDEATHSIG, &death_signal);
  return text + fmt::format("death {} nice {} session {}\n", death_signal, ::nice(0), ::getsid(0) == ::getpid() ? "own" : "server's");
}

/// Starts a worker that waits for ever, then waits itself: who kills this one kills both.
void be_a_server(Channel& channel, const Order& order) {
  if (order.user == "nobody") become_nobody();
  auto child = spawn({.program = "/proc/self/exe", .arguments = {"sealed_echo"}, .input_fd = kInputFd});
  bool answered = child && (*child)->channel().send({.type = 7, .payload = "ping"}) && (*child)->channel().receive(10'000);
  ::close(kInputFd);
  static_cast<void>(channel.send({.type = 1, .payload = answered ? "started" : "failed"}));
  for (;;) ::pause();
}

/// A server without rights that starts a sealed worker: passes its report on.
std::string spawn_report(const Order& order) {
  if (order.user == "nobody") become_nobody();
  auto child = spawn({.program = "/proc/self/exe", .arguments = {"report", "all"}});
  if (!child) return child.error().detail;
  auto frame = (*child)->channel().receive(20'000);
  return frame && *frame ? (*frame)->payload : "no report";
}

void echo(Channel& channel) {
  for (;;) {
    auto frame = channel.receive();
    if (!frame || !*frame || !channel.send(**frame)) return;
  }
}

std::string answer(const Order& order) {
  if (order.command == "report") return tell_report(order);
  if (order.command == "weaker_kernel") return tell_report_on_weaker_kernel(order);
  if (order.command == "foreign_entry") return foreign_entry(order);
  if (order.command == "escapes") return tell_escapes(order);
  if (order.command == "spawn_report") return spawn_report(order);
  if (order.command == "connect") return connect_to(order);
  if (order.command == "work") return work(order);
  if (order.command == "read_folder") return read_folder(order);
  if (order.command == "exhaust") return exhaust(order);
  if (order.command == "describe") return describe_self();
  return "unknown command";
}

}  // namespace
}  // namespace sekisho::process

int main(int count, char** words) {
  using namespace sekisho::process;
  Order order{.command = count > 1 ? words[1] : ""};
  if (count > 2) order.layers = words[2];
  if (count > 3) order.user = words[3];
  if (count > 4) order.what = words[4];
  if (order.command == "exit") std::_Exit(17);
  if (order.command == "abort") std::abort();
  Channel channel(kChannelFd);
  if (order.command == "sealed_echo") seal_as_told(order, {.name = "probe"});
  if (order.command.ends_with("echo")) echo(channel);
  if (order.command == "server") be_a_server(channel, order);
  if (!order.command.ends_with("echo")) static_cast<void>(channel.send({.type = 1, .payload = answer(order)}));
  std::_Exit(0);
}
