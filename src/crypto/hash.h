#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sekisho::crypto {

/// The 32 bytes of a SHA-256 (FIPS 180-4). All zero when default-made.
struct Digest {
  std::array<unsigned char, 32> bytes{};
  auto operator<=>(const Digest&) const = default;

  /// 64 lower-case hexadecimal characters.
  [[nodiscard]] std::string hex() const;
  /// Errors: kInvalid where `hex` is not exactly what hex() writes.
  [[nodiscard]] static Result<Digest> from_hex(std::string_view hex);

  /// 52 characters A-Z and 2-7 (RFC 4648, base 32 without padding): short, read aloud without doubt, dense in a QR code.
  [[nodiscard]] std::string base32() const;
  /// Errors: kInvalid where `text` is not exactly what base32() writes.
  [[nodiscard]] static Result<Digest> from_base32(std::string_view text);
};

/// SHA-256 of data that arrives in pieces. Threads: one at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  /// The digest of all that was given. Ends this object's use: call once, last.
  [[nodiscard]] Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Digest sha256(std::string_view bytes);

/// SHA-256 of a whole file from its first byte; the descriptor's own position is not used or moved.
/// Blocks: reads everything. Errors: kUnavailable where reading fails.
[[nodiscard]] Result<Digest> sha256_of_file(int fd);

/// Two lower-case hexadecimal characters a byte.
[[nodiscard]] std::string to_hex(std::string_view bytes);
/// Errors: kInvalid for an odd length or a character outside 0-9a-f.
[[nodiscard]] Result<std::string> bytes_from_hex(std::string_view hex);

}  // namespace sekisho::crypto
