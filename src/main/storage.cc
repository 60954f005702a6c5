#include "main/storage.h"

#include <cstdint>
#include <system_error>

namespace sekisho::main {
namespace {

namespace fs = std::filesystem;

/// The bytes of a file, or of everything under a folder; what vanishes meanwhile counts nothing.
std::int64_t bytes_of(const fs::path& path) {
  std::error_code ec;
  if (fs::is_regular_file(path, ec)) return static_cast<std::int64_t>(fs::file_size(path, ec));
  std::int64_t sum = 0;
  fs::recursive_directory_iterator end;
  for (fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, ec); !ec && at != end; at.increment(ec)) {
    std::error_code gone;
    if (!at->is_regular_file(gone)) continue;
    const std::uintmax_t size = at->file_size(gone);
    if (!gone) sum += static_cast<std::int64_t>(size);
  }
  return sum;
}

}  // namespace

Json storage_json(const fs::path& folder) {
  std::error_code ec;
  const fs::space_info room = fs::space(folder, ec);
  return Json::object({{"database_bytes", bytes_of(folder / "sekisho.db") + bytes_of(folder / "sekisho.db-wal")},
                       {"blobs_bytes", bytes_of(folder / "blobs")},
                       {"audit_bytes", bytes_of(folder / "audit")},
                       {"backup_bytes", bytes_of(folder / "backup")},
                       {"free_bytes", ec ? 0 : room.available},
                       {"disk_bytes", ec ? 0 : room.capacity}});
}

}  // namespace sekisho::main
