#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/exchange.h"

namespace boost::asio {
class io_context;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace sekisho::http {

/// A socket as accept(2) gave it; whoever gets it owns it.
struct AcceptedSocket {
  int descriptor = -1;
  bool is_ipv6 = false;
  std::string remote_address;
};

/// A connection as its loop sees it. Threads: the loop's alone.
class ConnectionControl {
 public:
  virtual ~ConnectionControl() = default;
  /// Closes an idle connection now, another after its current answer.
  virtual void drain() = 0;
  /// Closes now; where a handler still runs, when it returns.
  virtual void break_off() = 0;
};

/// Serves the client on `context`'s thread, over TLS where `tls` is given, and calls `on_end` there, never within this call,
/// when all is over; nullptr, without a call, where the socket cannot be used. `shared`, `context` and `tls` must outlive it.
/// shared_ptr because handlers, producers and timers may each hold the connection last.
[[nodiscard]] std::shared_ptr<ConnectionControl> open_connection(ServerShared& shared, boost::asio::io_context& context,
                                                                 boost::asio::ssl::context* tls, AcceptedSocket accepted,
                                                                 std::function<void(const std::shared_ptr<ConnectionControl>&)> on_end);

}  // namespace sekisho::http
