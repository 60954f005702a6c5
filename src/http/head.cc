#include "http/head.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <utility>

namespace sekisho::http {
namespace {

constexpr std::size_t kTargetBytes = 8 * limits::kKiB;

tl::unexpected<Refusal> refuse(int status, std::string detail) {
  const ErrorCode code = status == 414 ? ErrorCode::kTooLarge : status >= 500 ? ErrorCode::kUnsupported : ErrorCode::kInvalid;
  return tl::unexpected<Refusal>(Refusal{status, Error{code, std::move(detail)}});
}

std::optional<Refusal> check_framing(const Headers& headers, unsigned version) {
  const std::size_t lengths = headers.count("Content-Length");
  const std::size_t codings = headers.count("Transfer-Encoding");
  if (lengths > 1) return refuse(400, "more than one Content-Length").value();
  if (codings == 0) return std::nullopt;
  if (lengths > 0) return refuse(400, "Content-Length beside Transfer-Encoding").value();
  if (version < 11) return refuse(400, "Transfer-Encoding in HTTP/1.0").value();
  if (codings > 1 || !same_ignoring_case(*headers.get("Transfer-Encoding"), "chunked")) {
    return refuse(501, "Transfer-Encoding other than chunked").value();
  }
  return std::nullopt;
}

Result<std::optional<std::uint64_t>> declared_bytes(const Headers& headers) {
  const auto text = headers.get("Content-Length");
  if (!text) return std::optional<std::uint64_t>();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return fail(ErrorCode::kInvalid, "Content-Length is no number");
  return std::optional<std::uint64_t>(value);
}

/// "[::1]:8080" → "::1"; "Example.jp:80" → "example.jp".
Result<std::string> host_without_port(std::string_view authority) {
  std::string_view host;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return fail(ErrorCode::kInvalid, "Host");
    host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
  } else {
    const std::size_t end = std::min(authority.find(':'), authority.size());
    host = authority.substr(0, end);
    rest = authority.substr(end);
  }
  const bool port_is_fine = rest.empty() || (rest.front() == ':' && std::ranges::all_of(rest.substr(1), [](char c) { return c >= '0' && c <= '9'; }));
  if (host.empty() || !port_is_fine) return fail(ErrorCode::kInvalid, "Host");
  std::string lower(host);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':';
    if (!fine) return fail(ErrorCode::kInvalid, "Host");
  }
  return lower;
}

/// Splits off the authority of an absolute target, which servers must accept (RFC 9112 §3.2.2).
std::optional<std::string_view> take_authority(std::string_view& target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() || !same_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    const std::string_view authority = target.substr(0, end);
    target.remove_prefix(end);
    if (target.empty()) target = "/";
    return authority;
  }
  return std::nullopt;
}

Result<std::vector<std::string>> split_path(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  while (true) {
    const std::size_t end = std::min(path.find('/'), path.size());
    auto segment = percent_decode(path.substr(0, end), PlusSign::kLiteral);
    if (!segment) return fail(segment.error());
    if (*segment == "." || *segment == "..") return fail(ErrorCode::kInvalid, "dot segment in the path");
    segments.push_back(*std::move(segment));
    if (end == path.size()) return segments;
    path.remove_prefix(end + 1);
  }
}

Result<void> read_target(std::string_view target, Request& request) {
  if (target == "*" && request.method == Method::kOptions) {
    request.path = target;
    return {};
  }
  if (!target.starts_with('/')) return fail(ErrorCode::kInvalid, "request target");
  if (target.find('#') != std::string_view::npos) return fail(ErrorCode::kInvalid, "fragment in the request target");
  const std::size_t question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  auto segments = split_path(request.path);
  if (!segments) return fail(segments.error());
  request.segments = *std::move(segments);
  auto query = parse_query(target.substr(std::min(question + 1, target.size())));
  if (!query) return fail(query.error());
  request.query = *std::move(query);
  return {};
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return std::string(text.data(), length);
}

void append_line(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  for (const char c : value) head += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  head.append("\r\n");
}

}  // namespace

tl::expected<Request, Refusal> make_request(RequestLine line, Headers headers) {
  if (line.version != 10 && line.version != 11) return refuse(505, "HTTP version");
  const auto method = method_named(line.method);
  if (!method) return refuse(501, "method");
  if (line.target.size() > kTargetBytes) return refuse(414, "request target");
  if (auto refusal = check_framing(headers, line.version)) return tl::unexpected<Refusal>(*std::move(refusal));
  const std::size_t hosts = headers.count("Host");
  if (hosts > 1 || (hosts == 0 && line.version == 11)) return refuse(400, "not exactly one Host");
  const auto expectation = headers.get("Expect");
  if (expectation && !same_ignoring_case(*expectation, "100-continue")) return refuse(417, "Expect");

  Request request;
  request.method = *method;
  auto declared = declared_bytes(headers);
  if (!declared) return refuse(400, declared.error().detail);
  request.body_bytes = *declared;
  std::string_view target = line.target;
  auto authority = take_authority(target);
  if (!authority) authority = headers.get("Host");
  if (authority) {
    auto host = host_without_port(*authority);
    if (!host) return refuse(400, host.error().detail);
    request.host = *std::move(host);
  }
  if (auto read = read_target(target, request); !read) return refuse(400, read.error().detail);
  request.headers = std::move(headers);
  return request;
}

bool announces_body(const Headers& headers) {
  const auto length = headers.get("Content-Length");
  return headers.count("Transfer-Encoding") > 0 || (length && length->find_first_not_of('0') != std::string_view::npos);
}

bool is_numeric_address(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

std::string serialize_head(const Response& response, const Framing& framing, std::string_view trace_id) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_of(response.status)).append("\r\n");
  for (const Header& line : response.headers) append_line(head, line.name, line.value);
  append_line(head, "Date", http_date());
  if (!trace_id.empty()) append_line(head, "X-Request-Id", trace_id);
  if (framing.body == Framing::Body::kLength) append_line(head, "Content-Length", std::to_string(framing.length));
  if (framing.body == Framing::Body::kChunked) append_line(head, "Transfer-Encoding", "chunked");
  if (framing.close) append_line(head, "Connection", "close");
  return head.append("\r\n");
}

}  // namespace sekisho::http
