/// Many open event streams on two network threads: memory a stream, and whether anybody starves.
///
///     streams [number of streams, default 2000] [seconds of pressure, default 5]
///
/// The clients live in a process of their own, so that the memory measured is the server's alone. First every stream gets
/// ten events, all of which must arrive; then one producer pushes to all of them as fast as it can for some seconds, and
/// what each client received is compared. Ends with 1 where a stream costs more than 16 KB or one client starved.
// rooms: base http
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "base/guarded.h"
#include "http/server.h"
#include "http/test_client.h"

namespace {

using namespace sekisho;
using namespace sekisho::http;

constexpr std::uint32_t kFirstEvents = 10;
constexpr std::size_t kAllowedBytes = 16 * limits::kKiB;
constexpr std::string_view kRequest = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view kToken = R"({"text":"予算の執行状況について"})";

/// What the client process tells the server process about one moment.
struct Received {
  std::uint32_t least = 0;
  std::uint32_t median = 0;
  std::uint32_t most = 0;
};

void tell(int pipe, const void* bytes, std::size_t size) { CHECK(::write(pipe, bytes, size) == static_cast<ssize_t>(size)); }
void hear(int pipe, void* bytes, std::size_t size) { CHECK(::read(pipe, bytes, size) == static_cast<ssize_t>(size)); }

/// As the server does for itself.
void raise_open_file_limit() {
  rlimit files{};
  CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
  files.rlim_cur = files.rlim_max;
  CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// One of the clients: counts its events, which end in an empty line.
struct Reader {
  TestClient client;
  std::uint32_t events = 0;
  bool after_line = false;

  /// False at the end of the stream.
  bool take() {
    std::array<char, 16384> bytes;
    const ssize_t got = ::recv(client.socket(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
    for (ssize_t i = 0; i < got; ++i) {
      const bool line_end = bytes[static_cast<std::size_t>(i)] == '\n';
      if (line_end && after_line) ++events;
      after_line = line_end;
    }
    return true;
  }
};

Received summary(const std::vector<Reader>& readers) {
  std::vector<std::uint32_t> counts;
  for (const Reader& reader : readers) counts.push_back(reader.events);
  std::ranges::sort(counts);
  return {counts.front(), counts[counts.size() / 2], counts.back()};
}

/// Reads all streams until each has `wanted` events or has ended.
void read_all(int epoll, std::vector<Reader>& readers, std::uint32_t wanted) {
  std::array<epoll_event, 256> ready{};
  std::size_t open = readers.size();
  std::size_t satisfied = static_cast<std::size_t>(std::ranges::count_if(readers, [&](const Reader& r) { return r.events >= wanted; }));
  while (open > 0 && satisfied < readers.size()) {
    const int count = epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      Reader& reader = readers[ready[static_cast<std::size_t>(i)].data.u32];
      const bool before = reader.events >= wanted;
      if (!reader.take()) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, reader.client.socket(), nullptr);
        --open;
      }
      satisfied += !before && reader.events >= wanted ? 1 : 0;
    }
  }
}

int run_clients(std::size_t streams, int from_server, int to_server) {
  std::uint16_t port = 0;
  hear(from_server, &port, sizeof port);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  std::vector<Reader> readers;
  for (std::uint32_t i = 0; i < streams; ++i) {
    readers.push_back({TestClient(port)});
    CHECK(readers.back().client.connected() && readers.back().client.send(kRequest));
    CHECK(readers.back().client.read_head().status == 200);
    epoll_event event{.events = EPOLLIN, .data = {.u32 = i}};
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, readers.back().client.socket(), &event) == 0);
  }
  for (const std::uint32_t wanted : {kFirstEvents, UINT32_MAX}) {
    read_all(epoll, readers, wanted);
    const Received received = summary(readers);
    tell(to_server, &received, sizeof received);
  }
  return 0;
}

void send_first_events(const std::vector<std::shared_ptr<EventStream>>& streams) {
  for (std::uint64_t id = 0; id < kFirstEvents; ++id) {
    for (const auto& stream : streams) CHECK(stream->send({.id = id, .name = "token", .data = kToken}) == EventStream::Sent::kQueued);
  }
}

