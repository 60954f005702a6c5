#include "crypto/sign.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/random.h"

namespace sekisho::crypto {
namespace {

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace

SigningKey::SigningKey(SecretBytes seed, SecretBytes secret, std::string public_key)
    : seed_(std::move(seed)), secret_(std::move(secret)), public_key_(std::move(public_key)) {}

SigningKey SigningKey::random() {
  Result<SigningKey> key = from_seed(random_bytes(crypto_sign_SEEDBYTES));
  CHECK(key.has_value());
  return std::move(*key);
}

Result<SigningKey> SigningKey::from_seed(SecretBytes seed) {
  if (seed.size() != crypto_sign_SEEDBYTES) return fail(ErrorCode::kInvalid, "the seed of a signing key has 32 bytes");
  SecretBytes secret(crypto_sign_SECRETKEYBYTES);
  std::string public_key(crypto_sign_PUBLICKEYBYTES, '\0');
  crypto_sign_seed_keypair(raw(public_key), secret.data(), seed.data());
  return SigningKey(std::move(seed), std::move(secret), std::move(public_key));
}

std::string SigningKey::sign(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(raw(signature), nullptr, raw(message), message.size(), secret_.data());
  return signature;
}

bool verify_signature(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != crypto_sign_PUBLICKEYBYTES || signature.size() != crypto_sign_BYTES) return false;
  return crypto_sign_verify_detached(raw(signature), raw(message), message.size(), raw(public_key)) == 0;
}

}  // namespace sekisho::crypto
