#include "http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "base/worker_pool.h"
#include "http/network_loop.h"

namespace sekisho::http {
namespace {

constexpr int kBacklog = 1024;
constexpr auto kAcceptPause = std::chrono::milliseconds(50);
constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n\r\n";

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
  bool loopback = false;

  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
};

Result<SocketAddress> parse_address(const std::string& text, std::uint16_t port) {
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.bytes = sizeof(sockaddr_in);
    address.loopback = (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
  } else if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.bytes = sizeof(sockaddr_in6);
    address.loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) != 0;
  } else {
    return fail(ErrorCode::kInvalid, "not a numeric address: " + text);
  }
  return address;
}

std::string address_text(const sockaddr_storage& storage) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = storage.ss_family == AF_INET6 ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr)
                                                    : &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr;
  inet_ntop(storage.ss_family, bytes, text.data(), text.size());
  return text.data();
}

/// Every connection is an open file; the usual soft limit of 1,024 is too few.
void raise_open_file_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

/// How many connections each address has; knows when none is left.
class ConnectionCounter {
 public:
  bool try_add(const std::string& address, const Limits& limits) {
    const std::lock_guard lock(mutex_);
    if (total_ >= limits.connections) return false;
    std::size_t& count = by_address_[address];
    if (count >= limits.connections_per_address) return false;
    ++count;
    ++total_;
    return true;
  }
  void remove(const std::string& address) {
    const std::lock_guard lock(mutex_);
    const auto found = by_address_.find(address);
    if (--found->second == 0) by_address_.erase(found);
    if (--total_ == 0) none_left_.notify_all();
  }
  [[nodiscard]] std::size_t total() const {
    const std::lock_guard lock(mutex_);
    return total_;
  }
  bool wait_for_none(std::int64_t timeout_ms) {
    std::unique_lock lock(mutex_);
    return none_left_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return total_ == 0; });
  }
  void wait_for_none() {
    std::unique_lock lock(mutex_);
    none_left_.wait(lock, [&] { return total_ == 0; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable none_left_;
  std::unordered_map<std::string, std::size_t> by_address_;
  std::size_t total_ = 0;
};

std::set<std::string> allowed_hosts_of(const ServerOptions& options) {
  std::set<std::string> hosts{"localhost"};
  for (std::string host : options.allowed_hosts) {
    for (char& c : host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    hosts.insert(std::move(host));
  }
  return hosts;
}

}  // namespace

struct Server::Parts {
  Parts(ServerOptions given, Router routes, Pipeline steps)
      : options(std::move(given)), router(std::move(routes)), pipeline(std::move(steps)), allowed_hosts(allowed_hosts_of(options)) {}
  ~Parts() {
    if (listener >= 0) ::close(listener);
    if (stop_event >= 0) ::close(stop_event);
  }

  Result<void> listen_on(SocketAddress address);
  void accept_all();
  void accept_one();

  ServerOptions options;
  Router router;
  Pipeline pipeline;
  std::set<std::string> allowed_hosts;
  ConnectionCounter counter;
  std::unique_ptr<WorkerPool> workers;
  std::unique_ptr<WorkerPool> uploads;
  std::unique_ptr<ServerShared> shared;
  std::vector<std::unique_ptr<NetworkLoop>> loops;
  std::size_t next_loop = 0;
  int listener = -1;
  int stop_event = -1;
  std::uint16_t port = 0;
  std::atomic<bool> stopping = false;
  std::thread acceptor;
};

Result<void> Server::Parts::listen_on(SocketAddress address) {
  listener = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  stop_event = ::eventfd(0, EFD_CLOEXEC);
  if (listener < 0 || stop_event < 0) return fail(ErrorCode::kUnavailable, std::string("socket: ") + std::strerror(errno));
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(listener, address.raw(), address.bytes) != 0 || ::listen(listener, kBacklog) != 0) {
    const ErrorCode code = errno == EADDRINUSE ? ErrorCode::kConflict : ErrorCode::kUnavailable;
    return fail(code, std::string("listen: ") + std::strerror(errno));
  }
  SocketAddress bound;
  bound.bytes = sizeof bound.storage;
  if (getsockname(listener, bound.raw(), &bound.bytes) != 0) return fail(ErrorCode::kUnavailable, "getsockname");
  port = ntohs(bound.storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound.storage)->sin6_port
                                                   : reinterpret_cast<sockaddr_in*>(&bound.storage)->sin_port);
  return {};
}

