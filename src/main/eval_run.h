#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "main/eval_records.h"
#include "main/remote.h"

namespace sekisho::main {

struct EvalOptions : ClientFlags {
  std::vector<std::string> shelves;  ///< Names or ids.
  std::string file;
  std::string details_file;   ///< Empty: none; else one JSON line a question.
  bool resume = false;        ///< What the details file has is not asked again.
  std::size_t limit = 0;      ///< Questions; 0: all.
  std::size_t parallel = 1;   ///< Requests at once.
  double false_refusals = 0.05;
};

/// Asks one question; the JSON is what the details say of it. Called on several threads, each with its own server connection.
using AskOne = std::function<Try<Json>(Remote& remote, std::size_t index)>;

/// Takes back what `ask_one` said of a question in an earlier run. False where it cannot be used: the question is asked again.
using TakeBack = std::function<bool(std::size_t index, const Json& told)>;

/// Runs `ask_one` for the indices 0 … records.size() − 1, `parallel` at once, shows how far it is, and writes the details, a
/// line after each question: an evaluation that was cut off goes on with `options.resume`. The first trouble ends it.
[[nodiscard]] Try<void> run_each(const EvalOptions& options, const std::vector<EvalRecord>& records, const AskOne& ask_one,
                                 const TakeBack& take_back);

/// Repeats `request` while the server is too busy or asks for patience, for a few minutes at most.
[[nodiscard]] Result<void> patiently(const std::function<Result<void>()>& request);

[[nodiscard]] int eval_search(const EvalOptions& options);
[[nodiscard]] int eval_answer(const EvalOptions& options);
[[nodiscard]] int eval_calibrate(const EvalOptions& options);

}  // namespace sekisho::main
