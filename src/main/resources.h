#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sekisho::main {

/// The folder of the running program.
[[nodiscard]] std::filesystem::path program_folder();

/// A file or folder that ships with the program ("policies/ministry.toml", "web/dist", "models/catalog.toml"): beside an
/// installed program (../share/sekisho), or in the source tree that it was built in.
/// Errors: kUnavailable, with the places looked at.
[[nodiscard]] Result<std::filesystem::path> find_resource(std::string_view name);

/// A program that ships with ours ("sekisho-model"), in the same folder. Errors: kUnavailable.
[[nodiscard]] Result<std::filesystem::path> find_program(std::string_view name);

}  // namespace sekisho::main
