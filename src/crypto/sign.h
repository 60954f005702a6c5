#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret.h"

namespace sekisho::crypto {

/// An Ed25519 key pair (RFC 8032). Threads: safe from any once made.
class SigningKey {
 public:
  [[nodiscard]] static SigningKey random();
  /// The pair that belongs to a 32-byte seed. Errors: kInvalid for another length.
  [[nodiscard]] static Result<SigningKey> from_seed(SecretBytes seed);

  /// 64 bytes.
  [[nodiscard]] std::string sign(std::string_view message) const;
  /// 32 bytes.
  [[nodiscard]] const std::string& public_key() const { return public_key_; }
  [[nodiscard]] const SecretBytes& seed() const { return seed_; }

 private:
  SigningKey(SecretBytes seed, SecretBytes secret, std::string public_key);
  SecretBytes seed_;
  SecretBytes secret_;
  std::string public_key_;
};

/// Whether `signature` is `public_key`'s over exactly `message`. Wrong lengths are simply false.
[[nodiscard]] bool verify_signature(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace sekisho::crypto
