#include "crypto/random.h"

#include <sodium.h>

#include "crypto/ready.h"

namespace sekisho::crypto {

SecretBytes random_bytes(std::size_t size) {
  make_ready();
  SecretBytes bytes(size);
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

std::string random_token(std::size_t bytes) {
  const SecretBytes raw = random_bytes(bytes);
  std::string text(sodium_base64_encoded_len(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), raw.data(), raw.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // The terminating zero byte.
  return text;
}

}  // namespace sekisho::crypto
