#include "http/event_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/guarded.h"
#include "http/server.h"
#include "http/test_client.h"

namespace sekisho::http {
namespace {

constexpr RoutePolicy kAnyone{0};
const std::string kOpen = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(SerializeEvent, KeepsLineEndsByFraming) {
  EXPECT_EQ(serialize_event({.id = 7, .name = "token", .data = "予算\n案\r\n終\r"}), "id: 7\nevent: token\ndata: 予算\ndata: 案\ndata: 終\ndata: \n\n");
  EXPECT_EQ(serialize_event({.data = "[DONE]"}), "data: [DONE]\n\n");
}

/// A server whose /events hands each stream to the test.
class EventStreamTest : public testing::Test {
 protected:
  void start(ServerOptions options = {}, std::size_t buffer_bytes = 64 * limits::kKiB) {
    Router router;
    router.add(Method::kGet, "/events", kAnyone, BodyRule::none(), [this, buffer_bytes](Request& request) -> Reply {
      auto stream = EventStream::create({.buffer_bytes = buffer_bytes});
      last_event_id_.with([&](std::string& id) { id = request.headers.get("Last-Event-ID").value_or(""); });
      stream->on_gone([this] {
        ++gone_;
        gone_.notify_all();
      });
      streams_.with([&](auto& streams) { streams.push_back(stream); });
      opened_.fetch_add(1);
      opened_.notify_all();
      return stream;
    });
    auto server = Server::start(std::move(options), std::move(router), Pipeline({}, {security_headers()}));
    ASSERT_TRUE(server.has_value());
    server_ = *std::move(server);
  }
  std::shared_ptr<EventStream> open(TestClient& client, const std::string& request = kOpen) {
    const int before = opened_;
    client.send(request);
    opened_.wait(before);
    return streams_.with([](auto& streams) { return streams.back(); });
  }

