#pragma once

#include <filesystem>

#include "base/result.h"

namespace sekisho::audit {

/// Copies to the end of the file `witness`, which only grows, the lines of the checkpoint file in `directory` that it lacks,
/// and syncs. A file that is not there is made. What a broken write left behind its last line is cut off.
/// Errors: kCorrupt (its last line is not in the checkpoint file: it witnessed another history), kUnavailable.
[[nodiscard]] Result<void> add_to_witness(const std::filesystem::path& directory, const std::filesystem::path& witness);

}  // namespace sekisho::audit
