#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sekisho::crypto {

/// What one Argon2id (RFC 9106) evaluation costs. The default takes about 0.1 s and 64 MiB.
struct PasswordCost {
  unsigned long long passes = 2;
  std::size_t memory_bytes = 64UL * 1024 * 1024;
  bool operator==(const PasswordCost&) const = default;
};

/// A self-describing hash ("$argon2id$…") with its own salt, fit for storing. Blocks as `cost` says.
/// Errors: kUnavailable where the memory is not to be had.
[[nodiscard]] Result<std::string> hash_password(std::string_view password, PasswordCost cost = {});

/// Whether `password` made `hash`. A malformed hash is simply false.
[[nodiscard]] bool verify_password(std::string_view hash, std::string_view password);

/// Checks passwords so that a name without an account takes the same time as one with.
///
/// Threads: safe from any; at most two evaluations run at once, so that a flood of sign-ins cannot take the memory.
class PasswordCheck {
 public:
  explicit PasswordCheck(PasswordCost cost = {});

  /// `hash`: what is stored, or empty where the name is unknown; then the same work is done and the answer is false.
  [[nodiscard]] bool matches(std::string_view hash, std::string_view password) const;
  [[nodiscard]] Result<std::string> hash(std::string_view password) const;

 private:
  PasswordCost cost_;
  std::string nobody_;  ///< The hash of a random password, checked in place of a missing one.
};

}  // namespace sekisho::crypto
