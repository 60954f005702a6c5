#include "http/connection.h"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <limits>
#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/head.h"

namespace sekisho::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;
template <typename T>
using Task = asio::awaitable<T, Executor>;
constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAwait{};
// g++ 12 copies brace-made temporaries of a co_await expression bit by bit into the coroutine's frame, which breaks their
// short strings: what is awaited here takes named values and views.

constexpr std::size_t kReadBytes = 4 * limits::kKiB;
constexpr std::size_t kBodyReadBytes = 32 * limits::kKiB;
constexpr std::size_t kJoinBytes = 16 * limits::kKiB;  ///< Head and body up to this size go out in one write.
constexpr std::int64_t kForever_ms = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kPeerCheck_ms = 1'000;
constexpr std::int64_t kRetry_ms = 20;

}  // namespace

/// One client's TCP connection: reads requests one after the other, has them handled on the pools, writes the answers.
/// All members are touched on the loop's thread alone.
class Connection final : public ConnectionControl, public std::enable_shared_from_this<Connection> {
 public:
  Connection(ServerShared& shared, Socket socket, asio::ssl::context* tls, std::string remote_address)
      : shared_(shared),
        socket_(std::move(socket)),
        remote_address_(std::move(remote_address)),
        wake_timer_(socket_.get_executor()),
        deadline_(socket_.get_executor()) {
    if (tls != nullptr) tls_ = std::make_unique<asio::ssl::stream<Socket&>>(socket_, *tls);
  }

  Task<void> run();
  void drain() override;
  void break_off() override;

 private:
  // One request after the other; false ends the connection.
  Task<bool> serve_one();
  Task<bool> read_head(Exchange& exchange);
  Task<bool> parse_head(Exchange& exchange);
  Task<bool> handle(std::unique_ptr<Exchange>& exchange);

  // Bodies.
  Task<Result<std::string_view>> read_body_piece(Exchange& exchange, std::span<char> into);
  Task<Result<void>> read_buffered_body(Exchange& exchange);
  Task<Result<Reply>> run_upload(Exchange& exchange);
  Task<void> feed_upload(Exchange& exchange, BodyReader& reader);

  // Answers.
  Task<bool> send_reply(std::unique_ptr<Exchange>& exchange, Reply reply);
  Task<bool> send(Exchange& exchange, Response response);
  Task<bool> send_source(const BodySource& source, bool chunked);
  Task<bool> refuse(Exchange& exchange, int status, const Error& error);
  Task<bool> wait_for_response(Exchange& exchange, std::shared_ptr<PendingResponse> pending);
  Task<bool> stream_events(std::unique_ptr<Exchange>& exchange, std::shared_ptr<EventStream> stream);
  Task<void> pump_events(EventStream& stream, bool chunked);

  // The socket.
  Task<std::size_t> read_some(std::size_t bytes);  ///< Into buffer_; 0: over, and timed_out_ says whether too slow.
  Task<bool> write_all(std::string_view bytes);
  Task<bool> handshake();
  Task<void> linger();
  Task<void> shut_down();
  void arm(std::int64_t timeout_ms);
  void watch_deadline(std::uint64_t epoch);
  void disarm();
  [[nodiscard]] bool peer_closed();
  void watch_peer();

  // Waiting for other threads.
  Task<bool> wait(std::int64_t timeout_ms);  ///< Whether notify() ended it.
  void notify();
  [[nodiscard]] std::function<void()> waker();
  bool start_work(WorkerPool& pool, std::function<void()> work);
  Task<bool> run_on(WorkerPool& pool, std::function<void()> work);

  ServerShared& shared_;
  Socket socket_;
  std::unique_ptr<asio::ssl::stream<Socket&>> tls_;
  std::string remote_address_;
  std::string buffer_;  ///< Read, not yet parsed.
  Timer wake_timer_;
  Timer deadline_;
  std::uint64_t deadline_epoch_ = 0;
  bool timed_out_ = false;
  bool woken_ = false;
  bool work_done_ = false;
  bool idle_ = false;            ///< Between requests: drain() may close at once.
  bool reading_upload_ = false;  ///< notify() must interrupt the read.
  bool draining_ = false;
  bool broken_off_ = false;
  bool peer_gone_ = false;
  bool poll_peer_ = false;  ///< Unread bytes hide the end of the connection from the watch.
};

Task<void> Connection::run() {
  bool open = true;
  if (tls_) open = co_await handshake();
  while (open && !broken_off_) open = co_await serve_one();
  if (!broken_off_) co_await shut_down();
  disarm();
  error_code ignored;
  socket_.close(ignored);
}

