#include "crypto/seal.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/random.h"
#include "crypto/ready.h"

namespace sekisho::crypto {
namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace

SealKey SealKey::random() { return SealKey(random_bytes(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)); }

Result<SealKey> SealKey::from_bytes(SecretBytes bytes) {
  if (bytes.size() != crypto_aead_xchacha20poly1305_ietf_KEYBYTES) return fail(ErrorCode::kInvalid, "a sealing key has 32 bytes");
  return SealKey(std::move(bytes));
}

std::string SealKey::seal(std::string_view plain, std::string_view context) const {
  make_ready();
  std::string sealed(kNonce + plain.size() + kTag, '\0');
  randombytes_buf(sealed.data(), kNonce);
  unsigned long long written = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw(sealed) + kNonce, &written, raw(plain), plain.size(), raw(context), context.size(), nullptr,
                                             raw(sealed), bytes_.data());
  CHECK(written == plain.size() + kTag);
  return sealed;
}

Result<SecretBytes> SealKey::open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < kNonce + kTag) return fail(ErrorCode::kCorrupt, "sealed bytes are too short");
  SecretBytes plain(sealed.size() - kNonce - kTag);
  const int refused = crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, raw(sealed) + kNonce, sealed.size() - kNonce,
                                                                 raw(context), context.size(), raw(sealed), bytes_.data());
  if (refused != 0) return fail(ErrorCode::kCorrupt, "sealed bytes do not open with this key and context");
  return plain;
}

}  // namespace sekisho::crypto
