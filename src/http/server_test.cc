#include "http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "http/test_client.h"

namespace sekisho::http {
namespace {

constexpr RoutePolicy kAnyone{0};

Router echo_routes() {
  Router router;
  router.add(Method::kGet, "/hello/{name}", kAnyone, BodyRule::none(),
             [](Request& request) -> Reply { return Response::text("こんにちは、" + request.param("name")); });
  router.add(Method::kPost, "/echo", kAnyone, BodyRule::buffered(1000), [](Request& request) -> Reply { return Response::text(request.body); });
  router.add(Method::kGet, "/throws", kAnyone, BodyRule::none(), [](Request&) -> Reply { throw std::runtime_error("bug"); });
  router.add(Method::kGet, "/long", kAnyone, BodyRule::none(), [](Request&) -> Reply {
    auto left = std::make_shared<int>(300);
    return Response{.source = [left]() -> Result<std::string> { return (*left)-- > 0 ? std::string(1000, 'x') : std::string(); }};
  });
  router.add(Method::kGet, "/later", kAnyone, BodyRule::none(), [](Request&) -> Reply {
    auto pending = PendingResponse::create();
    std::thread([pending] { pending->complete(Response::text("後で")); }).detach();
    return pending;
  });
  router.add(Method::kGet, "/forgotten", kAnyone, BodyRule::none(), [](Request&) -> Reply { return PendingResponse::create(); });
  return router;
}

std::unique_ptr<Server> serve(ServerOptions options = {}, Router router = echo_routes()) {
  auto server = Server::start(std::move(options), std::move(router), Pipeline({}, {security_headers()}));
  EXPECT_TRUE(server.has_value()) << (server ? "" : server.error().detail);
  return *std::move(server);
}

const std::string kGet = "GET /hello/a HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(Server, AnswersWithTheHandlersWordsAndTheServersHeaders) {
  const auto server = serve();
  const auto response = TestClient(server->port()).ask("GET /hello/%E9%96%A2%E6%89%80 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "こんにちは、関所");
  EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(response.headers.get("X-Request-Id").value_or("").size(), 26U);
  EXPECT_EQ(response.headers.count("Access-Control-Allow-Origin"), 0U);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  const auto server = serve();
  TestClient client(server->port());
  client.send("GET /hello/1 HTTP/1.1\r\nHost: localhost\r\n\r\nPOST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n2"
              "GET /hello/3 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "こんにちは、1");
  EXPECT_EQ(client.read_response().body, "2");
  EXPECT_EQ(client.read_response().body, "こんにちは、3");
}

TEST(Server, TakesARequestByteByByte) {
  const auto server = serve();
  TestClient client(server->port());
  for (const char c : std::string("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\xE9\x96\xA2\r\n3;x=y\r\n\xE6\x89\x80\r\n0\r\n\r\n")) {
    client.send(std::string_view(&c, 1));
  }
  EXPECT_EQ(client.read_response().body, "関所");
  EXPECT_EQ(client.ask(kGet).status, 200);
}

TEST(Server, AnswersAHalfClosedClient) {
  const auto server = serve();
  TestClient client(server->port());
  client.send(kGet);
  client.half_close();
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_TRUE(client.at_end());
}

TEST(Server, AnswersHeadWithTheLengthAndNoBody) {
  const auto server = serve();
  TestClient client(server->port());
  client.send("HEAD /hello/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto head = client.read_response(TestClient::Body::kNone);
  EXPECT_EQ(head.headers.get("Content-Length"), std::to_string(std::string("こんにちは、a").size()));
  EXPECT_EQ(client.ask(kGet).body, "こんにちは、a");
}

TEST(Server, TellsUnknownPathsMethodsAndOptions) {
  const auto server = serve();
  TestClient client(server->port());
  EXPECT_EQ(client.ask("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 404);
  const auto wrong = client.ask("DELETE /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.get("Allow"), "POST, OPTIONS");
  const auto options = client.ask("OPTIONS /hello/a HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.headers.get("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(options.headers.count("Access-Control-Allow-Origin"), 0U);
}

TEST(Server, ClosesAfterHttp10AndAfterConnectionClose) {
  const auto server = serve();
  for (const char* request : {"GET /hello/a HTTP/1.0\r\n\r\n", "GET /hello/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"}) {
    TestClient client(server->port());
    EXPECT_EQ(client.ask(request).status, 200);
    EXPECT_TRUE(client.at_end());
  }
  TestClient client(server->port());
  EXPECT_EQ(client.ask("GET /long HTTP/1.0\r\n\r\n").body.size(), 300'000U);
}

TEST(Server, SendsALongBodyInPieces) {
  const auto server = serve();
  TestClient client(server->port());
  const auto response = client.ask("GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(response.headers.has_token("Transfer-Encoding", "chunked"));
  EXPECT_EQ(response.body.size(), 300'000U);
  EXPECT_EQ(client.ask(kGet).status, 200);
}

TEST(Server, SendsAnAnswerThatComesLater) {
  const auto server = serve();
  TestClient client(server->port());
  EXPECT_EQ(client.ask("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n").body, "後で");
  EXPECT_EQ(client.ask("GET /forgotten HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 500);
}

TEST(Server, TellsWhoeverAnswersLaterThatTheClientHasGone) {
  std::shared_ptr<PendingResponse> pending = PendingResponse::create();
  std::atomic<bool> gone = false;
  pending->on_gone([&] {
    gone = true;
    gone.notify_all();
  });
  Router router;
  router.add(Method::kGet, "/", kAnyone, BodyRule::none(), [&](Request&) -> Reply { return pending; });
  const auto server = serve({}, std::move(router));
  TestClient client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.close();
  gone.wait(false);
  EXPECT_TRUE(pending->gone());
  pending->complete(Response::empty());
}

TEST(Server, TurnsAHandlerThatThrowsInto500AndGoesOn) {
  const auto server = serve();
  TestClient client(server->port());
  EXPECT_EQ(client.ask("GET /throws HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 500);
  EXPECT_EQ(client.ask(kGet).status, 200);
}

TEST(Server, RefusesMalformedRequests) {
  const auto server = serve();
  const std::pair<std::string, int> cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET /hello/a HTTP/1.1\r\n\r\n", 400},
      {"GET /hello/a HTTP/1.1\r\nHost : localhost\r\n\r\n", 400},
      {"GET /hello/a HTTP/1.1\r\nHost: localhost\r\nX: a\x01\r\n\r\n", 400},
      {"GET /hello/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"GET /hello/a HTTP/3.7\r\nHost: localhost\r\n\r\n", 505},
      {"BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n", 501},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400},
      {"GET /hello/a HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
  };
  for (const auto& [request, status] : cases) {
    TestClient client(server->port());
    EXPECT_EQ(client.ask(request).status, status) << request;
    EXPECT_TRUE(client.at_end()) << request;
  }
}

TEST(Server, RefusesSmuggledRequestsAndAnswersNothingBehindThem) {
  const auto server = serve();
  const std::string hidden = "GET /hello/hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string start = "POST /echo HTTP/1.1\r\nHost: localhost\r\n";
  for (const std::string& headers : {std::string("Content-Length: 4\r\nContent-Length: 4\r\n"), std::string("Content-Length: 4\r\nContent-Length: 5\r\n"),
                                     std::string("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
                                     std::string("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"), std::string("Transfer-Encoding: xchunked\r\n"),
                                     std::string("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), std::string("Content-Length: +4\r\n")}) {
    TestClient client(server->port());
    client.send(start + headers + "\r\n0\r\n\r\n" + hidden);
    const int status = client.read_response().status;
    EXPECT_TRUE(status == 400 || status == 501) << headers << status;
    EXPECT_TRUE(client.at_end()) << headers;
  }
}

TEST(Server, RefusesWhatIsTooLarge) {
  const auto server = serve();
  const std::string host = " HTTP/1.1\r\nHost: localhost\r\n";
  const std::pair<std::string, int> cases[] = {
      {"GET /hello/a" + host + "X: " + std::string(20'000, 'a') + "\r\n\r\n", 431},
      {"GET /hello/" + std::string(9'000, 'a') + host + "\r\n", 414},
      {"GET /hello/" + std::string(20'000, 'a'), 414},
      {"POST /echo" + host + "Content-Length: 1001\r\n\r\n", 413},
      {"POST /echo" + host + "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n", 413},
      {"POST /echo" + host + "Transfer-Encoding: chunked\r\n\r\n3E9\r\n" + std::string(1001, 'a') + "\r\n0\r\n\r\n", 413},
      {"GET /hello/a" + host + "Content-Length: 1\r\n\r\nx", 413},
  };
  for (const auto& [request, status] : cases) {
    TestClient client(server->port());
    EXPECT_EQ(client.ask(request).status, status) << request.substr(0, 60);
  }
  EXPECT_EQ(TestClient(server->port()).ask("POST /echo" + host + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'a')).body.size(), 1000U);
}

TEST(Server, AsksForTheBodyOnlyWhenTheStepsAdmitIt) {
  Pipeline pipeline({{.name = "session", .reason = "first", .run = [](Request& request, const RouteInfo&) -> std::optional<Response> {
                        if (request.cookie("session")) return std::nullopt;
                        return error_response({ErrorCode::kUnauthorized, "no session"});
                      }}},
                    {});
  auto server = Server::start({}, echo_routes(), std::move(pipeline));
  ASSERT_TRUE(server.has_value());
  const std::string start = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n";
  EXPECT_EQ(TestClient((*server)->port()).ask(start + "\r\n").status, 401);
  TestClient client((*server)->port());
  EXPECT_EQ(client.ask(start + "Cookie: session=1\r\n\r\n").status, 100);
  EXPECT_EQ(client.ask("abc").body, "abc");
}

TEST(Server, RunsNoHandlerWhenAStepThrows) {
  Pipeline pipeline({{.name = "broken", .reason = "", .run = [](Request&, const RouteInfo&) -> std::optional<Response> { throw std::runtime_error("x"); }}}, {});
  auto server = Server::start({}, echo_routes(), std::move(pipeline));
  ASSERT_TRUE(server.has_value());
  EXPECT_EQ(TestClient((*server)->port()).ask(kGet).status, 500);
  EXPECT_EQ(TestClient((*server)->port()).ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx").status, 500);
}

TEST(Server, CutsOffSlowHeadsAndSlowBodiesWith408) {
  ServerOptions options;
  options.limits.header_timeout_ms = 100;
  options.limits.body_stall_ms = 100;
  const auto server = serve(options);
  TestClient head(server->port());
  EXPECT_EQ(head.ask("GET /hello/a HTTP/1.1\r\nHo").status, 408);
  TestClient body(server->port());
  EXPECT_EQ(body.ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc").status, 408);
}

TEST(Server, CutsOffADripThatNeverStalls) {
  ServerOptions options;
  options.limits.header_timeout_ms = 200;
  const auto server = serve(options);
  TestClient client(server->port());
  std::thread drip([&] {
    while (client.send("X")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  });
  EXPECT_EQ(client.read_response().status, 408);
  client.half_close();
  drip.join();
}

TEST(Server, ClosesIdleConnectionsWithoutAWord) {
  ServerOptions options;
  options.limits.idle_timeout_ms = 50;
  const auto server = serve(options);
  TestClient client(server->port());
  EXPECT_EQ(client.ask(kGet).status, 200);
  EXPECT_TRUE(client.at_end());
}

TEST(Server, AnswersWhileAThousandOthersAreIdle) {
  const auto server = serve();
  std::vector<TestClient> idle;
  for (int i = 0; i < 1000; ++i) {
    idle.emplace_back(server->port());
    ASSERT_TRUE(idle.back().send("GET /hello/a HT"));
  }
  EXPECT_EQ(TestClient(server->port()).ask(kGet).status, 200);
  EXPECT_EQ(idle.front().ask("TP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
}

TEST(Server, RefusesConnectionsBeyondItsLimitsWith503) {
  ServerOptions options;
  options.limits.connections_per_address = 2;
  const auto server = serve(options);
  TestClient first(server->port());
  TestClient second(server->port());
  EXPECT_EQ(first.ask(kGet).status, 200);
  EXPECT_EQ(second.ask(kGet).status, 200);
  EXPECT_EQ(TestClient(server->port()).read_response().status, 503);
  first.ask("GET /hello/a HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(first.at_end());
  while (server->stats().connections > 1) std::this_thread::yield();
  EXPECT_EQ(TestClient(server->port()).ask(kGet).status, 200);
}

TEST(Server, RefusesBodiesThatWouldFillItsMemory) {
  ServerOptions options;
  options.limits.buffered_bytes = 100;
  const auto server = serve(options);
  const std::string start = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
  const auto busy = TestClient(server->port()).ask(start + "101\r\n\r\n" + std::string(101, 'a'));
  EXPECT_EQ(busy.status, 503);
  EXPECT_TRUE(busy.headers.get("Retry-After").has_value());
  EXPECT_EQ(TestClient(server->port()).ask(start + "100\r\n\r\n" + std::string(100, 'a')).status, 200);
}

TEST(Server, Answers503WhenAllWorkersAreBusy) {
  std::atomic<bool> go = false;
  std::atomic<int> running = 0;
  Router router;
  router.add(Method::kGet, "/block", kAnyone, BodyRule::none(), [&](Request&) -> Reply {
    ++running;
    go.wait(false);
    return Response::empty();
  });
  const auto server = serve({.worker_threads = 1, .worker_queue = 1}, std::move(router));
  const std::string request = "GET /block HTTP/1.1\r\nHost: localhost\r\n\r\n";
  TestClient first(server->port());
  first.send(request);
  while (running == 0) std::this_thread::yield();
  // One more fits the queue; of the next two at least one finds it full.
  TestClient second(server->port());
  TestClient third(server->port());
  second.send(request);
  third.send(request);
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    go = true;
    go.notify_all();
  });
  const int statuses = second.read_response().status + third.read_response().status;
  release.join();
  EXPECT_EQ(statuses, 503 + 204);
}

TEST(Server, ListensBeyondLoopbackOnlyWithACertificate) {
  EXPECT_EQ(Server::start({.address = "0.0.0.0"}, echo_routes(), {}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(Server::start({.address = "::"}, echo_routes(), {}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(Server::start({.address = "localhost"}, echo_routes(), {}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(Server::start({.tls = TlsFiles{"/none.pem", "/none.key"}}, echo_routes(), {}).error().code, ErrorCode::kInvalid);
}

TEST(Server, SaysThatThePortIsTaken) {
  const auto server = serve();
  EXPECT_EQ(Server::start({.port = server->port()}, echo_routes(), {}).error().code, ErrorCode::kConflict);
}

TEST(Server, FinishesTheRequestUnderWayBeforeItStops) {
  std::atomic<bool> entered = false;
  std::atomic<bool> go = false;
  Router router;
  router.add(Method::kGet, "/slow", kAnyone, BodyRule::none(), [&](Request&) -> Reply {
    entered = true;
    entered.notify_all();
    go.wait(false);
    return Response::text("終わりました");
  });
  const auto server = serve({.network_threads = 1}, std::move(router));  // So that who sees `idle` end knows that the loop drains.
  TestClient idle(server->port());
  TestClient client(server->port());
  client.send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  entered.wait(false);
  std::thread stop([&] { server->stop(60'000); });
  EXPECT_TRUE(idle.at_end());
  go = true;
  go.notify_all();
  const auto response = client.read_response();
  EXPECT_EQ(response.body, "終わりました");
  EXPECT_TRUE(response.headers.has_token("Connection", "close"));
  stop.join();
  EXPECT_FALSE(TestClient(server->port()).connected());
}

}  // namespace
}  // namespace sekisho::http
