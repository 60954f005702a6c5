#include "process/spawn.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <future>

#include <fmt/format.h>

#include "base/worker_pool.h"

namespace sekisho::process {
namespace {

constexpr int kStatusFd = kInputFd + 1;  ///< Where the child says why exec failed; close-on-exec.
constexpr int kMovedFd = 64;             ///< Descriptors are moved above this before the low numbers are given out.

/// A descriptor with an owner.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~Fd() { reset(); }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

/// All that the child needs between fork and exec, made before the fork: there it may not allocate.
struct Plan {
  const char* program;
  char* const* arguments;
  int null_fd;
  int channel_fd;
  int input_fd;  ///< -1: none.
  int status_fd;
  int nice;
  pid_t server;
  /// Identity maps "1000 1000 1" for a new user namespace.
  char uid_map[64];
  char gid_map[64];
};

[[noreturn]] void give_up(int status_fd) {
  const int why = errno;
  [[maybe_unused]] const ssize_t written = ::write(status_fd, &why, sizeof why);
  ::_exit(127);
}

void write_or_give_up(const char* path, const char* text, int status_fd) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || ::write(fd, text, std::strlen(text)) < 0) give_up(status_fd);
  ::close(fd);
}

/// Puts the descriptors where sandbox.h and the workers expect them and closes every other one.
int place_descriptors(const Plan& plan) {
  const int status = ::fcntl(plan.status_fd, F_DUPFD, kMovedFd);
  const int channel = ::fcntl(plan.channel_fd, F_DUPFD, kMovedFd);
  const int null = ::fcntl(plan.null_fd, F_DUPFD, kMovedFd);
  const int input = ::fcntl(plan.input_fd < 0 ? null : plan.input_fd, F_DUPFD, kMovedFd);
  if (status < 0 || channel < 0 || null < 0 || input < 0) give_up(plan.status_fd);
  if (::dup3(status, kStatusFd, O_CLOEXEC) < 0) give_up(status);
  if (::dup2(null, STDIN_FILENO) < 0 || ::dup2(null, STDOUT_FILENO) < 0) give_up(kStatusFd);
  if (::dup2(channel, kChannelFd) < 0 || ::dup2(input, kInputFd) < 0) give_up(kStatusFd);
  if (plan.input_fd < 0) ::close(kInputFd);
  if (::syscall(SYS_close_range, kStatusFd + 1, ~0U, 0) != 0) give_up(kStatusFd);
  return kStatusFd;
}

/// Runs in the child of a process with threads: calls only what is safe in a signal handler.
[[noreturn]] void become_worker(const Plan& plan, std::uint64_t namespaces) {
  // Death with the server. The order matters: a server that died before this line is noticed on the next.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up(plan.status_fd);
  const bool own_pids = (namespaces & CLONE_NEWPID) != 0;  // Its parent is then out of sight: getppid() is 0.
  if (!own_pids && ::getppid() != plan.server) ::_exit(127);
  if ((namespaces & CLONE_NEWUSER) != 0) {
    write_or_give_up("/proc/self/setgroups", "deny", plan.status_fd);
    write_or_give_up("/proc/self/uid_map", plan.uid_map, plan.status_fd);
    write_or_give_up("/proc/self/gid_map", plan.gid_map, plan.status_fd);
  }
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setsid();  // No terminal: Ctrl-C is for the server, and nobody can type into its shell.
  if (plan.nice != 0) ::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + plan.nice);
  const int status_fd = place_descriptors(plan);
  char* const no_environment[] = {nullptr};
  ::execve(plan.program, plan.arguments, no_environment);
  give_up(status_fd);
}

/// fork() into new namespaces. Returns the child's pid, or -1 with errno.
pid_t fork_worker(const Plan& plan, std::uint64_t namespaces) {
  const long pid = namespaces == 0 ? ::fork() : ::syscall(SYS_clone, namespaces | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (pid == 0) become_worker(plan, namespaces);
  return static_cast<pid_t>(pid);
}

std::string end_in_words(const siginfo_t& info) {
  return info.si_code == CLD_EXITED ? fmt::format("exit {}", info.si_status) : fmt::format("signal {}", info.si_status);
}

/// Waits for the end of `pid` and reaps it. Nothing after `timeout_ms` (negative: wait for ever).
std::optional<std::string> reap(pid_t pid, std::int64_t timeout_ms) {
  const Fd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG) != 0 && errno != EINTR) return "gone";
    if (info.si_pid == pid) return end_in_words(info);
    const auto left_ms = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (timeout_ms >= 0 && left_ms <= 0) return std::nullopt;
    pollfd entry{.fd = handle.get(), .events = POLLIN, .revents = 0};
    // A descriptor of -1 (no pidfd to be had) is ignored by poll, which then only sleeps for a moment.
    const std::int64_t nap_ms = handle.get() < 0 ? 5 : 60'000;
    ::poll(&entry, 1, static_cast<int>(timeout_ms < 0 ? nap_ms : std::min(nap_ms, left_ms)));
  }
}