void Connection::drain() {
  draining_ = true;
  error_code ignored;
  if (idle_) socket_.cancel(ignored);
}

void Connection::break_off() {
  broken_off_ = true;
  draining_ = true;
  error_code ignored;
  socket_.close(ignored);
  notify();
}

// ---- One request ----

Task<bool> Connection::serve_one() {
  auto exchange = std::make_unique<Exchange>(shared_);
  if (!co_await read_head(*exchange)) co_return false;
  auto refusal = exchange->accept_head(remote_address_, tls_ != nullptr);
  if (refusal) co_return co_await refuse(*exchange, refusal->status, refusal->error);
  const std::int64_t start_ms = SystemClock().steady_ms();
  const std::string trace_id = exchange->request.trace_id;
  const std::string pattern = exchange->match.route != nullptr ? exchange->match.route->pattern : "";
  bool keep = false;
  if (auto response = exchange->answer_without_handler()) {
    keep = co_await send(*exchange, *std::move(response));
  } else if (refusal = exchange->check_body(); refusal) {
    keep = co_await refuse(*exchange, refusal->status, refusal->error);
  } else {
    keep = co_await handle(exchange);
  }
  log(LogLevel::kDebug, "http_request", {{"pattern", pattern}, {"trace_id", trace_id}, {"ms", SystemClock().steady_ms() - start_ms}});
  co_return keep;
}

Task<bool> Connection::read_head(Exchange& exchange) {
  if (buffer_.empty()) {
    if (draining_) co_return false;
    buffer_.shrink_to_fit();
    idle_ = true;
    arm(shared_.limits.idle_timeout_ms);
    const std::size_t bytes = co_await read_some(kReadBytes);
    idle_ = false;
    if (bytes == 0) co_return false;
  }
  arm(shared_.limits.header_timeout_ms);
  const bool whole = co_await parse_head(exchange);
  disarm();
  co_return whole;
}

Task<bool> Connection::parse_head(Exchange& exchange) {
  while (true) {
    auto progress = exchange.parser.head(buffer_);
    if (!progress) co_return co_await refuse(exchange, progress.error().status, progress.error().error);
    buffer_.erase(0, progress->used);
    if (progress->whole) co_return true;
    if (co_await read_some(kReadBytes) > 0) continue;
    const Error slow{ErrorCode::kTimeout, "request head"};
    if (timed_out_) co_return co_await refuse(exchange, 408, slow);
    co_return false;
  }
}

