#pragma once

#include <cstddef>
#include <span>
#include <string_view>

/// Attempts to leave the seal, each a row of a table: run by every worker at each start (probe_escape in sandbox.h) and
/// one by one by the tests. All are harmless where they succeed: nothing is left behind, and nobody else is disturbed.
namespace sekisho::process {

/// What the kernel said to one attempt.
struct Attempt {
  bool escaped = false;  ///< It worked, or was refused for its arguments only, past the check of who may.
  int error = 0;         ///< errno, 0 where it worked.
};

struct EscapeProbe {
  std::string_view name;  ///< Stable, snake_case, with its family: "network.connect_tcp4".
  Attempt (*attempt)();
  bool required = true;  ///< False: a weakness that is known and shown where the mount namespace is missing (decision 0004).
};

/// Probes that have their own function.
[[nodiscard]] std::span<const EscapeProbe> special_probes();

/// A system call that a worker has no business with, with arguments that fail harmlessly once it is let in.
struct CallProbe {
  std::string_view name;
  long number;
  long arguments[6];
};
[[nodiscard]] std::span<const CallProbe> call_probes();
[[nodiscard]] Attempt attempt(const CallProbe& probe);

/// A listener at this abstract address (without the leading zero byte) makes "network.connect_abstract" real.
inline constexpr std::string_view kAbstractAddress = "sekisho-escape-probe";

}  // namespace sekisho::process
