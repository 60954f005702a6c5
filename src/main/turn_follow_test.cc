#include "main/turn_follow.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "http/server.h"

namespace sekisho::main {
namespace {

using http::BodyRule;
using http::EventStream;
using http::Method;
using http::Reply;
using http::Request;
constexpr http::RoutePolicy kAnyone{0};

/// A server whose stream of a turn breaks off after its third event; the rest is there for whoever comes back.
class FollowTurnTest : public testing::Test {
 protected:
  void serve(Reply first, http::Handler rest) {
    http::Router router;
    router.add(Method::kPost, "/api/v1/turns", kAnyone, BodyRule::buffered(10'000), [first](Request&) { return first; });
    router.add(Method::kGet, "/api/v1/turns/{id}/events", kAnyone, BodyRule::none(), std::move(rest));
    auto server = http::Server::start({}, std::move(router), http::Pipeline({}, {}));
    ASSERT_TRUE(server.has_value());
    server_ = *std::move(server);
    auto client = http::Client::create({.server = {false, "127.0.0.1", server_->port()}});
    ASSERT_TRUE(client.has_value());
    client_ = std::make_unique<http::Client>(*std::move(client));
  }
  Result<void> follow() {
    const Json request = Json::object({{"question", "日当はいくらですか。"}, {"mode", "shelves"}});
    return follow_turn(*client_, request, record_, [this](const http::ReceivedEvent&, std::string_view added) { printed_ += added; });
  }
  static void send(EventStream& stream, std::uint64_t id, std::string_view name, std::string_view data) {
    EXPECT_EQ(stream.send({.id = id, .name = name, .data = data}), EventStream::Sent::kQueued);
  }
  static std::shared_ptr<EventStream> beginning() {
    auto stream = EventStream::create();
    send(*stream, 1, "started", R"({"turn_id":"t1","conversation_id":"c1"})");
    send(*stream, 2, "sources", R"({"items":[]})");
    send(*stream, 3, "text", R"({"at":0,"text":"日当は"})");
    stream->close();
    return stream;
  }

  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Client> client_;
  TurnRecord record_;
  std::string printed_;
};

TEST_F(FollowTurnTest, ReadsOnByNumberAfterTheConnectionBroke) {
  std::string asked;
  serve(beginning(), [&](Request& request) -> Reply {
    asked = request.param("id") + " " + std::string(request.query_value("after").value_or(""));
    auto stream = EventStream::create();
    send(*stream, 4, "text", R"({"at":3,"text":"2,200円です。"})");
    send(*stream, 5, "done", R"({"reason":"stop"})");
    stream->close();
    return stream;
  });
  const auto followed = follow();
  ASSERT_TRUE(followed.has_value()) << followed.error().detail;
  EXPECT_EQ(asked, "t1 3");
  EXPECT_EQ(printed_, "日当は2,200円です。");
  EXPECT_TRUE(record_.ended());
}

TEST_F(FollowTurnTest, ReadsFromTheBeginningWhereTheServerNumbersAnew) {
  std::vector<std::string> asked;
  serve(beginning(), [&](Request& request) -> Reply {
    asked.emplace_back(request.query_value("after").value_or(""));
    auto stream = EventStream::create();
    if (asked.back() == "0") {
      send(*stream, 1, "text", R"({"at":0,"text":"日当は2,200円です。"})");
      send(*stream, 2, "done", R"({"reason":"stop"})");
    }
    stream->close();
    return stream;
  });
  const auto followed = follow();
  ASSERT_TRUE(followed.has_value()) << followed.error().detail;
  EXPECT_EQ(asked, (std::vector<std::string>{"3", "0"}));
  EXPECT_EQ(printed_, "日当は2,200円です。");
}

TEST_F(FollowTurnTest, GivesUpAtOnceWhereTheTurnIsGone) {
  int asked = 0;
  serve(beginning(), [&](Request&) -> Reply {
    ++asked;
    return http::error_response(Error{ErrorCode::kDenied, "no such thing"});
  });
  EXPECT_EQ(follow().error().code, ErrorCode::kDenied);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(record_.answer, "日当は");
}

TEST_F(FollowTurnTest, PassesOnWhatTheServerSaysToTheQuestion) {
  serve(http::error_response(Error{ErrorCode::kInvalid, "question: too long"}), [](Request&) -> Reply { return http::Response::empty(); });
  EXPECT_EQ(follow().error().code, ErrorCode::kInvalid);
}

TEST_F(FollowTurnTest, CallsATurnThatFailedNoErrorOfTheConnection) {
  auto stream = EventStream::create();
  send(*stream, 1, "started", R"({"turn_id":"t1","conversation_id":"c1"})");
  send(*stream, 2, "failed", R"({"code":"unavailable","detail":"the worker died"})");
  stream->close();
  serve(stream, [](Request&) -> Reply { return http::Response::empty(); });
  EXPECT_TRUE(follow().has_value());
  EXPECT_TRUE(record_.failed.has_value());
}

}  // namespace
}  // namespace sekisho::main
