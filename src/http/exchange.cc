#include "http/exchange.h"

#include <utility>

#include <fmt/format.h>

#include "base/id.h"

namespace sekisho::http {

std::optional<Refusal> Exchange::accept_head(const std::string& remote_address, bool encrypted) {
  auto made = parser.request();
  if (!made) return std::move(made.error());
  request = *std::move(made);
  request.remote_address = remote_address;
  request.encrypted = encrypted;
  request.trace_id = random_id_text();
  keep_alive = parser.is_http_1_1() && !request.headers.has_token("Connection", "close");
  const bool known = request.host.empty() || shared.allowed_hosts.contains(request.host) || is_numeric_address(request.host);
  if (!known) return Refusal{421, Error{ErrorCode::kDenied, "this server does not go by that Host"}};
  match = shared.router.match(request.method, request.segments);
  request.params = std::move(match.params);
  return std::nullopt;
}

std::optional<Response> Exchange::answer_without_handler() const {
  if (request.method == Method::kOptions && (request.path == "*" || !match.allow.empty())) {
    Response response = Response::empty();
    response.headers.add("Allow", request.path == "*" ? "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" : match.allow);
    return response;
  }
  if (match.route != nullptr) return std::nullopt;
  const int status = match.allow.empty() ? 404 : 405;
  Response response = shared.error_page(request.path, status, Error{ErrorCode::kDenied, "no such resource or method"});
  if (status == 405) response.headers.set("Allow", match.allow);
  return response;
}

std::optional<Refusal> Exchange::check_body() const {
  const BodyRule& rule = match.route->body;
  const bool unwanted = rule.kind == BodyRule::Kind::kNone && announces_body(request.headers);
  if (!unwanted && request.body_bytes.value_or(0) <= rule.max_bytes) return std::nullopt;
  return Refusal{413, Error{ErrorCode::kTooLarge, fmt::format("a body of at most {} bytes is taken here", rule.max_bytes)}};
}

Result<void> Exchange::count_arrival(std::size_t bytes, std::int64_t waited_ms) {
  arrived_bytes_ += bytes;
  arrival_ms_ += waited_ms;
  if (arrival_ms_ <= shared.limits.body_stall_ms) return {};
  const auto least_bytes = static_cast<std::uint64_t>(arrival_ms_) * shared.limits.body_bytes_per_s_min / 1000;
  if (arrived_bytes_ < least_bytes) return fail(ErrorCode::kTimeout, "the body comes too slowly");
  return {};
}

Result<void> Exchange::append_body(std::string_view piece) {
  counted_bytes_ += piece.size();
  if ((shared.buffered_bytes += piece.size()) > shared.limits.buffered_bytes) {
    // At once, not when its connection has ended: others may have the room.
    std::string().swap(request.body);
    shared.buffered_bytes -= std::exchange(counted_bytes_, 0);
    return fail(ErrorCode::kBusy, "too many request bodies at once");
  }
  request.body.append(piece);
  return {};
}

AnswerPlan plan_answer(const Exchange& exchange, Response& response, bool draining) {
  exchange.shared.pipeline.run_after(exchange.request, response);
  const bool empty = response.status == 204 || response.status == 304;
  const bool unknown_length = response.source && !response.source_bytes;
  const bool http_1_1 = exchange.parser.head_is_whole() && exchange.parser.is_http_1_1();
  AnswerPlan plan;
  plan.with_body = !empty && exchange.request.method != Method::kHead;
  plan.chunked = unknown_length && http_1_1;
  plan.linger = !exchange.parser.is_done();
  plan.close = !exchange.keep_alive || draining || plan.linger || (unknown_length && !http_1_1);
  Framing framing{.length = response.source ? response.source_bytes.value_or(0) : response.body_view().size(), .close = plan.close};
  if (unknown_length) framing.body = http_1_1 ? Framing::Body::kChunked : Framing::Body::kUntilClose;
  if (empty) framing.body = Framing::Body::kNone;
  plan.head = serialize_head(response, framing, exchange.request.trace_id);
  return plan;
}

AnswerPlan plan_events(const Exchange& exchange, const Headers& headers) {
  Response response{.headers = headers};
  response.headers.set_default("Content-Type", "text/event-stream; charset=utf-8");
  response.headers.set_default("Cache-Control", "no-store");
  // Asks proxies of nginx's kind not to gather the events.
  response.headers.set_default("X-Accel-Buffering", "no");
  exchange.shared.pipeline.run_after(exchange.request, response);
  AnswerPlan plan{.with_body = exchange.request.method != Method::kHead, .chunked = exchange.parser.is_http_1_1(), .close = true};
  const Framing framing{.body = plan.chunked ? Framing::Body::kChunked : Framing::Body::kUntilClose, .close = true};
  plan.head = serialize_head(response, framing, exchange.request.trace_id);
  return plan;
}

}  // namespace sekisho::http
