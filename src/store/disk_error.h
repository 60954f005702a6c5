#pragma once

#include <string_view>

#include "base/result.h"

namespace sekisho::store {

/// What the detail of an error holds where a full disk is the reason, wherever it comes from (a blob, the database, the
/// audit log): whoever explains it to a person looks for these words.
inline constexpr std::string_view kDiskIsFull = "the disk is full";

/// kUnavailable: `what` failed ("blobs: cannot write") with errno `error_number`.
[[nodiscard]] Error disk_error(std::string_view what, int error_number);

}  // namespace sekisho::store
