#pragma once

#include <string>

#include "base/result.h"

namespace sekisho::main {

/// What a command has to say. Exit codes: 0 done, 1 failed, 2 wrong use.
struct Outcome {
  int exit = 0;
  std::string out;  ///< For standard output.
  std::string err;  ///< For standard error, in Japanese.
};

inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

/// What went wrong in words for a person at a terminal, with the English detail in brackets.
[[nodiscard]] std::string in_japanese(const Error& error);
[[nodiscard]] Outcome failed(const Error& error);

}  // namespace sekisho::main
