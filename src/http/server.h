#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "http/pipeline.h"
#include "http/response.h"
#include "http/router.h"

namespace sekisho::http {

/// The server's limits; the defaults are base/limits.h, tests take smaller ones.
struct Limits {
  std::size_t header_bytes = limits::kHttpHeaderBytes;
  std::size_t connections = limits::kHttpConnections;
  std::size_t connections_per_address = limits::kHttpConnectionsPerAddress;
  std::size_t buffered_bytes = limits::kHttpBufferedBytes;  ///< Of all buffered bodies together.
  std::int64_t header_timeout_ms = limits::kHttpHeaderTimeout_ms;  ///< From the first byte to the end of the head; also the TLS handshake.
  std::int64_t idle_timeout_ms = limits::kHttpIdleTimeout_ms;  ///< Between requests.
  std::int64_t body_stall_ms = limits::kHttpBodyStall_ms;      ///< Without a byte of the body.
  std::size_t body_bytes_per_s_min = limits::kHttpBodyBytesPerSecond_min;  ///< On average, after the first body_stall_ms.
  std::int64_t write_stall_ms = limits::kHttpWriteStall_ms;    ///< Without the client taking a byte.
  std::int64_t stream_keep_alive_ms = limits::kHttpStreamKeepAlive_ms;
};

/// PEM files: the certificate with its chain, and its private key.
struct TlsFiles {
  std::string certificate_file;
  std::string key_file;
};

/// Makes the body of an answer that the server gives by itself (404, 413, …). `path` is empty where none was parsed.
using ErrorPage = std::function<Response(std::string_view path, int status, const Error& error)>;

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< Numeric, IPv4 or IPv6.
  std::uint16_t port = 0;             ///< 0: any free one; Server::port() tells.
  std::size_t network_threads = 2;
  std::size_t worker_threads = 4;     ///< For steps and handlers.
  std::size_t upload_threads = 4;     ///< For handlers of streamed bodies: so many uploads at once, others wait.
  std::size_t worker_queue = 1024;    ///< Beyond that: 503.
  Limits limits;
  std::optional<TlsFiles> tls;        ///< Without it only a loopback address is listened on.
  /// Host names that requests may name, without port; others get 421 (DNS rebinding). The loopback names and `address`
  /// are always in it.
  std::vector<std::string> allowed_hosts;
  ErrorPage error_page;               ///< Default: error_response().
};

/// An HTTP/1.1 server: a few network threads that never block, and worker threads that run steps and handlers.
///
/// Threads: safe from any, but stop() and the destructor from one only and never from a handler.
class Server {
 public:
  /// Listens and serves. Raises the process's limit of open files as far as it may.
  /// Errors: kInvalid (no such address; an address beyond loopback without TLS; a certificate or key that cannot be
  /// used), kConflict (the port is taken), kUnavailable (the machine refused).
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(ServerOptions options, Router router, Pipeline pipeline);
  ~Server();  ///< stop(0).
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;

  /// Accepts no more, closes idle connections, lets requests and event streams under way end for `deadline_ms`, then
  /// breaks them off (their streams are gone(), their uploads kCancelled) and returns when all handlers have.
  void stop(std::int64_t deadline_ms);

  struct Stats {
    std::size_t connections = 0;
    std::size_t streams = 0;
  };
  [[nodiscard]] Stats stats() const;

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sekisho::http