Task<bool> Connection::handle(std::unique_ptr<Exchange>& exchange) {
  Exchange& ex = *exchange;
  const Handler& handler = *ex.match.handler;
  const bool has_body = !ex.parser.is_done();
  const Error busy{ErrorCode::kBusy, "all workers are busy"};
  const bool streamed = ex.match.route->body.kind == BodyRule::Kind::kStreamed;
  std::optional<Response> early;
  Reply reply;
  // The steps see a request before its body is read; without a body the handler follows at once on the same thread.
  const bool direct = !has_body && !streamed;
  std::function<void()> work = [&] {
    // Both stand until replaced, so that a step or handler that throws ends in 500.
    early = shared_.error_page(ex.request.path, 500, Error{ErrorCode::kInternal, "step or handler failed"});
    reply = *early;
    early = shared_.pipeline.run_before(ex.request, *ex.match.route);
    if (!early && direct) reply = handler(ex.request);
  };
  if (!co_await run_on(shared_.workers, work)) co_return co_await refuse(ex, 503, busy);
  if (early) co_return co_await send(ex, *std::move(early));
  if (direct) co_return co_await send_reply(exchange, std::move(reply));

  if (has_body && ex.wants_continue() && !co_await write_all("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
  if (streamed) {
    auto uploaded = co_await run_upload(ex);
    if (!uploaded) co_return co_await refuse(ex, 503, uploaded.error());
    co_return co_await send_reply(exchange, *std::move(uploaded));
  }
  auto read = co_await read_buffered_body(ex);
  if (!read) {
    const ErrorCode code = read.error().code;
    if (code == ErrorCode::kCancelled) co_return false;
    const int status = code == ErrorCode::kTimeout ? 408 : status_of(code);
    co_return co_await refuse(ex, status, read.error());
  }
  work = [&] { reply = handler(ex.request); };
  if (!co_await run_on(shared_.workers, work)) co_return co_await refuse(ex, 503, busy);
  co_return co_await send_reply(exchange, std::move(reply));
}

// ---- Bodies ----

/// The next piece of the body, at most `into`; empty at its end.
Task<Result<std::string_view>> Connection::read_body_piece(Exchange& exchange, std::span<char> into) {
  while (!exchange.parser.is_done()) {
    if (!buffer_.empty()) {
      const auto progress = exchange.parser.body(buffer_, into);
      if (!progress) co_return fail(progress.error());
      buffer_.erase(0, progress->used);
      exchange.body_bytes += progress->written;
      if (exchange.body_bytes > exchange.match.route->body.max_bytes) co_return fail(ErrorCode::kTooLarge, "body");
      if (progress->written > 0) co_return std::string_view(into.data(), progress->written);
      if (progress->used > 0) continue;
    }
    const std::int64_t start_ms = SystemClock().steady_ms();
    arm(shared_.limits.body_stall_ms);
    const std::size_t bytes = co_await read_some(kBodyReadBytes);
    disarm();
    if (bytes == 0 && timed_out_) co_return fail(ErrorCode::kTimeout, "the body stalled");
    if (bytes == 0) co_return fail(ErrorCode::kCancelled, "the client is gone");
    const auto counted = exchange.count_arrival(bytes, SystemClock().steady_ms() - start_ms);
    if (!counted) co_return fail(counted.error());
  }
  co_return std::string_view();
}

Task<Result<void>> Connection::read_buffered_body(Exchange& exchange) {
  std::string scratch(kBodyReadBytes, '\0');
  while (true) {
    const auto piece = co_await read_body_piece(exchange, scratch);
    if (!piece) co_return fail(piece.error());
    if (piece->empty()) co_return Result<void>();
    const auto appended = exchange.append_body(*piece);
    if (!appended) co_return fail(appended.error());
  }
}

/// Runs the handler on the upload pool while feeding it. Errors: kBusy.
Task<Result<Reply>> Connection::run_upload(Exchange& exchange) {
  BodyReader reader;
  reader.attach(waker());
  exchange.request.upload = &reader;
  Reply reply = shared_.error_page(exchange.request.path, 500, Error{ErrorCode::kInternal, "handler"});
  std::function<void()> work = [&] { reply = (*exchange.match.handler)(exchange.request); };
  if (!start_work(shared_.uploads, work)) co_return fail(ErrorCode::kBusy, "too many uploads at once");
  co_await feed_upload(exchange, reader);
  while (!work_done_) co_await wait(kForever_ms);
  reader.detach();
  exchange.request.upload = nullptr;
  co_return reply;
}

Task<void> Connection::feed_upload(Exchange& exchange, BodyReader& reader) {
  std::string scratch(kBodyReadBytes, '\0');
  while (!work_done_) {
    if (broken_off_) {
      reader.break_off(Error{ErrorCode::kCancelled, "the server stops"});
      co_return;
    }
    if (!reader.has_room()) {
      co_await wait(kForever_ms);
      continue;
    }
    reading_upload_ = true;
    auto piece = co_await read_body_piece(exchange, scratch);
    reading_upload_ = false;
    if (!piece) co_return reader.break_off(piece.error());
    if (piece->empty()) co_return reader.finish();
    reader.push(*piece);
  }
}

// ---- Answers ----

Task<bool> Connection::send_reply(std::unique_ptr<Exchange>& exchange, Reply reply) {
  if (auto* response = std::get_if<Response>(&reply)) co_return co_await send(*exchange, std::move(*response));
  if (auto* pending = std::get_if<std::shared_ptr<PendingResponse>>(&reply)) {
    co_return co_await wait_for_response(*exchange, std::move(*pending));
  }
  co_return co_await stream_events(exchange, std::move(std::get<std::shared_ptr<EventStream>>(reply)));
}

Task<bool> Connection::send(Exchange& exchange, Response response) {
  if (broken_off_) co_return false;
  AnswerPlan plan = plan_answer(exchange, response, draining_);
  const std::string_view body = plan.with_body && !response.source ? response.body_view() : std::string_view();
  const bool join = body.size() <= kJoinBytes;
  if (join) plan.head.append(body);
  bool written = co_await write_all(plan.head);
  if (written && !join) written = co_await write_all(body);
  if (written && response.source && plan.with_body) written = co_await send_source(response.source, plan.chunked);
  if (written && plan.linger) co_await linger();
  co_return written && !plan.close;
}

Task<bool> Connection::send_source(const BodySource& source, bool chunked) {
  while (true) {
    Result<std::string> piece = fail(ErrorCode::kInternal, "source");
    std::function<void()> work = [&] { piece = source(); };
    while (!co_await run_on(shared_.workers, work)) {
      if (broken_off_) co_return false;
      co_await wait(kRetry_ms);
    }
    if (!piece) co_return false;
    if (piece->empty()) break;
    const std::string bytes = chunked ? fmt::format("{:x}\r\n{}\r\n", piece->size(), *piece) : *std::move(piece);
    if (!co_await write_all(bytes)) co_return false;
  }
  if (!chunked) co_return true;
  co_return co_await write_all("0\r\n\r\n");
}

/// Always false: the connection ends, as what follows on it may not be what it seems.
Task<bool> Connection::refuse(Exchange& exchange, int status, const Error& error) {
  Response response = shared_.error_page(exchange.request.path, status, error);
  if (status == 503) response.headers.set_default("Retry-After", "5");
  exchange.keep_alive = false;
  co_await send(exchange, std::move(response));
  co_return false;
}

Task<bool> Connection::wait_for_response(Exchange& exchange, std::shared_ptr<PendingResponse> pending) {
  CHECK(pending != nullptr);
  pending->attach(waker());
  std::optional<Response> response = pending->take();
  while (!response && !broken_off_) {
    co_await wait(kPeerCheck_ms);
    if (!broken_off_ && peer_closed()) pending->mark_gone();
    const bool dropped = pending.use_count() == 1;
    response = pending->take();
    if (!response && dropped) {
      log_error("pending_response_dropped", {{"trace_id", exchange.request.trace_id}});
      response = shared_.error_page(exchange.request.path, 500, Error{ErrorCode::kInternal, "no answer was given"});
    }
  }
  if (!response) pending->mark_gone();
  pending->detach();
  if (!response) co_return false;
  co_return co_await send(exchange, *std::move(response));
}

/// The exchange is freed before the first event, so that an open stream holds little. The connection ends with the stream.
Task<bool> Connection::stream_events(std::unique_ptr<Exchange>& exchange, std::shared_ptr<EventStream> stream) {
  CHECK(stream != nullptr);
  AnswerPlan plan = plan_events(*exchange, stream->options_.headers);
  exchange.reset();
  buffer_.clear();
  buffer_.shrink_to_fit();
  stream->attach(waker());
  ++shared_.streams;
  const bool written = co_await write_all(plan.head);
  plan.head.clear();
  plan.head.shrink_to_fit();
  if (written && plan.with_body) {
    watch_peer();
    co_await pump_events(*stream, plan.chunked);
  }
  stream->detach();
  --shared_.streams;  // Last: who sees it ended finds the stream told.
  co_return false;
}

Task<void> Connection::pump_events(EventStream& stream, bool chunked) {
  while (!broken_off_ && !peer_gone_) {
    EventStream::Taken taken = stream.take();
    if (taken.ended) {
      if (chunked) co_await write_all("0\r\n\r\n");
      co_return;
    }
    if (taken.bytes.empty()) {
      const bool woken = co_await wait(poll_peer_ ? kPeerCheck_ms : shared_.limits.stream_keep_alive_ms);
      if (poll_peer_ && peer_closed()) co_return;
      if (woken) continue;
      taken.bytes = ":\n\n";
    }
    if (chunked) taken.bytes = fmt::format("{:x}\r\n{}\r\n", taken.bytes.size(), taken.bytes);
    if (!co_await write_all(taken.bytes)) co_return;
  }
}

// ---- The socket ----

Task<std::size_t> Connection::read_some(std::size_t bytes) {
  if (timed_out_ || broken_off_) co_return 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + bytes);
  const asio::mutable_buffer space = asio::buffer(buffer_.data() + before, bytes);
  auto reading = tls_ ? tls_->async_read_some(space, kAwait) : socket_.async_read_some(space, kAwait);
  const auto [error, got] = co_await std::move(reading);
  buffer_.resize(before + (error ? 0 : got));
  co_return error ? 0 : got;
}

Task<bool> Connection::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    if (broken_off_) co_return false;
    arm(shared_.limits.write_stall_ms);
    const asio::const_buffer piece = asio::buffer(bytes.data(), bytes.size());
    auto writing = tls_ ? tls_->async_write_some(piece, kAwait) : socket_.async_write_some(piece, kAwait);
    const auto [error, written] = co_await std::move(writing);
    disarm();
    if (error) co_return false;
    bytes.remove_prefix(written);
  }
  co_return true;
}

