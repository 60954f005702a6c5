#include "main/admin_socket.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/json.h"
#include "base/log.h"

namespace sekisho::main {
namespace {

constexpr std::size_t kMessageBytes = 16 * 1024 * 1024;  // A report brings all keys of the log with it.
constexpr int kPatience_ms = 10'000;

std::optional<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.string().size() >= sizeof address.sun_path) return std::nullopt;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return address;
}

/// Reads until the other side has said all.
std::optional<std::string> read_all(int fd, int patience_ms) {
  std::string text;
  char piece[4096];
  for (;;) {
    pollfd waiting{fd, POLLIN, 0};
    if (poll(&waiting, 1, patience_ms) <= 0) return std::nullopt;
    const ssize_t count = read(fd, piece, sizeof piece);
    if (count < 0) return std::nullopt;
    if (count == 0) return text;
    text.append(piece, static_cast<std::size_t>(count));
    if (text.size() > kMessageBytes) return std::nullopt;
  }
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool is_us_or_root(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

}  // namespace

Result<std::unique_ptr<AdminSocket>> AdminSocket::open(const std::filesystem::path& folder, Run run) {
  const std::filesystem::path path = std::filesystem::absolute(folder) / "admin.sock";
  const auto address = address_of(path);
  if (!address) return fail(ErrorCode::kUnavailable, fmt::format("{}: longer than a socket's name may be", path.string()));
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unlink(path.c_str());
  const mode_t mask = umask(0177);
  const bool bound = fd >= 0 && bind(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0 && listen(fd, 8) == 0;
  umask(mask);
  if (!bound) {
    const std::string why = std::strerror(errno);
    if (fd >= 0) close(fd);
    return fail(ErrorCode::kUnavailable, fmt::format("{}: {}", path.string(), why));
  }
  return std::unique_ptr<AdminSocket>(new AdminSocket(fd, path, std::move(run)));
}

AdminSocket::AdminSocket(int fd, std::filesystem::path path, Run run) : fd_(fd), path_(std::move(path)), run_(std::move(run)) {
  thread_ = std::thread([this] { serve(); });
}

AdminSocket::~AdminSocket() {
  shutdown(fd_, SHUT_RDWR);
  thread_.join();
  close(fd_);
  unlink(path_.c_str());
}

void AdminSocket::serve() {
  for (;;) {
    const int connection = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return;
    }
    answer(connection);
    close(connection);
  }
}

void AdminSocket::answer(int connection) const {
  if (!is_us_or_root(connection)) return log_warning("admin_socket.refused");
  const auto text = read_all(connection, kPatience_ms);
  const auto json = text ? Json::parse(*text) : Result<Json>(fail(ErrorCode::kInvalid, "no message"));
  if (!json) return;
  JsonReader reader(*json);
  const auto arguments = reader.texts("arguments", 1000);
  const std::string input = reader.text("input");
  if (!reader.finish()) return;
  const Outcome outcome = run_(arguments, input);
  write_all(connection, Json::object({{"exit", outcome.exit}, {"out", outcome.out}, {"err", outcome.err}}).dump());
}

std::optional<Outcome> ask_server(const std::filesystem::path& folder, const std::vector<std::string>& arguments, const std::string& input) {
  const auto address = address_of(std::filesystem::absolute(folder) / "admin.sock");
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (!address || fd < 0) return std::nullopt;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    close(fd);
    return std::nullopt;
  }
  const Json message = Json::object({{"arguments", Json::Array(arguments.begin(), arguments.end())}, {"input", input}});
  std::optional<std::string> text;
  if (write_all(fd, message.dump()) && shutdown(fd, SHUT_WR) == 0) text = read_all(fd, -1);
  close(fd);
  const auto json = text ? Json::parse(*text, kMessageBytes) : Result<Json>(fail(ErrorCode::kUnavailable, "no answer"));
  if (!json) return failed({ErrorCode::kUnavailable, "the server did not answer"});
  return Outcome{static_cast<int>(json->int_or("exit", kExitFailed)), json->text_or("out"), json->text_or("err")};
}

}  // namespace sekisho::main