/// Pushes to all in turn; a stream whose buffer is full misses its turn. The highest resident size seen.
std::size_t press(const std::vector<std::shared_ptr<EventStream>>& streams, std::chrono::seconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  std::size_t peak_bytes = 0;
  for (std::uint64_t id = kFirstEvents; std::chrono::steady_clock::now() < end; ++id) {
    for (const auto& stream : streams) static_cast<void>(stream->send({.id = id, .name = "token", .data = kToken}));
    peak_bytes = std::max(peak_bytes, resident_bytes());
  }
  for (const auto& stream : streams) stream->close();
  return peak_bytes;
}

int run_server(std::size_t count, std::chrono::seconds pressure, int from_clients, int to_clients) {
  Guarded<std::vector<std::shared_ptr<EventStream>>> opened;
  Router router;
  router.add(Method::kGet, "/events", RoutePolicy(0), BodyRule::none(), [&](Request&) -> Reply {
    auto stream = EventStream::create();
    opened.with([&](auto& streams) { streams.push_back(stream); });
    return stream;
  });
  const auto begin = std::chrono::steady_clock::now();
  auto server = Server::start({.network_threads = 2}, std::move(router), Pipeline({}, {security_headers()}));
  CHECK(server.has_value());
  const std::chrono::duration<double, std::milli> start_time = std::chrono::steady_clock::now() - begin;
  const std::size_t empty_bytes = resident_bytes();
  const std::uint16_t port = (*server)->port();
  tell(to_clients, &port, sizeof port);
  while ((*server)->stats().streams < count) std::this_thread::sleep_for(std::chrono::milliseconds(5));

  const auto streams = opened.with([](auto& all) { return all; });
  const std::size_t open_bytes = resident_bytes();
  send_first_events(streams);
  Received first;
  hear(from_clients, &first, sizeof first);
  const std::size_t after_bytes = resident_bytes();
  const std::size_t peak_bytes = press(streams, pressure);
  Received all;
  hear(from_clients, &all, sizeof all);

  const auto kb_each = [&](std::size_t bytes) { return static_cast<double>(bytes - std::min(bytes, empty_bytes)) / 1024.0 / static_cast<double>(count); };
  fmt::print("streams {}, network threads 2, server started in {:.1f} ms, {:.1f} MB resident before the first\n", count, start_time.count(),
             static_cast<double>(empty_bytes) / 1e6);
  fmt::print("KB a stream: open {:.2f}, after {} events each {:.2f}, peak under pressure {:.2f} (allowed {})\n", kb_each(open_bytes), kFirstEvents,
             kb_each(after_bytes), kb_each(peak_bytes), kAllowedBytes / 1024);
  fmt::print("first {} events: least {}, median {}, most {}\n", kFirstEvents, first.least, first.median, first.most);
  fmt::print("{} s of pressure: least {}, median {}, most {} events; {:.0f} events/s in all\n", pressure.count(), all.least, all.median, all.most,
             static_cast<double>(all.median) * static_cast<double>(count) / static_cast<double>(pressure.count()));
  const bool fair = first.least == kFirstEvents && all.least * 2 >= all.median;
  return fair && kb_each(after_bytes) * 1024.0 <= static_cast<double>(kAllowedBytes) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t streams = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2000;
  const std::chrono::seconds pressure(argc > 2 ? std::strtol(argv[2], nullptr, 10) : 5);
  std::array<int, 2> to_clients{};
  std::array<int, 2> to_server{};
  CHECK(::pipe(to_clients.data()) == 0 && ::pipe(to_server.data()) == 0);
  const pid_t clients = ::fork();
  CHECK(clients >= 0);
  if (clients == 0) {
    raise_open_file_limit();
    return run_clients(streams, to_clients[0], to_server[1]);
  }
  const int result = run_server(streams, pressure, to_server[0], to_clients[1]);
  int status = 0;
  ::waitpid(clients, &status, 0);
  return result;
}
