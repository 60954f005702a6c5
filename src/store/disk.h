#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>

namespace sekisho::store {

/// The system calls that durability hangs on, so that a test can lose what was not synced (tests/proof/lossy_disk.h).
/// Each is the call of its name: the same results, the same errno. Threads: safe from any.
class Disk {
 public:
  virtual ~Disk() = default;
  [[nodiscard]] virtual int open(const std::filesystem::path& path, int flags, mode_t mode);
  [[nodiscard]] virtual ssize_t write(int fd, const void* bytes, std::size_t size);
  [[nodiscard]] virtual int fdatasync(int fd);
  [[nodiscard]] virtual int fsync(int fd);
  [[nodiscard]] virtual int ftruncate(int fd, off_t size);
  [[nodiscard]] virtual int rename(const std::filesystem::path& from, const std::filesystem::path& to);
  [[nodiscard]] virtual int unlink(const std::filesystem::path& path);

  /// The machine's own.
  [[nodiscard]] static Disk& real();
};

/// Writes everything; false with errno where that fails.
[[nodiscard]] bool write_all(Disk& disk, int fd, const void* bytes, std::size_t size);
/// Makes names in a folder durable; false with errno where that fails.
[[nodiscard]] bool sync_folder(Disk& disk, const std::filesystem::path& folder);

}  // namespace sekisho::store
