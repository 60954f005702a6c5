#include "http/parser.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sekisho::http {
namespace {

struct Parsed {
  int status = 0;  ///< 200: parsed whole.
  std::string path;
  std::string body;
  std::string left;  ///< What follows the request.
};

/// Parses `wire` as it comes in pieces of the given sizes (then the rest), with a small buffer for the body.
Parsed parse(std::string_view wire, const std::vector<std::size_t>& pieces, std::size_t body_buffer = 7) {
  RequestParser parser(4096);
  std::string arrived;
  std::string into(body_buffer, '\0');
  Parsed parsed;
  std::size_t next = 0;
  while (true) {
    if (!parser.head_is_whole()) {
      auto progress = parser.head(arrived);
      if (!progress) return {.status = progress.error().status};
      arrived.erase(0, progress->used);
      if (progress->whole) {
        auto request = parser.request();
        if (!request) return {.status = request.error().status};
        parsed.path = request->path;
        continue;
      }
    } else if (parser.is_done()) {
      parsed.status = 200;
      parsed.left = arrived + std::string(wire);
      return parsed;
    } else if (!arrived.empty()) {
      const auto progress = parser.body(arrived, into);
      if (!progress) return {.status = 400};
      arrived.erase(0, progress->used);
      parsed.body.append(into, 0, progress->written);
      if (progress->used + progress->written > 0) continue;
    }
    if (wire.empty()) return parsed;
    const std::size_t size = next < pieces.size() ? std::clamp<std::size_t>(pieces[next++], 1, wire.size()) : wire.size();
    arrived.append(wire.substr(0, size));
    wire.remove_prefix(size);
  }
}

const std::string kHead = "POST /%E4%BA%88%E7%AE%97 HTTP/1.1\r\nHost: localhost\r\n";
const std::string kChunked = kHead + "Transfer-Encoding: chunked\r\n\r\n";

RC_GTEST_PROP(RequestParser, ReadsTheSameHoweverTheBytesAreCut, (const std::vector<std::uint8_t>& cuts, const std::string& body, bool chunked)) {
  std::vector<std::size_t> pieces;
  for (const std::uint8_t cut : cuts) pieces.push_back(cut % 16U);
  std::string wire = kHead + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  if (chunked) {
    wire = kChunked;
    for (const char c : body) wire += std::string("1;name=value\r\n") + c + "\r\n";
    wire += "0\r\nTrailer: x\r\n\r\n";
  }
  const Parsed parsed = parse(wire + "GET /next", pieces);
  RC_ASSERT(parsed.status == 200);
  RC_ASSERT(parsed.path == "/%E4%BA%88%E7%AE%97");
  RC_ASSERT(parsed.body == body);
  RC_ASSERT(parsed.left == "GET /next");
}

TEST(RequestParser, ReadsAnEmptyChunkedBodyByteByByte) {
  const Parsed parsed = parse(kChunked + "0\r\n\r\nGET", std::vector<std::size_t>(kChunked.size() + 8, 1));
  EXPECT_EQ(parsed.status, 200);
  EXPECT_EQ(parsed.left, "GET");
}

RC_GTEST_PROP(RequestParser, NeverTakesNonsenseForARequest, (const std::string& nonsense)) {
  RC_ASSERT(parse(nonsense + "\r\n\r\n", {}).status != 200);
}

TEST(RequestParser, WaitsForTheRestOfATruncatedRequest) {
  EXPECT_EQ(parse(kHead, {}).status, 0);
  EXPECT_EQ(parse(kHead + "Content-Length: 5\r\n\r\nabcd", {}).status, 0);
  EXPECT_EQ(parse(kChunked + "5\r\nabcde\r\n0\r\n", {}).status, 0);
}

TEST(RequestParser, RefusesBrokenChunks) {
  for (const char* body : {"g\r\n", "-1\r\n", "5\r\nabcdefg\r\n", "ffffffffffffffffff\r\n", "\r\n\r\n", "0x5\r\nabcde\r\n0\r\n\r\n"}) {
    EXPECT_EQ(parse(kChunked + body, {}).status, 400) << body;
  }
}

TEST(RequestParser, TellsAnEndlessLineFromAnEndlessHead) {
  EXPECT_EQ(parse("GET /" + std::string(5000, 'a'), {}).status, 414);
  EXPECT_EQ(parse(kHead + "X: " + std::string(5000, 'a'), {}).status, 431);
}

}  // namespace
}  // namespace sekisho::http
