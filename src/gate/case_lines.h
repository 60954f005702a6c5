#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"

namespace sekisho::gate {

/// Without the blanks around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Hands over the lines 「名前: 値」 of a .case file, both trimmed, until `take` refuses one; empty lines and those that begin with #
/// are passed over. Errors: kInvalid, in Japanese, with the line's number.
[[nodiscard]] Result<void> for_each_case_line(std::string_view text,
                                              const std::function<Result<void>(int number, std::string_view name, std::string_view value)>& take);

}  // namespace sekisho::gate
