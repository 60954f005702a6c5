#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "process/channel.h"
#include "process/escape_probe.h"

namespace sekisho::process {
namespace {

constexpr Attempt kWorked{.escaped = true, .error = 0};

/// The kernel's answer to a call that is meant to work.
Attempt judged(long result) { return result >= 0 ? kWorked : Attempt{.escaped = false, .error = errno}; }

Attempt judged_fd(long fd) {
  const Attempt attempt = judged(fd);
  if (fd >= 0) ::close(static_cast<int>(fd));
  return attempt;
}

// --- network

/// Sends to port 9 of this machine. Whoever answers, be it "nobody listens", was reached.
Attempt reach(int family, int type, bool bind_instead) {
  const int fd = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return judged(fd);
  sockaddr_storage address{};
  socklen_t size = 0;
  if (family == AF_INET) {
    auto* to = reinterpret_cast<sockaddr_in*>(&address);
    *to = {.sin_family = AF_INET, .sin_port = htons(bind_instead ? 0 : 9), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    size = sizeof *to;
  } else {
    auto* to = reinterpret_cast<sockaddr_in6*>(&address);
    to->sin6_family = AF_INET6;
    to->sin6_port = htons(bind_instead ? 0 : 9);
    to->sin6_addr = in6addr_loopback;
    size = sizeof *to;
  }
  const auto* to = reinterpret_cast<const sockaddr*>(&address);
  long result = bind_instead ? ::bind(fd, to, size) : type == SOCK_STREAM ? ::connect(fd, to, size) : ::sendto(fd, "x", 1, 0, to, size);
  const int why = errno;
  ::close(fd);
  if (result < 0 && (why == EINPROGRESS || why == ECONNREFUSED)) return {.escaped = true, .error = why};
  errno = why;
  return judged(result);
}

Attempt connect_tcp4() { return reach(AF_INET, SOCK_STREAM, false); }
Attempt connect_tcp6() { return reach(AF_INET6, SOCK_STREAM, false); }
Attempt send_udp4() { return reach(AF_INET, SOCK_DGRAM, false); }
Attempt send_udp6() { return reach(AF_INET6, SOCK_DGRAM, false); }
Attempt bind_tcp4() { return reach(AF_INET, SOCK_STREAM, true); }
Attempt bind_tcp6() { return reach(AF_INET6, SOCK_STREAM, true); }
Attempt bind_udp4() { return reach(AF_INET, SOCK_DGRAM, true); }

Attempt raw_socket() { return judged_fd(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)); }
Attempt packet_socket() { return judged_fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)); }
Attempt netlink_socket() { return judged_fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0)); }
Attempt vsock_socket() { return judged_fd(::socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
Attempt alg_socket() { return judged_fd(::socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)); }
Attempt unix_socket() { return judged_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

Attempt any_socket() {
  Attempt last;
  for (int family = 0; family <= 64; ++family) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET}) {
      last = judged_fd(::socket(family, type | SOCK_CLOEXEC, 0));
      if (last.escaped) return last;
    }
  }
  return last;
}

Attempt connect_abstract() {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return judged(fd);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::copy(kAbstractAddress.begin(), kAbstractAddress.end(), address.sun_path + 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + kAbstractAddress.size());
  const Attempt attempt = judged(::connect(fd, reinterpret_cast<const sockaddr*>(&address), size));
  ::close(fd);
  return attempt;
}

Attempt bind_unix_path() {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return judged(fd);
  const sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "/tmp/sekisho-escape-probe.socket"};
  const Attempt attempt = judged(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  if (attempt.escaped) ::unlink(address.sun_path);
  ::close(fd);
  return attempt;
}

