#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace sekisho::process {

/// What a worker may still use once it is sealed.
struct SealProfile {
  std::string name;                     ///< "model" or "extract", for the report.
  std::size_t memory_bytes = 0;         ///< RLIMIT_AS; 0 leaves it alone (libllama maps its own buffers).
  std::int64_t cpu_s = 0;               ///< RLIMIT_CPU; 0: unlimited.
  bool threads = false;                 ///< May make threads (clone with CLONE_THREAD) after the seal.
  bool silent = false;                  ///< Standard error, the server's log, ends with the seal: what a worker was given is for nobody who reads the log.
  /// Absolute paths of folders that stay readable (fonts, encoding tables). Empty: no file can be opened at all.
  std::vector<std::string> readable_folders;
};

/// One layer or one probe, and how it came out.
struct Verdict {
  std::string name;     ///< Stable, snake_case: "namespaces.network", "landlock", "seccomp", "probe.connect_inet".
  bool holds = false;   ///< The layer is in force, or the escape was refused.
  bool required = true; ///< Whether the server refuses to go on without it.
  std::string detail;   ///< English: what the kernel said.
};

struct SealReport {
  std::vector<Verdict> layers;
  std::vector<Verdict> probes;
  std::int64_t took_us = 0;
  /// Every required verdict holds.
  [[nodiscard]] bool sealed() const;
  [[nodiscard]] Json to_json() const;
  [[nodiscard]] static Result<SealReport> from_json(const Json& json);
};

/// Seals this process for good: namespaces, Landlock, seccomp, no_new_privs, not dumpable, rlimits, descriptors beyond
/// kInputFd closed. Call before any thread exists and before the first foreign byte; then probe_escape().
/// Layers that the kernel refuses are in the report, never an error by themselves: the server decides. Seccomp is always
/// required; of Landlock and the namespaces, one for files and one for the network (docs/decisions/0004).
///
/// What a sealed worker should know: nothing can be opened, executed or made executable (no dlopen); system
/// calls that are not on the list fail with EPERM; LeakSanitizer cannot run at its exit, std::_Exit avoids it.
[[nodiscard]] SealReport seal(const SealProfile& profile);

/// Tries to get out in every way we know (sockets of each family, files, processes, ptrace, io_uring, …: escape_probe.h)
/// and adds a verdict a try to `report`. < 200 ms. Call from the only thread.
void probe_escape(SealReport& report);

}  // namespace sekisho::process
