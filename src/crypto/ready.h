#pragma once

namespace sekisho::crypto {

/// Makes libsodium ready (random source, CPU features), once; ends the process where the system has no randomness.
/// Called by crypto's own functions. Threads: safe from any.
void make_ready();

}  // namespace sekisho::crypto
