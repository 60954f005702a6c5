#include "http/client_wire.h"

#include <poll.h>

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <fmt/format.h>

namespace sekisho::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;

bool is_numeric(const std::string& host) {
  error_code ec;
  asio::ip::make_address(host, ec);
  return !ec;
}

Result<std::unique_ptr<asio::ssl::context>> make_tls(const std::string& ca_file) try {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code ec;
  ca_file.empty() ? context->set_default_verify_paths(ec) : context->load_verify_file(ca_file, ec);
  if (ec) return fail(ErrorCode::kUnavailable, fmt::format("certificates {}: {}", ca_file.empty() ? "of the system" : ca_file, ec.message()));
  context->set_verify_mode(asio::ssl::verify_peer);
  if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1) return fail(ErrorCode::kInternal, "TLS 1.2 is not there");
  return context;
} catch (const std::exception& error) {
  return fail(ErrorCode::kUnavailable, std::string("TLS: ") + error.what());
}

}  // namespace

struct Wire::Parts {
  using Plain = beast::tcp_stream;
  using Tls = asio::ssl::stream<Plain>;

  explicit Parts(std::int64_t timeout) : silence_ms(timeout) {}

  Plain& tcp_layer() { return tls ? tls->next_layer() : *plain; }

  /// Runs one asynchronous operation to its end, at most `timeout_ms`. `start(stream, handler)`.
  template <typename Start>
  std::size_t run(std::int64_t timeout_ms, error_code& ec, Start start) {
    std::size_t bytes = 0;
    const auto handler = [&ec, &bytes](error_code result, std::size_t count) {
      ec = result;
      bytes = count;
    };
    tcp_layer().expires_after(std::chrono::milliseconds(timeout_ms));
    tls ? start(*tls, handler) : start(*plain, handler);
    io.restart();
    io.run();
    return bytes;
  }

  asio::io_context io{1};
  std::int64_t silence_ms;
  std::optional<Plain> plain;
  std::optional<Tls> tls;
};

struct Dialer::Parts {
  ClientOptions options;
  std::unique_ptr<asio::ssl::context> tls;

  Error cannot(std::string_view why) const { return {ErrorCode::kUnavailable, fmt::format("{}: {}", options.server.authority(), why)}; }
  Result<void> connect_tcp(Wire::Parts& wire) const;
  Result<void> shake_hands(Wire::Parts& wire) const;
};

Wire::Wire(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Wire::~Wire() = default;

Result<std::size_t> Wire::read(std::span<char> into) {
  error_code ec;
  const std::size_t count = parts_->run(parts_->silence_ms, ec, [&](auto& stream, auto handler) {
    stream.async_read_some(asio::buffer(into.data(), into.size()), handler);
  });
  if (ec == asio::error::eof || ec == asio::ssl::error::stream_truncated) return 0;
  if (ec == beast::error::timeout) return fail(ErrorCode::kTimeout, "the server is silent");
  if (ec) return fail(ErrorCode::kUnavailable, "the connection broke off: " + ec.message());
  return count;
}

Result<void> Wire::write(std::string_view bytes) {
  while (!bytes.empty()) {
    error_code ec;
    const std::size_t count = parts_->run(parts_->silence_ms, ec, [&](auto& stream, auto handler) {
      stream.async_write_some(asio::buffer(bytes.data(), bytes.size()), handler);
    });
    if (ec == beast::error::timeout) return fail(ErrorCode::kTimeout, "the server takes nothing");
    if (ec) return fail(ErrorCode::kUnavailable, "the connection broke off: " + ec.message());
    bytes.remove_prefix(count);
  }
  return {};
}

bool Wire::is_stale() const {
  pollfd socket{parts_->tcp_layer().socket().native_handle(), POLLIN, 0};
  return ::poll(&socket, 1, 0) != 0;
}

Dialer::Dialer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Dialer::~Dialer() = default;

Result<std::unique_ptr<Dialer>> Dialer::create(const ClientOptions& options) {
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  if (options.server.tls) {
    auto tls = make_tls(options.ca_file);
    if (!tls) return fail(tls.error());
    parts->tls = *std::move(tls);
  }
  return std::unique_ptr<Dialer>(new Dialer(std::move(parts)));
}

Result<void> Dialer::Parts::connect_tcp(Wire::Parts& wire) const {
  error_code ec;
  tcp::resolver resolver(wire.io);
  const auto addresses = resolver.resolve(options.server.host, std::to_string(options.server.port), tcp::resolver::numeric_service, ec);
  if (ec) return fail(cannot(ec.message()));
  tls ? static_cast<void>(wire.tls.emplace(wire.io, *tls)) : static_cast<void>(wire.plain.emplace(wire.io));
  beast::tcp_stream& stream = wire.tcp_layer();
  stream.expires_after(std::chrono::milliseconds(options.connect_timeout_ms));
  stream.async_connect(addresses, [&ec](error_code result, const tcp::endpoint&) { ec = result; });
  wire.io.restart();
  wire.io.run();
  if (ec) return fail(cannot(ec.message()));
  stream.socket().set_option(tcp::no_delay(true), ec);  // Only slower without.
  return {};
}

Result<void> Dialer::Parts::shake_hands(Wire::Parts& wire) const {
  const std::string& host = options.server.host;
  if (!is_numeric(host) && SSL_set_tlsext_host_name(wire.tls->native_handle(), host.c_str()) != 1) return fail(cannot("not a host name"));
  error_code ec;
  wire.tls->set_verify_callback(asio::ssl::host_name_verification(host), ec);
  if (ec) return fail(cannot(ec.message()));
  beast::tcp_stream& stream = wire.tcp_layer();
  stream.expires_after(std::chrono::milliseconds(options.connect_timeout_ms));
  wire.tls->async_handshake(asio::ssl::stream_base::client, [&ec](error_code result) { ec = result; });
  wire.io.restart();
  wire.io.run();
  if (!ec) return {};
  const long verdict = SSL_get_verify_result(wire.tls->native_handle());
  if (verdict != X509_V_OK) return fail(cannot(std::string("the certificate does not hold: ") + X509_verify_cert_error_string(verdict)));
  return fail(cannot("TLS: " + ec.message()));
}

Result<std::unique_ptr<Wire>> Dialer::connect() try {
  auto wire = std::make_unique<Wire::Parts>(parts_->options.silence_timeout_ms);
  if (auto connected = parts_->connect_tcp(*wire); !connected) return fail(connected.error());
  if (parts_->tls) {
    if (auto secured = parts_->shake_hands(*wire); !secured) return fail(secured.error());
  }
  return std::unique_ptr<Wire>(new Wire(std::move(wire)));
} catch (const std::exception& error) {
  return fail(parts_->cannot(error.what()));
}

}  // namespace sekisho::http
