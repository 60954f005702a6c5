#pragma once

#include <filesystem>

#include "base/json.h"

namespace sekisho::main {

/// What the data folder takes on the disk: database, blobs, audit, backup, and what is free and whole, in bytes.
[[nodiscard]] Json storage_json(const std::filesystem::path& folder);

}  // namespace sekisho::main