Task<bool> Connection::handshake() {
  arm(shared_.limits.header_timeout_ms);
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, kAwait);
  disarm();
  co_return !error;
}

/// Takes and forgets what the client still sends, for a moment: closing with unread bytes would make its system throw our
/// answer away (RFC 9112 §9.6).
Task<void> Connection::linger() {
  error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  std::string scratch(kReadBytes, '\0');
  arm(limits::kHttpLinger_ms);
  while (!error && !timed_out_) {
    std::size_t bytes = 0;
    std::tie(error, bytes) = co_await socket_.async_read_some(asio::buffer(scratch), kAwait);
  }
  disarm();
}

Task<void> Connection::shut_down() {
  if (tls_) {
    arm(limits::kHttpLinger_ms);
    const auto result = co_await tls_->async_shutdown(kAwait);
    static_cast<void>(result);
    disarm();
  }
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
}

/// From now on, what the socket does is cut off after `timeout_ms`, and timed_out_ is set.
void Connection::arm(std::int64_t timeout_ms) {
  timed_out_ = false;
  deadline_.expires_after(std::chrono::milliseconds(timeout_ms));
  watch_deadline(++deadline_epoch_);
}

void Connection::watch_deadline(std::uint64_t epoch) {
  deadline_.async_wait([self = shared_from_this(), epoch](error_code error) {
    if (error || epoch != self->deadline_epoch_) return;
    self->timed_out_ = true;
    self->socket_.cancel(error);
    // Again and again: TLS reads and writes in several steps, and a cancel between two of them meets nothing.
    self->deadline_.expires_after(std::chrono::milliseconds(kRetry_ms));
    self->watch_deadline(epoch);
  });
}

