#pragma once

namespace sekisho {

/// Logs `expression` with its place and ends the process. Called by CHECK only.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace sekisho

/// States what our own code guarantees; a violation is our bug and ends the process. Always compiled in.
/// What the outside can cause is a `Result`, never a CHECK.
#define CHECK(condition) ((condition) ? static_cast<void>(0) : ::sekisho::check_failed(#condition, __FILE__, __LINE__))