Attempt socket_pair() {
  int ends[2];
  const Attempt attempt = judged(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  if (attempt.escaped) static_cast<void>(::close(ends[0]) + ::close(ends[1]));
  return attempt;
}

// --- files

Attempt open_file(const char* path, int flags) { return judged_fd(::open(path, flags | O_CLOEXEC | O_NOCTTY, 0600)); }

Attempt read_passwd() { return open_file("/etc/passwd", O_RDONLY); }
Attempt read_own_memory_map() { return open_file("/proc/self/maps", O_RDONLY); }
Attempt write_own_memory() { return open_file("/proc/self/mem", O_RDWR); }
Attempt list_processes() { return open_file("/proc", O_RDONLY | O_DIRECTORY); }
Attempt write_null() { return open_file("/dev/null", O_WRONLY); }
Attempt read_only_path() { return open_file("/etc/passwd", O_PATH); }
Attempt reopen_input() { return open_file("/proc/self/fd/4", O_RDWR); }
Attempt create_in_tmp() {
  const Attempt attempt = open_file("/tmp/sekisho-escape-probe", O_WRONLY | O_CREAT);
  if (attempt.escaped) ::unlink("/tmp/sekisho-escape-probe");
  return attempt;
}
Attempt unnamed_in_tmp() { return open_file("/tmp", O_TMPFILE | O_WRONLY); }
Attempt shared_memory_file() {
  const int fd = ::shm_open("/sekisho-escape-probe", O_RDWR | O_CREAT, 0600);
  if (fd >= 0) ::shm_unlink("/sekisho-escape-probe");
  return judged_fd(fd);
}
Attempt stat_passwd() {
  struct stat about {};
  return judged(::stat("/etc/passwd", &about));
}
/// The call behind fstat in the C library. A filter sees no strings, and so cannot tell this from fstat.
Attempt stat_passwd_like_fstat() {
  struct stat about {};
  return judged(::fstatat(AT_FDCWD, "/etc/passwd", &about, AT_EMPTY_PATH));
}
Attempt access_passwd() { return judged(::access("/etc/passwd", R_OK)); }
Attempt change_root() { return judged(::chroot("/")); }
Attempt type_into_terminal() {
  const char key = 'x';
  const int result = ::ioctl(STDERR_FILENO, TIOCSTI, &key);
  if (result < 0 && errno == ENOTTY) return {.escaped = true, .error = errno};
  return judged(result);
}
/// The kernel looks at 32 of the 64 bits of a descriptor; a filter that compares all of them is led past.
Attempt rewind_log_by_high_bits() {
  const long result = ::syscall(SYS_lseek, 0x1'0000'0000L + STDERR_FILENO, 0L, SEEK_CUR);
  if (result < 0 && errno == ESPIPE) return {.escaped = true, .error = errno};
  return judged(result);
}
Attempt copy_log_descriptor() { return judged_fd(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, kInputFd)); }
Attempt replace_descriptor() { return judged_fd(::dup2(STDERR_FILENO, 63)); }
Attempt inherited_descriptor() {
  for (int fd = kInputFd + 1; fd < 4096; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) return kWorked;
  }
  return {.escaped = false, .error = EBADF};
}

// --- processes

Attempt make_child(unsigned long flags) {
  const long pid = ::syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (pid == 0) ::_exit(0);
  const Attempt attempt = judged(pid);
  if (pid > 0) ::waitpid(static_cast<pid_t>(pid), nullptr, 0);
  return attempt;
}

Attempt fork_child() { return make_child(0); }
Attempt clone_user() { return make_child(CLONE_NEWUSER); }
Attempt clone_network() { return make_child(CLONE_NEWUSER | CLONE_NEWNET); }
Attempt clone_pids() { return make_child(CLONE_NEWUSER | CLONE_NEWPID); }
Attempt unshare_user() { return judged(::unshare(CLONE_NEWUSER)); }
Attempt unshare_mounts() { return judged(::unshare(CLONE_NEWNS)); }
/// Where this works the worker is gone, and the server sees that no report comes.
Attempt execute_program() {
  char name[] = "true";
  char* const arguments[] = {name, nullptr};
  return judged(::execve("/bin/true", arguments, arguments + 1));
}
Attempt file_in_memory() { return judged_fd(::memfd_create("sekisho", MFD_CLOEXEC)); }

/// The server, or where it is out of sight the first process of all: in a PID namespace of its own that is the worker itself.
pid_t someone_else() { return ::getppid() > 0 ? ::getppid() : 0; }

Attempt out_of_sight() { return {.escaped = false, .error = ESRCH}; }

Attempt signal_server() { return someone_else() == 0 ? out_of_sight() : judged(::kill(someone_else(), 0)); }
Attempt signal_everyone() { return judged(::kill(-1, 0)); }
Attempt signal_thread_of_server() {
  return someone_else() == 0 ? out_of_sight() : judged(::syscall(SYS_tgkill, someone_else(), someone_else(), 0));
}
Attempt queue_signal() {
  siginfo_t info{};
  info.si_code = SI_QUEUE;
  return someone_else() == 0 ? out_of_sight() : judged(::syscall(SYS_rt_sigqueueinfo, someone_else(), 0, &info));
}
Attempt trace_server() {
  if (someone_else() == 0) return out_of_sight();
  return judged(::ptrace(PTRACE_SEIZE, someone_else(), 0, 0));
}
Attempt read_server_memory() {
  if (someone_else() == 0) return out_of_sight();
  char byte = 0;
  const iovec local{.iov_base = &byte, .iov_len = 1};
  const iovec remote{.iov_base = &byte, .iov_len = 1};
  const Attempt attempt = judged(::process_vm_readv(someone_else(), &local, 1, &remote, 1, 0));
  return attempt.error == EFAULT ? Attempt{.escaped = true, .error = EFAULT} : attempt;
}
/// A handle of oneself is the first step to handles of others.
Attempt process_handle() { return judged_fd(::syscall(SYS_pidfd_open, ::getpid(), 0)); }
Attempt limits_of_server() {
  rlimit now{};
  return someone_else() == 0 ? out_of_sight() : judged(::prlimit(someone_else(), RLIMIT_NOFILE, nullptr, &now));
}
Attempt raise_limits() {
  const rlimit wanted{.rlim_cur = 1'000'000, .rlim_max = 1'000'000};
  return judged(::setrlimit(RLIMIT_NOFILE, &wanted));
}
Attempt become_dumpable() { return judged(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }
Attempt affinity_of_server() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (someone_else() == 0 || ::sched_getaffinity(someone_else(), sizeof cores, &cores) != 0) return out_of_sight();
  return judged(::sched_setaffinity(someone_else(), sizeof cores, &cores));
}