void Server::Parts::accept_all() {
  std::array<pollfd, 2> ready{{{listener, POLLIN, 0}, {stop_event, POLLIN, 0}}};
  while (!stopping) {
    ::poll(ready.data(), ready.size(), -1);
    if (!stopping && (ready[0].revents & POLLIN) != 0) accept_one();
  }
}

void Server::Parts::accept_one() {
  SocketAddress peer;
  peer.bytes = sizeof peer.storage;
  const int descriptor = ::accept4(listener, peer.raw(), &peer.bytes, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor < 0) {
    const bool no_room = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (!no_room) return;
    log_warning("http_accept", {{"error", std::string(std::strerror(errno))}});
    std::this_thread::sleep_for(kAcceptPause);
    return;
  }
  std::string address = address_text(peer.storage);
  if (!counter.try_add(address, options.limits)) {
    if (!options.tls) static_cast<void>(::send(descriptor, kTooManyConnections.data(), kTooManyConnections.size(), MSG_NOSIGNAL));
    ::close(descriptor);
    return;
  }
  loops[next_loop]->adopt({descriptor, peer.storage.ss_family == AF_INET6, std::move(address)});
  next_loop = (next_loop + 1) % loops.size();
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Router router, Pipeline pipeline) {
  auto address = parse_address(options.address, options.port);
  if (!address) return fail(address.error());
  if (!address->loopback && !options.tls) return fail(ErrorCode::kInvalid, "beyond loopback only with a certificate");
  if (!options.error_page) {
    options.error_page = [](std::string_view, int status, const Error& error) { return error_response(status, error); };
  }
  raise_open_file_limit();
  auto parts = std::make_unique<Parts>(std::move(options), std::move(router), std::move(pipeline));
  Parts& p = *parts;
  if (auto listening = p.listen_on(*address); !listening) return fail(listening.error());
  p.workers = std::make_unique<WorkerPool>(WorkerPool::Options{p.options.worker_threads, p.options.worker_queue});
  p.uploads = std::make_unique<WorkerPool>(WorkerPool::Options{p.options.upload_threads, p.options.worker_queue});
  p.shared.reset(new ServerShared{p.router, p.pipeline, p.options.limits, p.allowed_hosts, p.options.error_page, *p.workers, *p.uploads,
                                  [&counter = p.counter](const std::string& remote) { counter.remove(remote); }});
  for (std::size_t i = 0; i < std::max<std::size_t>(1, p.options.network_threads); ++i) {
    auto loop = NetworkLoop::create(*p.shared, p.options.tls);
    if (!loop) return fail(loop.error());
    p.loops.push_back(*std::move(loop));
  }
  p.acceptor = std::thread([&p] { p.accept_all(); });
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::~Server() { stop(0); }

std::uint16_t Server::port() const { return parts_->port; }

void Server::stop(std::int64_t deadline_ms) {
  Parts& p = *parts_;
  if (p.stopping.exchange(true)) return;
  ::eventfd_write(p.stop_event, 1);
  p.acceptor.join();
  ::close(std::exchange(p.listener, -1));
  for (const auto& loop : p.loops) loop->drain();
  if (!p.counter.wait_for_none(deadline_ms)) {
    for (const auto& loop : p.loops) loop->break_off();
    p.counter.wait_for_none();
  }
  // The pools' last jobs may still hold connections, whose sockets belong to the loops.
  p.workers.reset();
  p.uploads.reset();
  p.loops.clear();
}

Server::Stats Server::stats() const { return {.connections = parts_->counter.total(), .streams = parts_->shared->streams}; }

}  // namespace sekisho::http