void Connection::disarm() {
  ++deadline_epoch_;
  deadline_.cancel();
}

bool Connection::peer_closed() {
  pollfd descriptor{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&descriptor, 1, 0) > 0;
}

/// Notices the client's end at once while nothing is read. Unread bytes (a pipelined request, the farewell of TLS) would
/// wake us again and again, so that with them the end is looked for every kPeerCheck_ms.
void Connection::watch_peer() {
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](error_code error) {
    if (error) return;
    self->peer_gone_ = self->peer_closed();
    self->poll_peer_ = !self->peer_gone_;
    self->notify();
  });
}

// ---- Waiting for other threads ----

Task<bool> Connection::wait(std::int64_t timeout_ms) {
  if (!woken_) {
    if (timeout_ms == kForever_ms) {
      wake_timer_.expires_at(SteadyClock::time_point::max());
    } else {
      wake_timer_.expires_after(std::chrono::milliseconds(timeout_ms));
    }
    const auto result = co_await wake_timer_.async_wait(kAwait);
    static_cast<void>(result);
  }
  co_return std::exchange(woken_, false);
}

void Connection::notify() {
  woken_ = true;
  wake_timer_.cancel();
  error_code ignored;
  if (reading_upload_ && work_done_) socket_.cancel(ignored);
}

/// Calls notify() on the loop's thread, from any.
std::function<void()> Connection::waker() {
  return [weak = weak_from_this()] {
    if (auto self = weak.lock()) {
      Executor executor = self->socket_.get_executor();
      asio::post(executor, [self = std::move(self)] { self->notify(); });
    }
  };
}

/// False where the pool is full. Sets work_done_ when the work is done; what it refers to must live until then.
bool Connection::start_work(WorkerPool& pool, std::function<void()> work) {
  work_done_ = false;
  auto job = [self = shared_from_this(), work = std::move(work)]() mutable {
    try {
      work();
    } catch (const std::exception& error) {
      log_error("http_handler_threw", {{"what", std::string(error.what())}});
    }
    Executor executor = self->socket_.get_executor();
    asio::post(executor, [self = std::move(self)] {
      self->work_done_ = true;
      self->notify();
    });
  };
  return pool.submit(std::move(job)).has_value();
}

Task<bool> Connection::run_on(WorkerPool& pool, std::function<void()> work) {
  if (!start_work(pool, std::move(work))) co_return false;
  while (!work_done_) co_await wait(kForever_ms);
  co_return true;
}

std::shared_ptr<ConnectionControl> open_connection(ServerShared& shared, asio::io_context& context, asio::ssl::context* tls, AcceptedSocket accepted,
                                                   std::function<void(const std::shared_ptr<ConnectionControl>&)> on_end) {
  Socket socket(context.get_executor());
  error_code error;
  socket.assign(accepted.is_ipv6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), accepted.descriptor, error);
  if (error) {
    ::close(accepted.descriptor);
    return nullptr;
  }
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  auto connection = std::make_shared<Connection>(shared, std::move(socket), tls, std::move(accepted.remote_address));
  asio::co_spawn(
      context.get_executor(), [connection] { return connection->run(); },
      [connection, on_end = std::move(on_end)](const std::exception_ptr& failed) {
        // Nothing in run() throws but memory that has run out, and then handlers may still refer to its frames.
        CHECK(failed == nullptr);
        on_end(connection);
      });
  return connection;
}

}  // namespace sekisho::http
