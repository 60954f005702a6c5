#include "store/disk_error.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace sekisho::store {

Error disk_error(std::string_view what, int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT;
  return {ErrorCode::kUnavailable, fmt::format("{}: {}", what, full ? kDiskIsFull : std::string_view(std::strerror(error_number)))};
}

}  // namespace sekisho::store
