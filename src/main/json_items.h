#pragma once

#include <string_view>

#include "base/json.h"

namespace sekisho::main {

/// The list under `key` of what a server told; empty where there is none.
[[nodiscard]] const Json::Array& items_of(const Json& json, std::string_view key);

}  // namespace sekisho::main
