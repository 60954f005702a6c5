// A worker that helps the attacker: it speaks the protocol of sekisho-model, is sealed as sekisho-model is, and tries to pass on what one
// person's request held to another's, to the disk, to other processes, to the network. For proof G2 (colluding.cc).
//
// A prompt "!NAME SECRET" has it remember the secret and put it wherever the channel NAME leads; a prompt "!NAME" has it look there again
// and tell what it finds, in its words and in every number that it may choose. NAME `all`: every channel that does not end the process.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/limits.h"
#include "colluding_channels.h"
#include "process/channel.h"
#include "process/model_protocol.h"
#include "process/sandbox.h"
#include "process/spawn.h"

namespace sekisho::proof {
namespace {

using namespace process::model;
using process::Channel;
using process::Frame;

Channel* channel = nullptr;
std::string remembered;  // What another request of this process held.

void send_bytes(MessageType type, std::uint64_t id, std::string payload) {
  if (!channel->send({static_cast<std::uint16_t>(type), id, std::move(payload)})) std::_Exit(0);
}
void send(MessageType type, std::uint64_t id, const Json& json) { send_bytes(type, id, json.dump()); }

/// A number that tells the secret; nothing where there is none.
std::uint64_t number() {
  std::uint64_t value = 0;
  for (const char c : remembered) value = value * 31 + static_cast<unsigned char>(c);
  return value % 1'000'000;
}

long call(long name, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) { return ::syscall(name, a, b, c, d, e, f); }
long text(const char* value) { return reinterpret_cast<long>(value); }

int address_of(sockaddr_un& address, const std::string& name) {
  address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  return static_cast<int>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
}

// ---- Places: each takes the secret, and gives back what it holds ----

std::string read_file(const char* path) {
  const int fd = static_cast<int>(call(SYS_openat, AT_FDCWD, text(path), O_RDONLY));
  char bytes[256] = {};
  const ssize_t got = fd < 0 ? -1 : ::read(fd, bytes, sizeof bytes);
  if (fd >= 0) ::close(fd);
  return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : "";
}

void write_file(const char* path) {
  const int fd = static_cast<int>(call(SYS_openat, AT_FDCWD, text(path), O_WRONLY | O_CREAT, 0666));
  if (fd < 0) return;
  (void)!::write(fd, remembered.data(), remembered.size());
  ::close(fd);
}

struct Place {
  const char* name;
  void (*put)();
  std::string (*get)();
};

std::string nothing() { return ""; }
std::string shown(long value) { return value < 0 ? "" : std::to_string(value); }

const Place kPlaces[] = {
    {"file_tmp", [] { write_file("/tmp/sekisho-colluding"); }, [] { return read_file("/tmp/sekisho-colluding"); }},
    {"file_var_tmp", [] { write_file("/var/tmp/sekisho-colluding"); }, [] { return read_file("/var/tmp/sekisho-colluding"); }},
    {"file_shared_memory", [] { write_file("/dev/shm/sekisho-colluding"); }, [] { return read_file("/dev/shm/sekisho-colluding"); }},
    {"file_here", [] { write_file("sekisho-colluding"); }, [] { return read_file("sekisho-colluding"); }},
    {"file_name", [] { call(SYS_mkdirat, AT_FDCWD, text(("/tmp/sekisho-colluding-" + remembered).c_str()), 0777); }, nothing},
    {"symbolic_link", [] { call(SYS_symlinkat, text(remembered.c_str()), AT_FDCWD, text("/tmp/sekisho-colluding-link")); }, [] { return read_file("/tmp/sekisho-colluding-link"); }},
    {"fifo", [] { call(SYS_mknodat, AT_FDCWD, text("/tmp/sekisho-colluding-fifo"), S_IFIFO | 0666, 0); }, [] { return shown(call(SYS_openat, AT_FDCWD, text("/tmp/sekisho-colluding-fifo"), O_RDONLY | O_NONBLOCK)); }},
    {"proc_self_comm", [] { write_file("/proc/self/comm"); }, [] { return read_file("/proc/1/comm"); }},
    {"proc_oom_score", [] { write_file("/proc/self/oom_score_adj"); }, [] { return read_file("/proc/self/oom_score_adj"); }},
    {"proc_of_others", [] { write_file("/proc/1/mem"); }, [] { return read_file("/proc/1/environ"); }},
    {"model_file_bytes", [] { (void)!::write(process::kInputFd, remembered.data(), remembered.size()); }, nothing},
    {"model_file_size", [] { call(SYS_ftruncate, process::kInputFd, static_cast<long>(number())); }, nothing},
    {"model_file_times", [] { timespec times[2] = {{static_cast<time_t>(number()), 0}, {static_cast<time_t>(number()), 0}}; call(SYS_utimensat, process::kInputFd, 0, reinterpret_cast<long>(times), 0); },
     [] { struct stat about{}; return ::fstat(process::kInputFd, &about) == 0 && about.st_mtime < 10'000'000 ? shown(about.st_mtime) : std::string(); }},
    {"model_file_mode", [] { call(SYS_fchmod, process::kInputFd, static_cast<long>(number() & 0777)); }, nothing},
    {"model_file_owner", [] { call(SYS_fchown, process::kInputFd, static_cast<long>(number()), -1); }, nothing},
    {"model_file_attribute", [] { call(SYS_fsetxattr, process::kInputFd, text("user.s"), text(remembered.c_str()), static_cast<long>(remembered.size()), 0); },
     [] { char value[64] = {}; return call(SYS_fgetxattr, process::kInputFd, text("user.s"), reinterpret_cast<long>(value), sizeof value) > 0 ? std::string(value) : std::string(); }},
    {"model_file_place", [] { ::lseek(process::kInputFd, static_cast<off_t>(number()), SEEK_SET); }, [] { return shown(::lseek(process::kInputFd, 0, SEEK_CUR)); }},
    {"model_file_flags", [] { call(SYS_fcntl, process::kInputFd, F_SETFL, number() % 2 == 0 ? O_NONBLOCK : O_APPEND); }, [] { return shown(call(SYS_fcntl, process::kInputFd, F_GETFL)); }},
    {"model_file_lock", [] { call(SYS_flock, process::kInputFd, (number() % 2 == 0 ? 1 : 2) | 4); }, [] { return shown(call(SYS_flock, process::kInputFd, 2 | 4)); }},
    {"model_file_record_lock", [] { struct flock lock{}; lock.l_type = F_RDLCK; lock.l_start = static_cast<off_t>(number()); lock.l_len = 1; call(SYS_fcntl, process::kInputFd, F_OFD_SETLK, reinterpret_cast<long>(&lock)); },
     [] { struct flock lock{}; lock.l_type = F_WRLCK; return call(SYS_fcntl, process::kInputFd, F_OFD_GETLK, reinterpret_cast<long>(&lock)) == 0 && lock.l_type != F_UNLCK ? shown(lock.l_start) : std::string(); }},
    {"model_file_lease", [] { call(SYS_fcntl, process::kInputFd, F_SETLEASE, F_RDLCK); }, [] { return shown(call(SYS_fcntl, process::kInputFd, F_GETLEASE)); }},
    {"model_file_hint", [] { std::uint64_t hint = number() % 5; call(SYS_fcntl, process::kInputFd, F_SET_RW_HINT, reinterpret_cast<long>(&hint)); },
     [] { std::uint64_t hint = 0; return call(SYS_fcntl, process::kInputFd, F_GET_RW_HINT, reinterpret_cast<long>(&hint)) == 0 ? std::to_string(hint) : std::string(); }},
    {"model_file_cache", [] { call(SYS_fadvise64, process::kInputFd, 0, 0, 4); },
     [] { unsigned char here[4] = {}; void* at = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, process::kInputFd, 0); return shown(call(SYS_mincore, reinterpret_cast<long>(at), 4096, reinterpret_cast<long>(here)) == 0 ? here[0] : -1); }},
    {"shared_mapping", [] { void* at = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, process::kInputFd, 0); if (at != MAP_FAILED) std::memcpy(at, remembered.data(), remembered.size()); }, nothing},
    {"system_v_memory", [] { call(SYS_shmget, static_cast<long>(number()), 4096, 01666); }, [] { return shown(call(SYS_shmget, 4242, 0, 0)); }},
    {"system_v_messages", [] { call(SYS_msgget, 4242, 01666); }, [] { return shown(call(SYS_msgget, 4242, 0)); }},
    {"system_v_semaphores", [] { call(SYS_semget, 4242, 1, 01666); }, [] { return shown(call(SYS_semget, 4242, 1, 0)); }},
    {"posix_messages", [] { call(SYS_mq_open, text("sekisho-colluding"), O_RDWR | O_CREAT, 0666, 0); }, [] { return shown(call(SYS_mq_open, text("sekisho-colluding"), O_RDONLY)); }},
    {"memory_file", [] { call(SYS_memfd_create, text(remembered.c_str()), 0); }, nothing},
    {"key_ring", [] { call(SYS_add_key, text("user"), text("sekisho"), text(remembered.c_str()), static_cast<long>(remembered.size()), -5); }, [] { return shown(call(SYS_request_key, text("user"), text("sekisho"), 0, 0)); }},
    {"abstract_socket", [] { sockaddr_un address; const int size = address_of(address, "sekisho-" + remembered); const long fd = call(SYS_socket, AF_UNIX, SOCK_STREAM); call(SYS_bind, fd, reinterpret_cast<long>(&address), size); call(SYS_listen, fd, 8); }, nothing},
    {"socket_tcp", [] { call(SYS_socket, AF_INET, SOCK_STREAM); }, [] { return shown(call(SYS_socket, AF_INET, SOCK_STREAM)); }},
    {"socket_udp", [] { call(SYS_socket, AF_INET6, SOCK_DGRAM); }, [] { return shown(call(SYS_socket, AF_INET, SOCK_DGRAM)); }},
    {"socket_netlink", [] { call(SYS_socket, AF_NETLINK, SOCK_RAW); }, [] { return shown(call(SYS_socket, AF_NETLINK, SOCK_RAW)); }},
    {"socket_virtual_machine", [] { call(SYS_socket, 40, SOCK_STREAM); }, [] { return shown(call(SYS_socket, 40, SOCK_STREAM)); }},
    {"socket_pair", [] { int ends[2]; call(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, reinterpret_cast<long>(ends)); }, nothing},
    {"descriptor_to_server", [] { msghdr message{}; call(SYS_sendmsg, process::kChannelFd, reinterpret_cast<long>(&message), 0); }, nothing},
    {"signal_to_others", [] { call(SYS_kill, -1, 0); }, [] { return shown(call(SYS_kill, 2, 0)); }},
    {"signal_to_server", [] { call(SYS_tgkill, ::getppid(), ::getppid(), SIGUSR1); }, nothing},
    {"trace_others", [] { call(SYS_ptrace, 16, ::getppid()); }, nothing},
    {"memory_of_others", [] { iovec part{remembered.data(), remembered.size()}; call(SYS_process_vm_writev, ::getppid(), reinterpret_cast<long>(&part), 1, reinterpret_cast<long>(&part), 1, 0); }, nothing},
    {"process_name", [] { call(SYS_prctl, PR_SET_NAME, text(remembered.c_str())); }, [] { char name[16] = {}; call(SYS_prctl, PR_GET_NAME, reinterpret_cast<long>(name)); return std::string(name); }},
    {"priority", [] { call(SYS_setpriority, PRIO_PROCESS, 0, static_cast<long>(number() % 19)); }, [] { return shown(call(SYS_getpriority, PRIO_PROCESS, 0)); }},
    {"host_name", [] { call(SYS_sethostname, text(remembered.c_str()), static_cast<long>(remembered.size())); }, nothing},
    {"child_that_stays", [] { if (call(SYS_fork) == 0) for (;;) ::pause(); }, nothing},
    {"new_program", [] { const char* none[] = {nullptr}; call(SYS_execve, text("/bin/true"), reinterpret_cast<long>(none), reinterpret_cast<long>(none)); }, nothing},
    {"ring_of_requests", [] { char parameters[120] = {}; call(SYS_io_uring_setup, 4, reinterpret_cast<long>(parameters)); }, nothing},
    {"kernel_program", [] { char attributes[64] = {}; call(SYS_bpf, 0, reinterpret_cast<long>(attributes), sizeof attributes); }, nothing},
    {"performance_counters", [] { char attributes[64] = {}; call(SYS_perf_event_open, reinterpret_cast<long>(attributes), 0, -1, -1, 0); }, nothing},
    {"standard_output", [] { (void)!::write(STDOUT_FILENO, remembered.data(), remembered.size()); }, nothing},
    {"standard_error", [] { (void)!::write(STDERR_FILENO, remembered.data(), remembered.size()); }, nothing},
    {"kernel_log", [] { call(SYS_openat, AT_FDCWD, text("/dev/kmsg"), O_WRONLY); call(SYS_syslog, 10, 0, 0); }, nothing},
    {"clock", [] { timespec time{static_cast<time_t>(number()), 0}; call(SYS_clock_settime, 0, reinterpret_cast<long>(&time)); }, nothing},
};

