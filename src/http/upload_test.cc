#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <thread>

#include "http/server.h"
#include "http/test_client.h"

namespace sekisho::http {
namespace {

constexpr RoutePolicy kAnyone{0};
constexpr std::size_t kUploadBytes = 50 * limits::kMiB;

/// Reads all of it; answers the number of bytes and a sum of them, or the error.
Reply count_bytes(Request& request) {
  std::string piece(64 * limits::kKiB, '\0');
  std::size_t bytes = 0;
  unsigned long sum = 0;
  while (true) {
    const auto got = request.upload->read(piece);
    if (!got) return error_response(got.error());
    if (*got == 0) return Response::text(std::to_string(bytes) + " " + std::to_string(sum));
    bytes += *got;
    for (std::size_t i = 0; i < *got; ++i) sum += static_cast<unsigned char>(piece[i]);
  }
}

std::unique_ptr<Server> serve(Handler handler, ServerOptions options = {}) {
  Router router;
  router.add(Method::kPut, "/file", kAnyone, BodyRule::streamed(kUploadBytes), std::move(handler));
  router.add(Method::kGet, "/", kAnyone, BodyRule::none(), [](Request&) -> Reply { return Response::empty(); });
  auto server = Server::start(std::move(options), std::move(router), {});
  EXPECT_TRUE(server.has_value());
  return *std::move(server);
}

std::string put_head(std::size_t bytes) { return "PUT /file HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n"; }

TEST(Upload, HoldsTheSenderBackUntilTheHandlerReads) {
  std::binary_semaphore go(0);
  const auto server = serve([&](Request& request) -> Reply {
    go.acquire();
    return count_bytes(request);
  });
  TestClient client(server->port());
  client.send(put_head(kUploadBytes));
  const std::string piece(limits::kMiB, 'a');
  // Whatever is taken now waits in the system's socket buffers and in ours; the rest must not fit.
  std::size_t sent = 0;
  for (int quiet = 0; quiet < 50 && sent < kUploadBytes;) {
    const ssize_t now = ::send(client.socket(), piece.data(), std::min(piece.size(), kUploadBytes - sent), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (now > 0) {
      sent += static_cast<std::size_t>(now);
      quiet = 0;
    } else {
      ++quiet;
      std::this_thread::sleep_for(std::chrono::milliseconds(4));
    }
  }
  EXPECT_LT(sent, kUploadBytes / 2);
  go.release();
  while (sent < kUploadBytes) {
    const std::size_t next = std::min(piece.size(), kUploadBytes - sent);
    ASSERT_TRUE(client.send(std::string_view(piece).substr(0, next)));
    sent += next;
  }
  EXPECT_EQ(client.read_response().body, std::to_string(kUploadBytes) + " " + std::to_string(kUploadBytes * 'a'));
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 204);
}

TEST(Upload, TakesChunksAndAnEmptyBody) {
  const auto server = serve(count_bytes);
  TestClient client(server->port());
  client.send("PUT /file HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 100; ++i) client.send("10\r\n0123456789abcdef\r\n");
  EXPECT_EQ(client.ask("0\r\n\r\n").body.substr(0, 5), "1600 ");
  EXPECT_EQ(client.ask(put_head(0)).body, "0 0");
}

TEST(Upload, EndsWithAnErrorWhenTheSenderStalls) {
  ServerOptions options;
  options.limits.body_stall_ms = 100;
  const auto server = serve(count_bytes, options);
  EXPECT_EQ(TestClient(server->port()).ask(put_head(100) + "abc").status, 504);
}

TEST(Upload, EndsWithAnErrorWhenTheSenderIsFarTooSlow) {
  ServerOptions options;
  options.limits.body_stall_ms = 1'000;
  options.limits.body_bytes_per_s_min = 1'000'000;
  const auto server = serve(count_bytes, options);
  TestClient client(server->port());
  client.send(put_head(10'000));
  std::thread drip([&] {
    while (client.send("X")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  EXPECT_EQ(client.read_response().status, 504);
  client.half_close();
  drip.join();
}

TEST(Upload, EndsWithAnErrorWhenTheSenderGoesOrSendsTooMuchOrNonsense) {
  std::atomic<int> cancelled = 0;
  const auto server = serve([&](Request& request) -> Reply {
    std::string piece(1000, '\0');
    Result<std::size_t> got = 1;
    while (got && *got > 0) got = request.upload->read(piece);
    if (!got && got.error().code == ErrorCode::kCancelled) {
      ++cancelled;
      cancelled.notify_all();
    }
    return got ? Response::empty() : error_response(got.error());
  });
  TestClient gone(server->port());
  gone.send(put_head(100) + "abc");
  gone.close();
  cancelled.wait(0);
  EXPECT_EQ(TestClient(server->port()).ask(put_head(kUploadBytes + 1)).status, 413);
  const std::string chunked = "PUT /file HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(TestClient(server->port()).ask(chunked + "nonsense\r\n").status, 400);
  EXPECT_EQ(TestClient(server->port()).ask(chunked + "ffffffffffffffffff\r\n").status, 400);
}

TEST(Upload, CanBeRefusedBeforeItWasRead) {
  const auto server = serve([](Request&) -> Reply { return error_response({ErrorCode::kConflict, "exists"}); });
  TestClient client(server->port());
  client.send(put_head(kUploadBytes));
  EXPECT_EQ(client.read_response().status, 409);
}

TEST(Upload, LeavesOtherRequestsTheirWorkers) {
  std::binary_semaphore go(0);
  const auto server = serve(
      [&](Request&) -> Reply {
        go.acquire();
        return Response::empty();
      },
      {.worker_threads = 1, .upload_threads = 1});
  TestClient upload(server->port());
  upload.send(put_head(10));
  EXPECT_EQ(TestClient(server->port()).ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 204);
  go.release();
  EXPECT_EQ(upload.read_response().status, 204);
}

TEST(Upload, IsCancelledWhenTheServerStops) {
  std::atomic<bool> started = false;
  std::atomic<bool> cancelled = false;
  const auto server = serve([&](Request& request) -> Reply {
    char byte = 0;
    static_cast<void>(request.upload->read({&byte, 1}));
    started = true;
    started.notify_all();
    const auto got = request.upload->read({&byte, 1});
    cancelled = !got && got.error().code == ErrorCode::kCancelled;
    return Response::empty();
  });
  TestClient client(server->port());
  client.send(put_head(10) + "a");
  started.wait(false);
  server->stop(0);
  EXPECT_TRUE(cancelled);
}

}  // namespace
}  // namespace sekisho::http
