#include "store/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>

#include "base/file_descriptor.h"

namespace sekisho::store {

int Disk::open(const std::filesystem::path& path, int flags, mode_t mode) { return ::open(path.c_str(), flags, mode); }
ssize_t Disk::write(int fd, const void* bytes, std::size_t size) { return ::write(fd, bytes, size); }
int Disk::fdatasync(int fd) { return ::fdatasync(fd); }
int Disk::fsync(int fd) { return ::fsync(fd); }
int Disk::ftruncate(int fd, off_t size) { return ::ftruncate(fd, size); }
int Disk::rename(const std::filesystem::path& from, const std::filesystem::path& to) { return ::rename(from.c_str(), to.c_str()); }
int Disk::unlink(const std::filesystem::path& path) { return ::unlink(path.c_str()); }

Disk& Disk::real() {
  static Disk disk;
  return disk;
}

bool write_all(Disk& disk, int fd, const void* bytes, std::size_t size) {
  const char* at = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t written = disk.write(fd, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    at += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

bool sync_folder(Disk& disk, const std::filesystem::path& folder) {
  const FileDescriptor open(disk.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
  return open.valid() && disk.fsync(open.get()) == 0;
}

}  // namespace sekisho::store
