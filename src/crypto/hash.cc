#include "crypto/hash.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include <sodium.h>

#include "base/check.h"

namespace sekisho::crypto {
namespace {

constexpr std::size_t kReadBytes = 1024 * 1024;

int value_of_hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

struct Sha256::State {
  crypto_hash_sha256_state sodium;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { crypto_hash_sha256_init(&state_->sodium); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
  CHECK(state_ != nullptr);
  crypto_hash_sha256_update(&state_->sodium, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

Digest Sha256::finish() {
  CHECK(state_ != nullptr);
  Digest digest;
  crypto_hash_sha256_final(&state_->sodium, digest.bytes.data());
  state_.reset();
  return digest;
}

Digest sha256(std::string_view bytes) {
  Digest digest;
  crypto_hash_sha256(digest.bytes.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return digest;
}

Result<Digest> sha256_of_file(int fd) {
  Sha256 hash;
  std::vector<char> buffer(kReadBytes);
  for (off_t offset = 0;;) {
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorCode::kUnavailable, std::string("cannot read the file: ") + std::strerror(errno));
    if (got == 0) return hash.finish();
    hash.update({buffer.data(), static_cast<std::size_t>(got)});
    offset += got;
  }
}

std::string to_hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    hex.push_back(kDigits[value >> 4]);
    hex.push_back(kDigits[value & 15]);
  }
  return hex;
}

Result<std::string> bytes_from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return fail(ErrorCode::kInvalid, "hexadecimal text of odd length");
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = value_of_hex(hex[i]);
    const int low = value_of_hex(hex[i + 1]);
    if (high < 0 || low < 0) return fail(ErrorCode::kInvalid, "not hexadecimal");
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string Digest::hex() const { return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()}); }

Result<Digest> Digest::from_hex(std::string_view hex) {
  Digest digest;
  if (hex.size() != digest.bytes.size() * 2) return fail(ErrorCode::kInvalid, "not a SHA-256 in hexadecimal");
  const Result<std::string> raw = bytes_from_hex(hex);
  if (!raw) return fail(raw.error());
  std::memcpy(digest.bytes.data(), raw->data(), raw->size());
  return digest;
}

std::string Digest::base32() const {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  unsigned waiting = 0;
  int bits = 0;
  for (const unsigned char byte : bytes) {
    waiting = (waiting << 8 | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text.push_back(kLetters[waiting >> (bits - 5) & 31]);
  }
  text.push_back(kLetters[waiting << (5 - bits) & 31]);
  return text;
}

Result<Digest> Digest::from_base32(std::string_view text) {
  Digest digest;
  unsigned waiting = 0;
  int bits = 0;
  std::size_t at = 0;
  for (const char c : text) {
    const int value = c >= 'A' && c <= 'Z' ? c - 'A' : c >= '2' && c <= '7' ? c - '2' + 26 : -1;
    if (value < 0) return fail(ErrorCode::kInvalid, "not base 32");
    waiting = (waiting << 5 | static_cast<unsigned>(value)) & 0xfff;
    bits += 5;
    if (bits >= 8 && at < digest.bytes.size()) {
      bits -= 8;
      digest.bytes[at++] = static_cast<unsigned char>(waiting >> bits);
    }
  }
  if (digest.base32() != text) return fail(ErrorCode::kInvalid, "not a SHA-256 in base 32");
  return digest;
}

}  // namespace sekisho::crypto
