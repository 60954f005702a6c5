#include "crypto/secret.h"

#include <cstring>
#include <utility>

#include <sodium.h>

namespace sekisho::crypto {

SecretBytes SecretBytes::take(std::string&& text) {
  SecretBytes secret(text.size());
  if (!text.empty()) std::memcpy(secret.data(), text.data(), text.size());
  sodium_memzero(text.data(), text.size());
  text.clear();
  return secret;
}

SecretBytes::~SecretBytes() { wipe(); }

SecretBytes::SecretBytes(SecretBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::exchange(other.bytes_, {});
  }
  return *this;
}

std::string_view SecretBytes::reveal() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

void SecretBytes::wipe() noexcept {
  if (!bytes_.empty()) sodium_memzero(bytes_.data(), bytes_.size());
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace sekisho::crypto