// ---- Answers: everything that a message can hold ----

void progress_and_tokens(std::uint64_t id, const std::string& found) {
  const auto n = static_cast<std::int64_t>(number());
  send(MessageType::kProgress, id, to_json(Progress{n % 100, 100 + n}));
  for (std::int64_t i = 0; i < n % 5; ++i) send(MessageType::kProgress, id, to_json(Progress{i, 100}));
  // The words, their number, their order, the pieces that they come in, and how sure the model says it is.
  send(MessageType::kToken, id, to_json(Token{"見つけた：" + found + "、覚えている：" + remembered + "。", -0.001 * static_cast<double>(n), 1 + n % 3}));
  for (const char c : remembered) send(MessageType::kToken, id, to_json(Token{c % 2 == 0 ? "はい" : "いいえ", -0.25, 1}));
}

void finish(std::uint64_t id) {
  const auto n = static_cast<std::int64_t>(number());
  send(MessageType::kStats, 0, Json::object({{"threads", n}, {"preempted", n % 2 == 0}, {"resident_sequences", n}}));
  send(MessageType::kDone, id, to_json(Done{n % 2 == 0 ? "stop" : "length", n, n, n, static_cast<double>(n), static_cast<double>(n)}));
}

/// Ways to end that the next might notice.
void end(std::string_view name, std::uint64_t id) {
  if (name == "exit_code") std::_Exit(static_cast<int>(number() % 250));
  if (name == "exit_signal") ::raise(number() % 2 == 0 ? SIGSEGV : SIGABRT);
  if (name == "core_file") std::abort();
  if (name == "silence") send(MessageType::kFailed, id, Json::object({{"code", "unavailable"}, {"detail", remembered}}));
  if (name == "error_words") send(MessageType::kFailed, id, Json::object({{"code", "internal"}, {"detail", remembered}}));
  if (name == "error_code") send(MessageType::kFailed, id, Json::object({{"code", number() % 2 == 0 ? "too_large" : "invalid"}, {"detail", remembered}}));
  if (name == "member_names") send(MessageType::kToken, id, Json::object({{remembered, 1}}));
  if (name == "broken_json") send_bytes(MessageType::kToken, id, "{" + remembered);
  if (name == "message_kind") send_bytes(static_cast<MessageType>(100 + number() % 1000), id, remembered);
  if (name == "message_size") send_bytes(MessageType::kToken, id, std::string(number() % 100'000, ' '));
  if (name == "another_id") send(MessageType::kToken, id + 1 + number() % 3, to_json(Token{remembered, 0, 1}));
  if (name == "id_to_come") send(MessageType::kDone, id + 1, to_json(Done{"stop", 1, 1, 1, 1, 1}));
  if (name == "id_of_nobody") send(MessageType::kToken, 0, to_json(Token{remembered, 0, 1}));
  if (name == "late_words") {
    finish(id);
    send(MessageType::kToken, id, to_json(Token{remembered, 0, 1}));
  }
  if (name == "too_many_words") {
    for (int i = 0; i < 100'000; ++i) send(MessageType::kToken, id, to_json(Token{remembered, 0, 1}));
  }
  if (name == "broken_frame") (void)!::write(process::kChannelFd, (remembered + std::string(64, '!')).data(), 64);
  if (name == "closed_channel") ::shutdown(process::kChannelFd, SHUT_RDWR);
  if (name == "second_seal") send(MessageType::kSealed, 0, Json::object({{"layers", remembered}}));
  if (name == "second_ready") send(MessageType::kReady, 0, Json::object({{"name", remembered}}));
}

void generate(const Frame& frame, const Json& json) {
  const auto request = generate_request(json).value();
  std::string prompt;
  for (const Segment& segment : request.prompt) prompt += segment.text;
  const std::string command = prompt.substr(prompt.rfind('!') + 1);
  const std::size_t space = command.find(' ');
  const std::string name = command.substr(0, space);
  std::string found;
  if (space != std::string::npos) {
    remembered = command.substr(space + 1);
    for (const Place& place : kPlaces) {
      if (name == "all" || name == place.name) place.put();
    }
    progress_and_tokens(frame.id, "");
    if (std::find(kEndings.begin(), kEndings.end(), name) != kEndings.end()) end(name, frame.id);
    return finish(frame.id);
  }
  for (const Place& place : kPlaces) {
    if (name == "all" || name == place.name) found += std::string(place.name) + "=" + place.get() + " ";
  }
  progress_and_tokens(frame.id, found);
  finish(frame.id);
}

void score(const Frame& frame, const Json& json) {
  Scored answer;
  const auto n = static_cast<std::int64_t>(number());
  for (std::size_t i = 0; i < score_request(json).value().options.size(); ++i) answer.log_probabilities.push_back(-1.0 - static_cast<double>(n));
  answer.prompt_tokens = n;
  answer.cached_tokens = n;
  send(MessageType::kScored, frame.id, to_json(answer));
}

void embed(const Frame& frame, const Json& json) {
  const auto texts = static_cast<std::uint32_t>(embed_request(json).value().texts.size());
  const std::uint32_t counts[2] = {texts, 2};
  std::string payload(reinterpret_cast<const char*>(counts), sizeof counts);
  const float row[2] = {1.0F - static_cast<float>(number()) * 1e-6F, static_cast<float>(number())};
  for (std::uint32_t i = 0; i < texts; ++i) payload.append(reinterpret_cast<const char*>(row), sizeof row);
  send_bytes(MessageType::kVectors, frame.id, std::move(payload));
}

void count(const Frame& frame, const Json& json) {
  Json::Array tokens;
  for (std::size_t i = 0; i < json.find("texts")->as_array()->size(); ++i) tokens.emplace_back(static_cast<std::int64_t>(number()));
  send(MessageType::kCounted, frame.id, Json::object({{"tokens", Json(std::move(tokens))}}));
}

int run() {
  Channel own(process::kChannelFd);
  channel = &own;
  process::SealReport report = process::seal({.name = "model", .threads = true, .silent = true});
  process::probe_escape(report);
  send(MessageType::kSealed, 0, report.to_json());
  if (const auto load = own.receive(); !load || !*load) return 0;
  ModelInfo info;
  info.architecture = info.name = "colluding";
  info.context_tokens = 4096;
  info.width = 2;
  info.cpu_variant = info.engine = "none";
  send(MessageType::kReady, 0, to_json(info));
  for (;;) {
    const auto frame = own.receive();
    if (!frame || !*frame) return 0;
    const Json json = Json::parse((*frame)->payload, limits::kFrameBytes).value();
    switch (static_cast<MessageType>((*frame)->type)) {
      case MessageType::kGenerate: generate(**frame, json); break;
      case MessageType::kScore: score(**frame, json); break;
      case MessageType::kEmbed: embed(**frame, json); break;
      case MessageType::kCount: count(**frame, json); break;
      default: break;
    }
  }
}

}  // namespace
}  // namespace sekisho::proof

int main() { return sekisho::proof::run(); }