  Guarded<std::vector<std::shared_ptr<EventStream>>> streams_;
  Guarded<std::string> last_event_id_;
  std::atomic<int> opened_ = 0;
  std::atomic<int> gone_ = 0;
  std::unique_ptr<Server> server_;
};

TEST_F(EventStreamTest, DeliversEventsOfAnyThreadInOrderAndEnds) {
  start();
  TestClient client(server_->port());
  const auto stream = open(client);
  std::string expected;
  for (std::uint64_t i = 0; i < 500; ++i) expected += serialize_event({.id = i, .name = "token", .data = "関"});
  std::thread producer([&] {
    for (std::uint64_t i = 0; i < 500; ++i) EXPECT_EQ(stream->send({.id = i, .name = "token", .data = "関"}), EventStream::Sent::kQueued);
    stream->close();
  });
  const auto response = client.read_response();
  producer.join();
  EXPECT_EQ(response.headers.get("Content-Type"), "text/event-stream; charset=utf-8");
  EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(response.body, expected);
  EXPECT_TRUE(client.at_end());
  EXPECT_FALSE(stream->gone());
  EXPECT_EQ(stream->send({.data = "late"}), EventStream::Sent::kGone);
}

TEST_F(EventStreamTest, GivesTheHandlerTheNumberToResumeFrom) {
  start();
  TestClient client(server_->port());
  open(client, "GET /events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 41\r\n\r\n")->close();
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(last_event_id_.with([](auto& id) { return id; }), "41");
}

TEST_F(EventStreamTest, IsClosedByItsEndForAnOldClient) {
  start();
  TestClient client(server_->port());
  const auto stream = open(client, "GET /events HTTP/1.0\r\n\r\n");
  static_cast<void>(stream->send({.data = "一"}));
  stream->close();
  EXPECT_EQ(client.read_response().body, "data: 一\n\n");
}

TEST_F(EventStreamTest, SaysNothingInAnswerToHead) {
  start();
  TestClient client(server_->port());
  const auto stream = open(client, "HEAD /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.read_response(TestClient::Body::kNone).status, 200);
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(stream->gone());
}

TEST_F(EventStreamTest, KeepsASilentStreamAliveWithComments) {
  ServerOptions options;
  options.limits.stream_keep_alive_ms = 20;
  start(options);
  TestClient client(server_->port());
  const auto stream = open(client);
  EXPECT_EQ(client.read_head().status, 200);
  EXPECT_EQ(client.read_chunk(), ":\n\n");
  EXPECT_EQ(client.read_chunk(), ":\n\n");
}

TEST_F(EventStreamTest, NoticesAtOnceThatTheClientHasGone) {
  start();
  TestClient client(server_->port());
  const auto stream = open(client);
  EXPECT_EQ(client.read_head().status, 200);
  client.close();
  gone_.wait(0);
  EXPECT_TRUE(stream->gone());
  EXPECT_EQ(stream->send({.data = "x"}), EventStream::Sent::kGone);
  while (server_->stats().streams > 0) std::this_thread::yield();
}

TEST_F(EventStreamTest, NoticesAGoneClientThatHadSentMoreThanItsRequest) {
  ServerOptions options;
  options.limits.stream_keep_alive_ms = 20;
  start(options);
  TestClient client(server_->port());
  open(client);
  client.send(kOpen);
  EXPECT_EQ(client.read_head().status, 200);
  client.close();
  gone_.wait(0);
  EXPECT_EQ(gone_, 1);
}

TEST_F(EventStreamTest, LetsASlowReaderSlowOnlyItself) {
  start();
  TestClient slow(server_->port());
  const auto slow_stream = open(slow);
  std::atomic<bool> drained = false;
  slow_stream->on_drained([&] {
    drained = true;
    drained.notify_all();
  });
  const std::string data(10'000, 'x');
  std::uint64_t sent = 0;
  int full = 0;
  // The system's socket buffers take some MB before the stream's own bound shows; then it stays full.
  while (full < 200) {
    if (slow_stream->send({.id = sent, .data = data}) == EventStream::Sent::kQueued) {
      ++sent;
      full = 0;
    } else {
      ++full;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  EXPECT_LE(slow_stream->queued_bytes(), 64 * limits::kKiB);

  TestClient quick(server_->port());
  const auto quick_stream = open(quick);
  static_cast<void>(quick_stream->send({.data = "速い"}));
  quick_stream->close();
  EXPECT_EQ(quick.read_response().body, "data: 速い\n\n");

  drained = false;
  std::thread reader([&] {
    drained.wait(false);
    slow_stream->close();
  });
  const std::string body = slow.read_response().body;
  reader.join();
  EXPECT_EQ(body.size(), [&] {
    std::size_t bytes = 0;
    for (std::uint64_t i = 0; i < sent; ++i) bytes += serialize_event({.id = i, .data = data}).size();
    return bytes;
  }());
}

TEST_F(EventStreamTest, GivesUpAReaderThatTakesNothing) {
  ServerOptions options;
  options.limits.write_stall_ms = 100;
  start(options);
  TestClient client(server_->port());
  const auto stream = open(client);
  const std::string data(10'000, 'x');
  while (stream->send({.data = data}) != EventStream::Sent::kGone) std::this_thread::yield();
  gone_.wait(0);
  EXPECT_TRUE(stream->gone());
}

TEST_F(EventStreamTest, AdmitsOneEventOfAnySizeButNoSecondBesideIt) {
  start({}, 1000);
  const auto stream = EventStream::create({.buffer_bytes = 1000});
  EXPECT_EQ(stream->send({.data = std::string(5000, 'x')}), EventStream::Sent::kQueued);
  EXPECT_EQ(stream->send({.data = "y"}), EventStream::Sent::kFull);
}

TEST_F(EventStreamTest, TellsItsProducersWhenTheServerStops) {
  start();
  std::vector<TestClient> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back(server_->port());
    open(clients.back());
  }
  server_->stop(50);
  EXPECT_EQ(gone_, 50);
  for (const auto& stream : streams_.with([](auto& streams) { return streams; })) EXPECT_EQ(stream->send({.data = "x"}), EventStream::Sent::kGone);
  for (TestClient& client : clients) client.read_to_end();
}

TEST_F(EventStreamTest, MayOutliveTheServer) {
  start();
  TestClient client(server_->port());
  const auto stream = open(client);
  std::atomic<bool> stop = false;
  std::thread producer([&] {
    while (!stop) static_cast<void>(stream->send({.data = "x"}));
  });
  client.read_head();
  server_.reset();
  stop = true;
  producer.join();
  EXPECT_TRUE(stream->gone());
}

}  // namespace
}  // namespace sekisho::http
