#include "http/parser.h"

#include <string>
#include <utility>

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

namespace sekisho::http {

namespace beast_http = boost::beast::http;

constexpr std::string_view kEmptyBody = "0\r\n\r\n";

struct RequestParser::Parts {
  beast_http::request_parser<beast_http::buffer_body> parser;
};

RequestParser::RequestParser(std::size_t header_bytes) : parts_(std::make_unique<Parts>()) {
  parts_->parser.header_limit(static_cast<std::uint32_t>(header_bytes));
  // The route's own limit is held by the connection.
  parts_->parser.body_limit(boost::none);
}
RequestParser::~RequestParser() = default;

tl::expected<RequestParser::HeadProgress, Refusal> RequestParser::head(std::string_view bytes) {
  boost::system::error_code error;
  const std::size_t used = parts_->parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error && error != beast_http::error::need_more) {
    Refusal refusal{400, Error{ErrorCode::kInvalid, error.message()}};
    if (error == beast_http::error::bad_version) refusal = {505, Error{ErrorCode::kUnsupported, "HTTP version"}};
    if (error == beast_http::error::header_limit) {
      const bool endless_line = bytes.find('\n') == std::string_view::npos;
      refusal = {endless_line ? 414 : 431, Error{ErrorCode::kTooLarge, "request head"}};
    }
    return tl::unexpected<Refusal>(std::move(refusal));
  }
  return HeadProgress{used, parts_->parser.is_header_done()};
}

bool RequestParser::head_is_whole() const { return parts_->parser.is_header_done(); }

tl::expected<Request, Refusal> RequestParser::request() const {
  const auto& message = parts_->parser.get();
  Headers headers;
  for (const auto& field : message) headers.add(std::string_view(field.name_string()), std::string_view(field.value()));
  const RequestLine line{std::string_view(message.method_string()), std::string_view(message.target()), message.version()};
  return make_request(line, std::move(headers));
}

bool RequestParser::is_http_1_1() const { return parts_->parser.get().version() == 11; }

Result<RequestParser::BodyProgress> RequestParser::body(std::string_view bytes, std::span<char> into) {
  // Beast remembers that it saw an empty body's "0\r\n" and then asserts that it is given the whole of it at once.
  const bool cut_end = bytes.size() < kEmptyBody.size() && kEmptyBody.starts_with(bytes);
  if (cut_end && parts_->parser.chunked()) return BodyProgress{0, 0};
  auto& body = parts_->parser.get().body();
  body.data = into.data();
  body.size = into.size();
  boost::system::error_code error;
  const std::size_t used = parts_->parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  const bool harmless = error == beast_http::error::need_buffer || error == beast_http::error::need_more;
  if (error && !harmless) return fail(ErrorCode::kInvalid, "body: " + error.message());
  return BodyProgress{used, into.size() - body.size};
}

bool RequestParser::is_done() const { return parts_->parser.is_done(); }

}  // namespace sekisho::http
