#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "http/event_parser.h"
#include "http/headers.h"
#include "http/request.h"

namespace sekisho::http {

/// Where a server is: "http://127.0.0.1:8080", "https://sekisho.example.lg.jp", "http://[::1]:8080".
struct ServerUrl {
  bool tls = false;
  std::string host;  ///< A name, or a numeric address without brackets.
  std::uint16_t port = 0;

  /// Whether no byte leaves this machine: localhost, 127.0.0.0/8, ::1.
  [[nodiscard]] bool is_loopback() const;
  /// "127.0.0.1:8080", as the Host line has it.
  [[nodiscard]] std::string authority() const;
};
/// Errors: kInvalid for another scheme, a missing host, a port out of range, or anything after the host but one '/'.
[[nodiscard]] Result<ServerUrl> parse_server_url(std::string_view text);

/// Percent-encodes one value of a query or one segment of a path (RFC 3986 §2.3: all but unreserved characters).
[[nodiscard]] std::string percent_encode(std::string_view text);

struct ClientOptions {
  ServerUrl server;
  /// PEM file of the certificates that a server's is checked against, instead of the system's.
  std::string ca_file;
  Headers headers;  ///< Sent with each request: Authorization.
  std::int64_t connect_timeout_ms = 10'000;  ///< TLS included.
  std::int64_t silence_timeout_ms = 60'000;  ///< Without a byte either way.
};

/// Told how much of an upload has left: bytes done, bytes in all.
using UploadProgress = std::function<void(std::uint64_t, std::uint64_t)>;

/// The events of one answer, as they come. Owns its connection. Threads: one at a time.
class EventReader {
 public:
  EventReader(EventReader&&) noexcept;
  EventReader& operator=(EventReader&&) noexcept;
  ~EventReader();

  /// Waits for the next event; nothing where the server ended the stream.
  /// Errors: kUnavailable (the connection broke off, or was silent for too long), kCorrupt, kTooLarge.
  [[nodiscard]] Result<std::optional<ReceivedEvent>> next();

 private:
  friend class Client;
  struct Parts;
  explicit EventReader(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// A blocking HTTP/1.1 client for one server, with certificates checked. A connection is kept between requests.
///
/// Errors of every request: what the server says ({"error":{"code","detail","trace_id"}}) under its code, with the trace id
/// in the detail; kUnavailable (nobody there, no TLS with a certificate that holds, the connection broke off), kTimeout (no byte
/// for silence_timeout_ms), kCorrupt (no HTTP, no JSON), kTooLarge (an answer beyond limits::kClientResponseBytes).
///
/// Threads: one at a time.
class Client {
 public:
  /// Errors: kInvalid (a header that is none), kUnavailable (certificates that cannot be read). Does not connect yet.
  [[nodiscard]] static Result<Client> create(ClientOptions options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  /// `target` begins with '/' and is encoded. An empty answer (204) is null.
  [[nodiscard]] Result<Json> request(Method method, std::string_view target, const Json* body = nullptr);

  /// POSTs a file as application/octet-stream, read while it is sent, once the server has said that it takes it.
  /// Errors beside: kDenied (no such file), kInvalid (not a file), kConflict (it shrank while it was read).
  [[nodiscard]] Result<Json> upload(std::string_view target, const std::filesystem::path& file, const UploadProgress& progress);

  /// Asks for a text/event-stream. Errors: as above; kCorrupt where the server answers something else.
  [[nodiscard]] Result<EventReader> events(Method method, std::string_view target, const Json* body = nullptr);

 private:
  struct Parts;
  explicit Client(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sekisho::http
