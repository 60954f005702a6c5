#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret.h"

namespace sekisho::crypto {

/// One key of XChaCha20-Poly1305 (32 bytes). Threads: safe from any once made.
class SealKey {
 public:
  [[nodiscard]] static SealKey random();
  /// Errors: kInvalid where `bytes` are not 32.
  [[nodiscard]] static Result<SealKey> from_bytes(SecretBytes bytes);

  /// Encrypts and authenticates. The result is 40 bytes longer: random nonce (24), ciphertext, tag (16).
  /// `context` is authenticated, not stored: opening needs the same (say, the table and row that hold it).
  [[nodiscard]] std::string seal(std::string_view plain, std::string_view context) const;
  /// Errors: kCorrupt for another key, another context or any changed byte.
  [[nodiscard]] Result<SecretBytes> open(std::string_view sealed, std::string_view context) const;

  /// The 32 bytes, for keeping them in a key file.
  [[nodiscard]] const SecretBytes& bytes() const { return bytes_; }

 private:
  explicit SealKey(SecretBytes bytes) : bytes_(std::move(bytes)) {}
  SecretBytes bytes_;
};

}  // namespace sekisho::crypto
