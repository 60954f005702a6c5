#include <linux/keyctl.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "process/escape_probe.h"

namespace sekisho::process {
namespace {

/// Numbers of the tables that are the same everywhere and newer than the headers of the distribution.
constexpr long kFsconfig = 431, kCachestat = 451, kFchmodat2 = 452, kMapShadowStack = 453, kStatmount = 457, kListmount = 458,
               kSetxattrat = 463, kOpenTreeAttr = 467;

/// -1: no such descriptor or process. 0: no such address. Each call looks at who may before it looks at these, or fails at them.
constexpr CallProbe kCalls[] = {
    {"network.connect", SYS_connect, {-1, 0, 0}},
    {"network.bind", SYS_bind, {-1, 0, 0}},
    {"network.listen", SYS_listen, {-1, 1}},
    {"network.accept", SYS_accept, {-1, 0, 0}},
    {"network.accept4", SYS_accept4, {-1, 0, 0, 0}},
    {"network.sendmsg", SYS_sendmsg, {-1, 0, 0}},
    {"network.sendmmsg", SYS_sendmmsg, {-1, 0, 0, 0}},
    {"network.recvmsg", SYS_recvmsg, {-1, 0, 0}},
    {"network.recvmmsg", SYS_recvmmsg, {-1, 0, 0, 0, 0}},
    {"network.sendto_address", SYS_sendto, {-1, 0, 0, 0, 1, 16}},
    {"network.setsockopt", SYS_setsockopt, {-1, 0, 0, 0, 0}},
    {"network.getpeername", SYS_getpeername, {-1, 0, 0}},
    {"kernel.io_uring_setup", SYS_io_uring_setup, {0, 0}},
    {"kernel.io_uring_enter", SYS_io_uring_enter, {-1, 0, 0, 0, 0, 0}},
    {"kernel.io_uring_register", SYS_io_uring_register, {-1, 0, 0, 0}},
    {"kernel.io_setup", SYS_io_setup, {1, 0}},
    {"kernel.bpf", SYS_bpf, {9999, 0, 0}},
    {"kernel.perf_event_open", SYS_perf_event_open, {0, 0, -1, -1, 0}},
    {"kernel.add_key", SYS_add_key, {0, 0, 0, 0, 0}},
    {"kernel.request_key", SYS_request_key, {0, 0, 0, 0}},
    {"kernel.keyctl", SYS_keyctl, {KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0}},
    {"kernel.init_module", SYS_init_module, {0, 0, 0}},
    {"kernel.finit_module", SYS_finit_module, {-1, 0, 0}},
    {"kernel.delete_module", SYS_delete_module, {0, 0}},
    {"kernel.kexec_load", SYS_kexec_load, {0, 0, 0, 0xFFFF}},
    {"kernel.reboot", SYS_reboot, {0, 0, 0, 0}},
    {"kernel.syslog", SYS_syslog, {10, 0, 0}},
    {"kernel.sethostname", SYS_sethostname, {0, 1}},
    {"kernel.setdomainname", SYS_setdomainname, {0, 1}},
    {"kernel.clock_settime", SYS_clock_settime, {0, 0}},
    {"kernel.settimeofday", SYS_settimeofday, {1, 0}},
    {"kernel.adjtimex", SYS_adjtimex, {0}},
    {"kernel.swapon", SYS_swapon, {0, 0}},
    {"kernel.swapoff", SYS_swapoff, {0}},
    {"kernel.acct", SYS_acct, {1}},
    {"kernel.quotactl", SYS_quotactl, {0, 0, 0, 0}},
    {"kernel.fanotify_init", SYS_fanotify_init, {0xFFFF, 0}},
    {"kernel.inotify_init", SYS_inotify_init1, {0xFF}},
    {"kernel.landlock_restrict_self", SYS_landlock_restrict_self, {-1, 0}},
    {"kernel.seccomp", SYS_seccomp, {1, 0, 0}},
    {"kernel.personality", SYS_personality, {0xFFFFFFFF}},
    {"namespace.setns", SYS_setns, {-1, 0}},
    {"namespace.unshare_nothing", SYS_unshare, {0}},
    {"namespace.mount", SYS_mount, {0, 0, 0, 0, 0}},
    {"namespace.umount", SYS_umount2, {0, 0}},
    {"namespace.pivot_root", SYS_pivot_root, {0, 0}},
    {"namespace.chroot", SYS_chroot, {0}},
    {"namespace.fsopen", SYS_fsopen, {0, 0}},
    {"namespace.fsconfig", kFsconfig, {-1, 0, 0, 0, 0}},
    {"namespace.fspick", SYS_fspick, {-1, 0, 0}},
    {"namespace.fsmount", SYS_fsmount, {-1, 0, 0}},
    {"namespace.open_tree", SYS_open_tree, {-1, 0, 0}},
    {"namespace.move_mount", SYS_move_mount, {-1, 0, -1, 0, 0}},
    {"namespace.mount_setattr", SYS_mount_setattr, {-1, 0, 0, 0, 0}},
    {"namespace.statmount", kStatmount, {0, 0, 0, 0}},
    {"namespace.listmount", kListmount, {0, 0, 0, 0}},
    {"namespace.open_tree_attr", kOpenTreeAttr, {-1, 0, 0, 0, 0}},
    {"namespace.clone3", SYS_clone3, {0, 0}},
    {"file.openat2", SYS_openat2, {-1, 0, 0, 0}},
    {"file.open_by_handle_at", SYS_open_by_handle_at, {-1, 0, 0}},
    {"file.name_to_handle_at", SYS_name_to_handle_at, {-1, 0, 0, 0, 0}},
    {"file.statx", SYS_statx, {-1, 0, 0, 0, 0}},
    {"file.statfs", SYS_statfs, {0, 0}},
    {"file.fstatfs", SYS_fstatfs, {-1, 0}},
    {"file.mkdirat", SYS_mkdirat, {-1, 0, 0}},
    {"file.mknodat", SYS_mknodat, {-1, 0, 0, 0}},
    {"file.unlinkat", SYS_unlinkat, {-1, 0, 0}},
    {"file.renameat2", SYS_renameat2, {-1, 0, -1, 0, 0}},
    {"file.linkat", SYS_linkat, {-1, 0, -1, 0, 0}},
    {"file.symlinkat", SYS_symlinkat, {0, -1, 0}},
    {"file.fchmod", SYS_fchmod, {-1, 0}},
    {"file.fchmodat", SYS_fchmodat, {-1, 0, 0}},
    {"file.fchmodat2", kFchmodat2, {-1, 0, 0, 0}},
    {"file.fchown", SYS_fchown, {-1, 0, 0}},
    {"file.fchownat", SYS_fchownat, {-1, 0, 0, 0, 0}},
    {"file.truncate", SYS_truncate, {0, 0}},
    {"file.ftruncate", SYS_ftruncate, {-1, 0}},
    {"file.fallocate", SYS_fallocate, {-1, 0, 0, 1}},
    {"file.pwrite", SYS_pwrite64, {-1, 0, 1, 0}},
    {"file.pwritev", SYS_pwritev, {-1, 0, 1, 0, 0}},
    {"file.sendfile", SYS_sendfile, {-1, -1, 0, 1}},
    {"file.splice", SYS_splice, {-1, 0, -1, 0, 1, 0}},
    {"file.tee", SYS_tee, {-1, -1, 1, 0}},
    {"file.vmsplice", SYS_vmsplice, {-1, 0, 1, 0}},
    {"file.copy_file_range", SYS_copy_file_range, {-1, 0, -1, 0, 1, 0}},
    {"file.flock", SYS_flock, {-1, 0}},
    {"file.utimensat", SYS_utimensat, {-1, 0, 0, 0}},
    {"file.setxattr", SYS_setxattr, {0, 0, 0, 0, 0}},
    {"file.fsetxattr", SYS_fsetxattr, {-1, 0, 0, 0, 0}},
    {"file.setxattrat", kSetxattrat, {-1, 0, 0, 0, 0, 0}},
    {"file.getxattr", SYS_getxattr, {0, 0, 0, 0}},
    {"file.chdir", SYS_chdir, {0}},
    {"file.fchdir", SYS_fchdir, {-1}},
    {"file.cachestat", kCachestat, {-1, 0, 0, 0}},
    {"file.mq_open", SYS_mq_open, {0, 0, 0, 0}},
    {"file.ioctl", SYS_ioctl, {-1, 0, 0}},
    {"process.execve", SYS_execve, {0, 0, 0}},
    {"process.execveat", SYS_execveat, {-1, 0, 0, 0, 0}},
    {"process.ptrace", SYS_ptrace, {PTRACE_PEEKDATA, -1, 0, 0}},
    {"process.process_vm_writev", SYS_process_vm_writev, {-1, 0, 0, 0, 0, 0}},
    {"process.pidfd_getfd", SYS_pidfd_getfd, {-1, 0, 0}},
    {"process.pidfd_send_signal", SYS_pidfd_send_signal, {-1, 0, 0, 0}},
    {"process.process_madvise", SYS_process_madvise, {-1, 0, 0, 0, 0}},
    {"process.process_mrelease", SYS_process_mrelease, {-1, 0}},
    {"process.migrate_pages", SYS_migrate_pages, {0, 0, 0, 0}},
    {"process.move_pages", SYS_move_pages, {0, 0, 0, 0, 0, 0}},
    {"process.kcmp", SYS_kcmp, {0, 0, 99, 0, 0}},
    {"process.waitid", SYS_waitid, {0, 0, 0, 5, 0}},
    {"process.setpriority", SYS_setpriority, {0, 0, 19}},
    {"process.ioprio_set", SYS_ioprio_set, {9, 0, 0}},
    {"process.sched_setscheduler", SYS_sched_setscheduler, {0, 0, 0}},
    {"process.sched_setattr", SYS_sched_setattr, {0, 0, 0}},
    {"process.setpgid", SYS_setpgid, {0, -1}},
    {"process.setuid", SYS_setuid, {-1}},
    {"process.setgid", SYS_setgid, {-1}},
    {"process.setresuid", SYS_setresuid, {-1, -1, -1}},
    {"process.setresgid", SYS_setresgid, {-1, -1, -1}},
    {"process.setgroups", SYS_setgroups, {1, 0}},
    {"process.capset", SYS_capset, {0, 0}},
    {"process.prctl_dumpable", SYS_prctl, {PR_SET_DUMPABLE, 9, 0, 0, 0}},
    {"process.prctl_outlive_server", SYS_prctl, {PR_SET_PDEATHSIG, 9999, 0, 0, 0}},
    {"process.prctl_ptracer", SYS_prctl, {PR_SET_PTRACER, -2, 0, 0, 0}},
    {"memory.userfaultfd", SYS_userfaultfd, {0xFF}},
    {"memory.pkey_mprotect", SYS_pkey_mprotect, {1, 1, 0, -1}},
    {"memory.remap_file_pages", SYS_remap_file_pages, {1, 1, 1, 1, 1}},
    {"memory.map_shadow_stack", kMapShadowStack, {0, 0, 0xFF}},
    {"memory.shmat", SYS_shmat, {-1, 0, 0}},
    {"memory.shmctl", SYS_shmctl, {-1, 0, 0}},
    {"memory.semctl", SYS_semctl, {-1, 0, 0, 0}},
    {"memory.msgctl", SYS_msgctl, {-1, 0, 0}},
#ifdef __x86_64__
    {"kernel.iopl", SYS_iopl, {9}},
    {"kernel.ioperm", SYS_ioperm, {-1, -1, 1}},
    {"kernel.modify_ldt", SYS_modify_ldt, {0xFF, 0, 0}},
    {"kernel.arch_prctl", SYS_arch_prctl, {0, 0}},
    {"kernel.uselib", SYS_uselib, {0}},
    {"file.creat", SYS_creat, {0, 0}},
    {"file.unlink", SYS_unlink, {0}},
    {"file.rename", SYS_rename, {0, 0}},
#endif
};

}  // namespace

std::span<const CallProbe> call_probes() { return kCalls; }

Attempt attempt(const CallProbe& probe) {
  const long* a = probe.arguments;
  if (::syscall(probe.number, a[0], a[1], a[2], a[3], a[4], a[5]) >= 0) return {.escaped = true, .error = 0};
  // EPERM and EACCES are a refusal, ENOSYS means that there is no such door. Anything else complained of the arguments.
  return {.escaped = errno != EPERM && errno != EACCES && errno != ENOSYS, .error = errno};
}

}  // namespace sekisho::process
