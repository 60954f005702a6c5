#include "http/head.h"

#include <gtest/gtest.h>

namespace sekisho::http {
namespace {

int status_for(std::string_view method, std::string_view target, Headers headers, unsigned version = 11) {
  auto made = make_request({method, target, version}, std::move(headers));
  return made ? 200 : made.error().status;
}

Request request_for(std::string_view target) {
  auto made = make_request({"GET", target, 11}, {{"Host", "localhost"}});
  EXPECT_TRUE(made.has_value()) << target;
  return made.value_or(Request{});
}

TEST(MakeRequest, DecodesJapanesePathsAndQueries) {
  const Request request = request_for("/api/v1/shelves/%E8%A6%8F%E7%A8%8B%2F2025?q=%E4%BA%88%E7%AE%97+%E6%A1%88&limit=10&q=x");
  EXPECT_EQ(request.segments, (std::vector<std::string>{"api", "v1", "shelves", "規程/2025"}));
  EXPECT_EQ(request.query_value("q"), "予算 案");
  EXPECT_EQ(request.query_value("limit"), "10");
  EXPECT_EQ(request.query_value("none"), std::nullopt);
}

TEST(MakeRequest, AcceptsAnAbsoluteTarget) {
  const Request request = request_for("HTTP://Office.Example:8080/a?b=c");
  EXPECT_EQ(request.host, "office.example");
  EXPECT_EQ(request.path, "/a");
}

TEST(MakeRequest, RefusesBrokenEscapesAndBytesThatAreNoText) {
  for (const std::string_view target : {"/%", "/%4", "/%zz", "/%FF", "/%E3%81", "/%00", "/a%0Ab", "/?q=%ED%A0%80", "/?%C0%AF", "/#x", "x", ""}) {
    EXPECT_EQ(status_for("GET", target, {{"Host", "a"}}), 400) << target;
  }
}

TEST(MakeRequest, RefusesToClimbOutOfAFolder) {
  for (const std::string_view target : {"/../etc/passwd", "/a/%2e%2e/b", "/a/.%2E", "/./a"}) {
    EXPECT_EQ(status_for("GET", target, {{"Host", "a"}}), 400) << target;
  }
}

TEST(MakeRequest, RefusesFramingThatTwoProgramsCouldReadDifferently) {
  EXPECT_EQ(status_for("POST", "/", {{"Host", "a"}, {"Content-Length", "5"}, {"Content-Length", "5"}}), 400);
  EXPECT_EQ(status_for("POST", "/", {{"Host", "a"}, {"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}), 400);
  EXPECT_EQ(status_for("POST", "/", {{"Host", "a"}, {"Content-Length", "5, 5"}}), 400);
  EXPECT_EQ(status_for("POST", "/", {{"Host", "a"}, {"Content-Length", "-1"}}), 400);
  EXPECT_EQ(status_for("POST", "/", {{"Host", "a"}, {"Content-Length", "99999999999999999999"}}), 400);
  EXPECT_EQ(status_for("POST", "/", {{"Host", "a"}, {"Transfer-Encoding", "gzip, chunked"}}), 501);
  EXPECT_EQ(status_for("POST", "/", {{"Host", "a"}, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}), 501);
  EXPECT_EQ(status_for("POST", "/", {{"Transfer-Encoding", "chunked"}}, 10), 400);
}

TEST(MakeRequest, RequiresExactlyOneSoundHost) {
  EXPECT_EQ(status_for("GET", "/", {}), 400);
  EXPECT_EQ(status_for("GET", "/", {}, 10), 200);
  EXPECT_EQ(status_for("GET", "/", {{"Host", "a"}, {"host", "b"}}), 400);
  for (const char* host : {"", "a b", "a/b", "a:b", "[::1", "[::1]x", "a@b"}) EXPECT_EQ(status_for("GET", "/", {{"Host", host}}), 400) << host;
  for (const char* host : {"a", "A.example:80", "[::1]:8080", "127.0.0.1"}) EXPECT_EQ(status_for("GET", "/", {{"Host", host}}), 200) << host;
}

TEST(MakeRequest, RefusesWhatItDoesNotServe) {
  EXPECT_EQ(status_for("TRACE", "/", {{"Host", "a"}}), 501);
  EXPECT_EQ(status_for("get", "/", {{"Host", "a"}}), 501);
  EXPECT_EQ(status_for("GET", "/", {{"Host", "a"}}, 20), 505);
  EXPECT_EQ(status_for("GET", "/", {{"Host", "a"}, {"Expect", "miracle"}}), 417);
  EXPECT_EQ(status_for("GET", "/" + std::string(9000, 'a'), {{"Host", "a"}}), 414);
  std::string many = "/?";
  for (int i = 0; i < 65; ++i) many += "a=1&";
  EXPECT_EQ(status_for("GET", many, {{"Host", "a"}}), 400);
}

TEST(Request, ReadsCookiesByTheirWholeName) {
  Request request;
  request.headers.add("Cookie", "xsession=1; session=abc=; theme=dark");
  EXPECT_EQ(request.cookie("session"), "abc=");
  EXPECT_EQ(request.cookie("theme"), "dark");
  EXPECT_EQ(request.cookie("ses"), std::nullopt);
}

TEST(SerializeHead, LetsNoHeaderValueBeginAnotherLine) {
  Response response;
  response.headers.add("X-Name", "a\r\nSet-Cookie: b");
  const std::string head = serialize_head(response, {}, "");
  EXPECT_NE(head.find("X-Name: a  Set-Cookie: b\r\n"), std::string::npos);
}

TEST(Headers, FindTokensInListsWithoutRegardToCase) {
  const Headers headers{{"Accept-Encoding", "br;q=1.0, GZIP ;q=0.5"}};
  EXPECT_TRUE(headers.has_token("accept-encoding", "gzip"));
  EXPECT_FALSE(headers.has_token("accept-encoding", "zip"));
}

}  // namespace
}  // namespace sekisho::http
