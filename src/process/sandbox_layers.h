#pragma once

#include <vector>

#include "process/sandbox.h"

/// The layers of seal(), one function each, so that a test can show what each holds with the others off. Workers call
/// seal(). Each appends its verdicts to `layers`, goes on where the kernel refuses a part, and cannot be undone.
namespace sekisho::process::layers {

/// Descriptors of a sealed process are below this.
inline constexpr std::size_t kDescriptorsMax = 64;

/// User, network, IPC, UTS, cgroup and mount namespaces; an empty root (or one with `readable_folders` alone); no
/// capabilities. Needs a process with one thread. The PID namespace is spawn()'s: unshare gives one to children only,
/// and forbids threads. "namespaces.pid" says whether this process has its own.
void apply_namespaces(const SealProfile& profile, std::vector<Verdict>& layers);

/// no_new_privs, which the next two need, not dumpable, rlimits, descriptors beyond kInputFd closed.
void apply_limits(const SealProfile& profile, std::vector<Verdict>& layers);

/// Every file right that the kernel knows but reading in `readable_folders`; TCP; signals and abstract sockets.
void apply_landlock(const SealProfile& profile, std::vector<Verdict>& layers);

/// The list of system calls. What is not on it fails with EPERM; calls of another architecture kill.
void apply_seccomp(const SealProfile& profile, std::vector<Verdict>& layers);

/// The verdict on a call that returned `result`, and set errno where that is negative.
[[nodiscard]] Verdict verdict_of(std::string name, long result, bool required = false);

}  // namespace sekisho::process::layers
