#include "lossy_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>

namespace sekisho::proof {
namespace fs = std::filesystem;
namespace {

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void put(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  ::chmod(path.c_str(), 0600);
}

bool there(const fs::path& path) { return ::access(path.c_str(), F_OK) == 0; }

int power_is_off() {
  errno = EIO;
  return -1;
}

}  // namespace

LossyDisk::LossyDisk(std::int64_t crash_at, std::uint64_t seed, Honesty honesty) : left_(crash_at), honesty_(honesty), random_(seed) {}

/// Whether the power goes in this call, or went before.
bool LossyDisk::power_goes() {
  if (!crashed_ && --left_ <= 0) crashed_ = true;
  return crashed_;
}

fs::path LossyDisk::path_of(int fd) const { return fs::read_symlink("/proc/self/fd/" + std::to_string(fd)); }

int LossyDisk::open(const fs::path& path, int flags, mode_t mode) {
  const std::lock_guard lock(mutex_);
  if (crashed_) return power_is_off();
  const bool existed = there(path);
  const bool creates = (flags & O_CREAT) != 0 && !existed;
  if (creates && power_goes()) return power_is_off();
  const std::string before = existed && (flags & O_DIRECTORY) == 0 ? content_of(path) : "";
  const int fd = Disk::open(path, flags, mode);
  if (fd >= 0 && (flags & O_DIRECTORY) == 0) files_.try_emplace(path_of(fd), File{before, !creates});
  return fd;
}

ssize_t LossyDisk::write(int fd, const void* bytes, std::size_t size) {
  const std::lock_guard lock(mutex_);
  const bool was_off = crashed_;
  if (!power_goes()) return Disk::write(fd, bytes, size);
  if (!was_off) static_cast<void>(Disk::write(fd, bytes, random_() % (size + 1)));
  return power_is_off();
}

int LossyDisk::synced(int fd, int result) {
  struct stat status {};
  if (result != 0 || honesty_ == Honesty::kLying || ::fstat(fd, &status) != 0) return result;
  const fs::path path = path_of(fd);
  if (!S_ISDIR(status.st_mode)) {
    files_[path].durable = content_of(path);
    return result;
  }
  for (auto& [name, file] : files_) {
    if (name.parent_path() == path) file.name_durable = true;
  }
  std::erase_if(changes_, [&](const NameChange& change) { return change.from.parent_path() == path; });
  return result;
}

int LossyDisk::fdatasync(int fd) {
  const std::lock_guard lock(mutex_);
  return power_goes() ? power_is_off() : synced(fd, Disk::fdatasync(fd));
}

int LossyDisk::fsync(int fd) {
  const std::lock_guard lock(mutex_);
  return power_goes() ? power_is_off() : synced(fd, Disk::fsync(fd));
}

int LossyDisk::ftruncate(int fd, off_t size) {
  const std::lock_guard lock(mutex_);
  return power_goes() ? power_is_off() : Disk::ftruncate(fd, size);
}

int LossyDisk::rename(const fs::path& from, const fs::path& to) {
  const std::lock_guard lock(mutex_);
  if (power_goes()) return power_is_off();
  const fs::path canonical_from = fs::canonical(from);
  const fs::path canonical_to = canonical_from.parent_path() / to.filename();
  files_.try_emplace(canonical_from, File{content_of(canonical_from), true});
  NameChange change{canonical_from, canonical_to, files_[canonical_from], there(to) ? content_of(to) : "", there(to)};
  if (files_.contains(canonical_to)) change.to_was = files_[canonical_to].durable;
  const int result = Disk::rename(from, to);
  if (result != 0) return result;
  files_[canonical_to] = files_[canonical_from];
  files_.erase(canonical_from);
  changes_.push_back(std::move(change));
  return result;
}

int LossyDisk::unlink(const fs::path& path) {
  const std::lock_guard lock(mutex_);
  if (!there(path)) return Disk::unlink(path);
  if (power_goes()) return power_is_off();
  const fs::path name = fs::canonical(path);
  NameChange change{name, {}, files_.contains(name) ? files_[name] : File{content_of(path), true}, "", false};
  const int result = Disk::unlink(path);
  files_.erase(name);
  changes_.push_back(std::move(change));
  return result;
}

/// What is left of a file: all that was synced; of what came after, the beginning, and its last part perhaps as rubbish.
std::string LossyDisk::survivor(const std::string& durable, const std::string& now) {
  if (now.size() < durable.size() || now.compare(0, durable.size(), durable) != 0) return random_() % 2 == 0 ? durable : now;
  const std::size_t unsynced = now.size() - durable.size();
  std::string left = now.substr(0, durable.size() + random_() % (unsynced + 1));
  const std::size_t kept = left.size() - durable.size();
  if (kept > 0 && random_() % 3 == 0) {
    const std::size_t rubbish = random_() % kept + 1;
    for (std::size_t i = left.size() - rubbish; i < left.size(); ++i) left[i] = random_() % 2 == 0 ? '\0' : static_cast<char>(random_());
  }
  return left;
}

void LossyDisk::lose_what_was_not_synced() {
  for (const auto& [path, file] : files_) {
    if (!there(path)) continue;
    if (!file.name_durable && random_() % 2 == 0) {
      ::unlink(path.c_str());
    } else {
      put(path, survivor(file.durable, content_of(path)));
    }
  }
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
    if (random_() % 2 == 0) continue;  // The journal had it already.
    put(change->from, change->from_was.durable);
    if (change->to.empty()) continue;
    if (change->to_existed) {
      put(change->to, change->to_was);
    } else {
      ::unlink(change->to.c_str());
    }
  }
}

}  // namespace sekisho::proof
