#pragma once

#include <cstddef>
#include <string>

#include "crypto/secret.h"

namespace sekisho::crypto {

/// Bytes from the system's generator (getrandom). Threads: safe from any.
[[nodiscard]] SecretBytes random_bytes(std::size_t size);

/// `bytes` random bytes in URL-safe base 64 without padding: 32 bytes make 43 characters.
[[nodiscard]] std::string random_token(std::size_t bytes = 32);

}  // namespace sekisho::crypto
