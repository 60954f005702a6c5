#include "crypto/password.h"

#include <array>
#include <semaphore>

#include <sodium.h>

#include "base/check.h"
#include "crypto/random.h"
#include "crypto/ready.h"

namespace sekisho::crypto {
namespace {

/// At most two evaluations at once in the process; see PasswordCheck.
std::counting_semaphore<2>& evaluations() {
  static std::counting_semaphore<2> slots(2);
  return slots;
}

class Slot {
 public:
  Slot() { evaluations().acquire(); }
  ~Slot() { evaluations().release(); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
};

}  // namespace

Result<std::string> hash_password(std::string_view password, PasswordCost cost) {
  make_ready();
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  const Slot slot;
  const int failed = crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), cost.passes, cost.memory_bytes,
                                           crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return fail(ErrorCode::kUnavailable, "no memory for hashing a password");
  return std::string(hash.data());
}

bool verify_password(std::string_view hash, std::string_view password) {
  make_ready();
  if (hash.size() >= crypto_pwhash_STRBYTES) return false;
  std::array<char, crypto_pwhash_STRBYTES> text{};
  hash.copy(text.data(), hash.size());
  const Slot slot;
  return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

PasswordCheck::PasswordCheck(PasswordCost cost) : cost_(cost) {
  Result<std::string> nobody = hash_password(random_token(), cost_);
  CHECK(nobody.has_value());
  nobody_ = std::move(*nobody);
}

bool PasswordCheck::matches(std::string_view hash, std::string_view password) const {
  const bool known = !hash.empty();
  const bool right = verify_password(known ? hash : std::string_view(nobody_), password);
  return known && right;
}

Result<std::string> PasswordCheck::hash(std::string_view password) const { return hash_password(password, cost_); }

}  // namespace sekisho::crypto
