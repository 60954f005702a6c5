#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "http/connection.h"
#include "http/exchange.h"
#include "http/server.h"

namespace sekisho::http {

/// One network thread and the connections that it serves.
///
/// Threads: adopt, drain and break_off from any. The destructor joins; by then every connection must have been reported
/// closed and the pools be gone.
class NetworkLoop {
 public:
  /// Errors: kInvalid (the certificate or the key cannot be used).
  [[nodiscard]] static Result<std::unique_ptr<NetworkLoop>> create(ServerShared& shared, const std::optional<TlsFiles>& tls);
  ~NetworkLoop();
  NetworkLoop(const NetworkLoop&) = delete;
  NetworkLoop& operator=(const NetworkLoop&) = delete;

  void adopt(AcceptedSocket accepted);
  /// Closes idle connections now and the others after their current answer.
  void drain();
  /// Closes all connections; those whose handler still runs when it returns.
  void break_off();

 private:
  struct Parts;
  explicit NetworkLoop(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sekisho::http