// --- memory

Attempt map_code() {
  void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return judged(-1);
  ::munmap(page, 4096);
  return kWorked;
}
Attempt make_code() {
  void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return judged(-1);
  const Attempt attempt = judged(::mprotect(page, 4096, PROT_READ | PROT_EXEC));
  ::munmap(page, 4096);
  return attempt;
}
Attempt shared_memory() {
  const int id = ::shmget(IPC_PRIVATE, 4096, 0600);
  if (id >= 0) ::shmctl(id, IPC_RMID, nullptr);
  return judged(id);
}
Attempt semaphore() {
  const int id = ::semget(IPC_PRIVATE, 1, 0600);
  if (id >= 0) ::semctl(id, 0, IPC_RMID);
  return judged(id);
}
Attempt message_queue() {
  const int id = ::msgget(IPC_PRIVATE, 0600);
  if (id >= 0) ::msgctl(id, IPC_RMID, nullptr);
  return judged(id);
}

constexpr EscapeProbe kProbes[] = {
    {"network.connect_tcp4", connect_tcp4},
    {"network.connect_tcp6", connect_tcp6},
    {"network.send_udp4", send_udp4},
    {"network.send_udp6", send_udp6},
    {"network.bind_tcp4", bind_tcp4},
    {"network.bind_tcp6", bind_tcp6},
    {"network.bind_udp4", bind_udp4},
    {"network.raw_socket", raw_socket},
    {"network.packet_socket", packet_socket},
    {"network.netlink_socket", netlink_socket},
    {"network.vsock_socket", vsock_socket},
    {"network.alg_socket", alg_socket},
    {"network.unix_socket", unix_socket},
    {"network.any_socket", any_socket},
    {"network.connect_abstract", connect_abstract},
    {"network.bind_unix_path", bind_unix_path},
    {"network.socket_pair", socket_pair},
    {"file.read_passwd", read_passwd},
    {"file.read_own_memory_map", read_own_memory_map},
    {"file.write_own_memory", write_own_memory},
    {"file.list_processes", list_processes},
    {"file.write_null", write_null},
    {"file.path_of_passwd", read_only_path},
    {"file.reopen_input", reopen_input},
    {"file.create_in_tmp", create_in_tmp},
    {"file.unnamed_in_tmp", unnamed_in_tmp},
    {"file.shared_memory_file", shared_memory_file},
    {"file.stat_passwd", stat_passwd},
    {"file.stat_passwd_like_fstat", stat_passwd_like_fstat, false},
    {"file.access_passwd", access_passwd},
    {"file.change_root", change_root},
    {"file.type_into_terminal", type_into_terminal},
    {"file.rewind_log_by_high_bits", rewind_log_by_high_bits},
    {"file.copy_log_descriptor", copy_log_descriptor},
    {"file.replace_descriptor", replace_descriptor},
    {"file.inherited_descriptor", inherited_descriptor},
    {"process.fork", fork_child},
    {"process.clone_user_namespace", clone_user},
    {"process.clone_network_namespace", clone_network},
    {"process.clone_pid_namespace", clone_pids},
    {"process.unshare_user_namespace", unshare_user},
    {"process.unshare_mount_namespace", unshare_mounts},
    {"process.file_in_memory", file_in_memory},
    {"process.signal_server", signal_server},
    {"process.signal_everyone", signal_everyone},
    {"process.signal_thread_of_server", signal_thread_of_server},
    {"process.queue_signal", queue_signal},
    {"process.trace_server", trace_server},
    {"process.read_server_memory", read_server_memory},
    {"process.handle", process_handle},
    {"process.limits_of_server", limits_of_server},
    {"process.raise_limits", raise_limits},
    {"process.become_dumpable", become_dumpable},
    {"process.affinity_of_server", affinity_of_server},
    {"memory.map_code", map_code},
    {"memory.make_code", make_code},
    {"memory.shared_memory", shared_memory},
    {"memory.semaphore", semaphore},
    {"memory.message_queue", message_queue},
    {"process.execute_program", execute_program},
};

}  // namespace

std::span<const EscapeProbe> special_probes() { return kProbes; }

}  // namespace sekisho::process
