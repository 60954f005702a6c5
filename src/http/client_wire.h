#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/client.h"

namespace sekisho::http {

/// One connection to a server, plain or TLS, as blocking bytes with a limit on silence. Threads: one at a time.
class Wire {
 public:
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// At least one byte, or 0 at the end. Errors: kTimeout, kUnavailable.
  [[nodiscard]] Result<std::size_t> read(std::span<char> into);
  /// All of it. Errors: kTimeout, kUnavailable.
  [[nodiscard]] Result<void> write(std::string_view bytes);
  /// Whether the server has closed, or sent something that nobody asked for, since the last answer.
  [[nodiscard]] bool is_stale() const;

 private:
  friend class Dialer;
  struct Parts;
  explicit Wire(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// Makes connections to one server; reads the certificates once. Must outlive its wires.
class Dialer {
 public:
  /// Errors: kUnavailable (certificates that cannot be read).
  [[nodiscard]] static Result<std::unique_ptr<Dialer>> create(const ClientOptions& options);
  ~Dialer();
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  /// Tries each address of the host. Errors: kUnavailable with the reason, a certificate's included.
  [[nodiscard]] Result<std::unique_ptr<Wire>> connect();

 private:
  struct Parts;
  explicit Dialer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sekisho::http
