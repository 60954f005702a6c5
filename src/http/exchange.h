#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/worker_pool.h"
#include "http/head.h"
#include "http/parser.h"
#include "http/router.h"
#include "http/server.h"

/// What a connection decides about one request; the reading and writing is connection.cc's.
namespace sekisho::http {

/// What all connections of a server borrow from it. Must outlive every NetworkLoop. Threads: safe from any.
struct ServerShared {
  const Router& router;
  const Pipeline& pipeline;
  const Limits& limits;
  const std::set<std::string>& allowed_hosts;
  const ErrorPage& error_page;
  WorkerPool& workers;
  WorkerPool& uploads;
  std::function<void(const std::string& remote_address)> on_closed;  ///< Once for each connection adopted.
  std::atomic<std::size_t> buffered_bytes = 0;
  std::atomic<std::size_t> streams = 0;
};

/// One request with what its parsing and answering need.
struct Exchange {
  explicit Exchange(ServerShared& server) : shared(server), parser(server.limits.header_bytes) {}
  ~Exchange() { shared.buffered_bytes -= counted_bytes_; }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Once the head is whole: fills `request`, `match` and `keep_alive`. A refusal ends the connection: as
  /// RequestParser::request(), and 421 for a Host that the server does not go by.
  [[nodiscard]] std::optional<Refusal> accept_head(const std::string& remote_address, bool encrypted);
  /// The answer where no handler is asked: OPTIONS, 404, 405.
  [[nodiscard]] std::optional<Response> answer_without_handler() const;
  /// 413 for a body that the route does not take. Ends the connection.
  [[nodiscard]] std::optional<Refusal> check_body() const;
  [[nodiscard]] bool wants_continue() const { return parser.is_http_1_1() && request.headers.count("Expect") > 0; }
  /// Counts body bytes that came within `waited_ms`. Errors: kTimeout where the sender is too slow on the whole.
  [[nodiscard]] Result<void> count_arrival(std::size_t bytes, std::int64_t waited_ms);
  /// Adds to the buffered body. Errors: kBusy where all bodies together pass Limits::buffered_bytes.
  [[nodiscard]] Result<void> append_body(std::string_view piece);

  ServerShared& shared;
  RequestParser parser;
  Request request;
  Router::Match match;
  bool keep_alive = false;
  std::uint64_t body_bytes = 0;  ///< Decoded so far.

 private:
  std::size_t counted_bytes_ = 0;    ///< Of ServerShared::buffered_bytes.
  std::uint64_t arrived_bytes_ = 0;  ///< Off the wire, the body's framing included.
  std::int64_t arrival_ms_ = 0;      ///< Time spent waiting for the client, not for the handler.
};

/// How one answer is sent.
struct AnswerPlan {
  std::string head;
  bool with_body = true;  ///< Not for HEAD, 204 and 304.
  bool chunked = false;
  bool close = false;     ///< The connection ends after it.
  bool linger = false;    ///< The client still sends a body that nobody reads.
};
/// Runs the after-steps on `response`, too. `draining`: the server is about to stop.
[[nodiscard]] AnswerPlan plan_answer(const Exchange& exchange, Response& response, bool draining);
/// The same for an answer that goes on event by event.
[[nodiscard]] AnswerPlan plan_events(const Exchange& exchange, const Headers& headers);

}  // namespace sekisho::http
