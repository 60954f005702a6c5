#pragma once

#include <string>

#include "base/result.h"
#include "main/outcome.h"

namespace sekisho::main {

/// Why a command that talks to a server cannot go on: words for the person, the code for a program.
struct Trouble {
  ErrorCode code = ErrorCode::kInternal;
  std::string words;  ///< Japanese.
  int exit = kExitFailed;
};
template <typename T>
using Try = tl::expected<T, Trouble>;

/// `return trouble(answer.error());`
[[nodiscard]] tl::unexpected<Trouble> trouble(const Error& error);
[[nodiscard]] inline tl::unexpected<Trouble> trouble(Trouble value) { return tl::unexpected<Trouble>(std::move(value)); }
/// What the person typed cannot be meant.
[[nodiscard]] tl::unexpected<Trouble> wrong_use(std::string words);

/// What a program reads: {"error":{"code","message"}}, one line.
[[nodiscard]] std::string trouble_json(const Trouble& value);
/// Says it on standard error, or as JSON on standard output; returns the exit code.
[[nodiscard]] int give_up(const Trouble& value, bool json);

}  // namespace sekisho::main
