#pragma once

#include <string>
#include <string_view>

#include "base/id.h"

namespace sekisho::gate {

/// Before the id of a person in the name of the group that they alone are in. No office's group may begin so.
inline constexpr std::string_view kPersonalPrefix = "user:";

/// The group of one person: a label with it as a reader set admits them and nobody else. It is nowhere stored; may_read() knows it.
[[nodiscard]] inline std::string personal_group(const UserId& user) { return std::string(kPersonalPrefix) + user.text(); }

}  // namespace sekisho::gate
