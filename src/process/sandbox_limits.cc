#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "process/channel.h"
#include "process/sandbox_layers.h"

namespace sekisho::process::layers {
namespace {

constexpr rlim_t kThreads = 4096;  ///< Of the user, on a kernel where the worker has no user namespace; fork is seccomp's.

/// Lowers a limit, never raises it: a hard limit that is lower already stays.
bool limit(__rlimit_resource resource, rlim_t soft, rlim_t hard) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return false;
  const rlimit wanted{.rlim_cur = std::min(soft, now.rlim_max), .rlim_max = std::min(hard, now.rlim_max)};
  return ::setrlimit(resource, &wanted) == 0;
}

bool limit(__rlimit_resource resource, rlim_t value) { return limit(resource, value, value); }

/// The server's log may be a file, and the limit on file sizes would end it. No other file can be written to.
bool log_is_a_file() {
  struct stat about {};
  return ::fstat(STDERR_FILENO, &about) == 0 && S_ISREG(about.st_mode);
}

bool limit_all(const SealProfile& profile) {
  bool held = limit(RLIMIT_CORE, 0) && limit(RLIMIT_MSGQUEUE, 0) && limit(RLIMIT_NOFILE, kDescriptorsMax);
  held = held && limit(RLIMIT_NPROC, profile.threads ? kThreads : 1);
  if (!log_is_a_file()) held = held && limit(RLIMIT_FSIZE, 0);
  if (profile.memory_bytes > 0) held = held && limit(RLIMIT_AS, profile.memory_bytes);
  const auto cpu_s = static_cast<rlim_t>(profile.cpu_s);
  if (profile.cpu_s > 0) held = held && limit(RLIMIT_CPU, cpu_s, cpu_s + 1);
  return held;
}

}  // namespace

void apply_limits(const SealProfile& profile, std::vector<Verdict>& layers) {
  // Standard output is /dev/null since the spawning.
  if (profile.silent) layers.push_back(verdict_of("silent", ::dup2(STDOUT_FILENO, STDERR_FILENO), true));
  layers.push_back(verdict_of("descriptors", ::syscall(SYS_close_range, kInputFd + 1, ~0U, 0), true));
  layers.push_back(verdict_of("limits", limit_all(profile) ? 0 : -1, true));
  layers.push_back(verdict_of("not_dumpable", ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), true));
  layers.push_back(verdict_of("no_new_privileges", ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), true));
}

}  // namespace sekisho::process::layers