/// PR_SET_PDEATHSIG means the *thread* that forked, so every worker is forked by one thread that lives as long as the server.
WorkerPool& forking_thread() {
  static WorkerPool* const pool = new WorkerPool({.threads = 1, .queue = 64});
  return *pool;
}

/// Forks and waits until exec has happened. Returns the pid, or the errno of what went wrong.
tl::expected<pid_t, int> start(Plan& plan, std::uint64_t namespaces) {
  int status[2];
  if (::pipe2(status, O_CLOEXEC) != 0) return tl::unexpected(errno);
  const Fd reading(status[0]);
  Fd writing(status[1]);
  plan.status_fd = writing.get();
  const pid_t pid = fork_worker(plan, namespaces);
  if (pid < 0) return tl::unexpected(errno);
  writing.reset();
  int why = 0;
  ssize_t got = 0;
  do got = ::read(reading.get(), &why, sizeof why);
  while (got < 0 && errno == EINTR);
  if (got == 0) return pid;
  reap(pid, -1);
  return tl::unexpected(got == sizeof why ? why : EIO);
}

/// Own process ids first (seal() cannot give them to a process that already runs): as root alone, then with a user
/// namespace, and without where the kernel refuses both.
tl::expected<pid_t, int> start_anywhere(Plan& plan) {
  if (const auto pid = start(plan, CLONE_NEWPID)) return pid;
  if (const auto pid = start(plan, CLONE_NEWPID | CLONE_NEWUSER)) return pid;
  return start(plan, 0);
}

/// Whether `fd` is for reading only and stands, where it can stand anywhere, at its beginning now.
bool rewound(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) == O_RDONLY && (::lseek(fd, 0, SEEK_SET) == 0 || errno == ESPIPE);
}

/// The same file, opened anew for reading only. Not a copy of the descriptor: the place in the file would be common to all workers that
/// get it, and tell the next what the last one left there.
Result<Fd> read_only(int fd) {
  Fd opened(::open(fmt::format("/proc/self/fd/{}", fd).c_str(), O_RDONLY | O_CLOEXEC));
  // What we hold but may no longer open: at least the place is put back.
  if (opened.get() < 0 && errno == EACCES && rewound(fd)) opened = Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (opened.get() < 0) return fail(ErrorCode::kUnavailable, fmt::format("input descriptor: {}", std::strerror(errno)));
  return opened;
}

}  // namespace

Child::Child(pid_t pid, int channel_fd) : pid_(pid), channel_(channel_fd) {}

Child::~Child() {
  kill();
  static_cast<void>(wait(-1));
}

void Child::kill() {
  if (!ended_) ::kill(pid_, SIGKILL);
}

std::optional<std::string> Child::wait(std::int64_t timeout_ms) {
  if (!ended_) ended_ = reap(pid_, timeout_ms);
  return ended_;
}

Result<std::unique_ptr<Child>> spawn(const SpawnOptions& options) {
  auto ends = Channel::make_pair();
  if (!ends) return fail(ends.error());
  Fd ours(ends->first);
  const Fd theirs(ends->second);
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null.get() < 0) return fail(ErrorCode::kUnavailable, fmt::format("/dev/null: {}", std::strerror(errno)));
  Fd input;
  if (options.input_fd >= 0) {
    auto copy = read_only(options.input_fd);
    if (!copy) return fail(copy.error());
    input = std::move(*copy);
  }
  std::vector<char*> arguments{const_cast<char*>(options.program.c_str())};
  for (const std::string& argument : options.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  Plan plan{.program = options.program.c_str(), .arguments = arguments.data(), .null_fd = null.get(), .channel_fd = theirs.get(),
            .input_fd = input.get(), .status_fd = -1, .nice = options.nice, .server = ::getpid(), .uid_map = {}, .gid_map = {}};
  std::snprintf(plan.uid_map, sizeof plan.uid_map, "%u %u 1", ::geteuid(), ::geteuid());
  std::snprintf(plan.gid_map, sizeof plan.gid_map, "%u %u 1", ::getegid(), ::getegid());
  std::promise<tl::expected<pid_t, int>> started;
  if (auto queued = forking_thread().submit([&] { started.set_value(start_anywhere(plan)); }); !queued) return fail(queued.error());
  const auto pid = started.get_future().get();
  if (!pid) return fail(ErrorCode::kUnavailable, fmt::format("cannot start {}: {}", options.program, std::strerror(pid.error())));
  return std::make_unique<Child>(*pid, ours.release());
}

}  // namespace sekisho::process
