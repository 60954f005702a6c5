#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <memory>
#include <string_view>

#include <seccomp.h>

#include "process/channel.h"
#include "process/sandbox_layers.h"

namespace sekisho::process::layers {
namespace {

/// Harmless with any arguments: memory, time, threads that exist, descriptors that are open.
constexpr const char* kAllowed[] = {
    // Descriptors that are open already.
    "read", "readv", "pread64", "preadv", "write", "writev", "recvfrom", "shutdown", "poll", "ppoll", "fstat", "fadvise64", "close",
    // Memory. mmap and mprotect have rules of their own.
    "brk", "munmap", "mremap", "madvise",
    // Threads and locks.
    "futex", "set_robust_list", "rseq", "set_tid_address", "sched_yield", "sched_getaffinity", "getcpu", "exit", "exit_group",
    // Signals to this process. tgkill has a rule of its own.
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "restart_syscall", "sigaltstack",
    // Who and when.
    "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "clock_gettime", "clock_getres", "clock_nanosleep",
    "nanosleep", "gettimeofday", "time", "times", "getrusage", "getrlimit", "sysinfo", "getrandom"};

/// For these the C library has an older way and takes it when told that the kernel does not know the call.
constexpr const char* kUnknown[] = {"clone3", "openat2", "statx", "faccessat2"};

/// Only where the profile has readable folders. Which paths: Landlock and the mount namespace.
constexpr const char* kReadingFolders[] = {"newfstatat", "getdents64", "readlink", "readlinkat", "access", "faccessat"};

constexpr scmp_datum_t kNamespaceFlags = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                         CLONE_NEWNET | CLONE_PTRACE | CLONE_VFORK | CLONE_PARENT;
constexpr scmp_datum_t kThreadFlags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;

/// A filter being written. Remembers the first failure.
class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release) {
    if (!context_) result_ = -ENOMEM;
    // A call of the 32-bit or x32 kind has other numbers. No honest program makes one.
    note(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
    note(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));
  }

  /// Names that this architecture does not have are left out.
  void allow(const char* name, std::initializer_list<scmp_arg_cmp> when = {}) { add(SCMP_ACT_ALLOW, name, when); }
  void pretend_unknown(const char* name) { add(SCMP_ACT_ERRNO(ENOSYS), name, {}); }

  /// Errors are negative, with errno.
  [[nodiscard]] long load() {
    if (result_ == 0) note(seccomp_load(context_.get()));
    errno = -result_;
    return result_;
  }

 private:
  void note(int result) {
    if (result_ == 0) result_ = result;
  }
  void add(std::uint32_t action, const char* name, std::initializer_list<scmp_arg_cmp> when) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number >= 0) note(seccomp_rule_add_array(context_.get(), action, number, static_cast<unsigned>(when.size()), when.begin()));
  }

  std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
  int result_ = 0;
};

scmp_arg_cmp argument(unsigned index, scmp_compare compare, scmp_datum_t value) { return {index, compare, value, 0}; }

scmp_arg_cmp masked(unsigned index, scmp_datum_t mask, scmp_datum_t value) { return {index, SCMP_CMP_MASKED_EQ, mask, value}; }

void allow_memory_without_code(Filter& filter) {
  filter.allow("mmap", {masked(2, PROT_EXEC, 0)});
  filter.allow("mprotect", {masked(2, PROT_EXEC, 0)});
}

/// The log (2) can be written to and nothing else: it may be a file that others read, or a terminal.
void allow_descriptor_calls(Filter& filter) {
  // The input and what was opened after it: 4–7, 8–15, 16–31, 32–63. Not "≥ 4": the kernel looks at 32 of the 64 bits.
  static_assert(kInputFd == 4);
  for (scmp_datum_t first = kInputFd; first < kDescriptorsMax; first *= 2) {
    const scmp_arg_cmp input = masked(0, ~(first - 1), first);
    filter.allow("lseek", {input});
    filter.allow("dup", {input});
    filter.allow("fcntl", {input, argument(1, SCMP_CMP_EQ, F_DUPFD_CLOEXEC)});
  }
  for (const int command : {F_GETFD, F_SETFD, F_GETFL}) filter.allow("fcntl", {argument(1, SCMP_CMP_EQ, static_cast<scmp_datum_t>(command))});
  // The C library's fstat. It can also ask for the size of a file by its name: the mount namespace is what hides names.
  filter.allow("newfstatat", {argument(3, SCMP_CMP_EQ, AT_EMPTY_PATH)});
  // To nobody but the other end of the channel, and no descriptor can ride along as it could with sendmsg.
  filter.allow("sendto", {argument(4, SCMP_CMP_EQ, 0)});
}

/// Only about this process itself.
void allow_own_process(Filter& filter, const SealProfile& profile) {
  filter.allow("tgkill", {argument(0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid()))});
  filter.allow("prlimit64", {argument(0, SCMP_CMP_EQ, 0), argument(2, SCMP_CMP_EQ, 0)});
  filter.allow("sched_setaffinity", {argument(0, SCMP_CMP_EQ, 0)});
  filter.allow("prctl", {argument(0, SCMP_CMP_EQ, PR_SET_NAME)});
  if (profile.threads) filter.allow("clone", {masked(0, kThreadFlags | kNamespaceFlags, kThreadFlags)});
}

void allow_reading_folders(Filter& filter) {
  constexpr scmp_datum_t kNotReading = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY) | O_PATH;
  filter.allow("openat", {masked(2, kNotReading, O_RDONLY)});
  filter.allow("open", {masked(1, kNotReading, O_RDONLY)});
  for (const char* name : kReadingFolders) filter.allow(name);
}

}  // namespace

void apply_seccomp(const SealProfile& profile, std::vector<Verdict>& layers) {
  Filter filter;
  for (const char* name : kAllowed) filter.allow(name);
  for (const char* name : kUnknown) filter.pretend_unknown(name);
  allow_memory_without_code(filter);
  allow_descriptor_calls(filter);
  allow_own_process(filter, profile);
  if (!profile.readable_folders.empty()) allow_reading_folders(filter);
  layers.push_back(verdict_of("seccomp", filter.load(), true));
}

}  // namespace sekisho::process::layers
