#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sekisho::main {

/// One question of an office's own with what is right about it.
struct EvalRecord {
  std::size_t line = 0;  ///< In the file, from 1.
  std::string question;
  std::vector<std::string> answers;   ///< Any of them is right; none: the documents do not answer it.
  std::vector<std::string> relevant;  ///< File names or passage ids.
};

/// What each record must have beside its question.
enum class EvalNeeds { kRelevant, kAnswers };

/// Reads JSON lines: {"question":…,"answers":[…],"relevant":[…]}. Blank lines and other members are passed over.
/// Errors: kInvalid with the line, for the first line that is wrong, and for a file without any record.
[[nodiscard]] Result<std::vector<EvalRecord>> parse_records(std::string_view text, EvalNeeds needs);

/// The same for a file, at most `limit` records (0: all). Errors: kDenied (no such file), kInvalid, kTooLarge.
[[nodiscard]] Result<std::vector<EvalRecord>> read_records(const std::string& file, EvalNeeds needs, std::size_t limit);

}  // namespace sekisho::main
