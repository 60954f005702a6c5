#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "store/disk.h"

namespace sekisho::proof {

/// A disk that loses power: after so many calls every further one fails, and what was not synced is gone, in whole or in part,
/// as a journaling file system leaves it. Files outside of what is opened through it are not touched. Threads: safe from any.
class LossyDisk final : public store::Disk {
 public:
  /// A disk that lies says that it synced and has not: with it, a proof must find losses, or it finds none with any.
  enum class Honesty { kHonest, kLying };
  /// The power goes in the middle of call number `crash_at` (from 1).
  LossyDisk(std::int64_t crash_at, std::uint64_t seed, Honesty honesty = Honesty::kHonest);

  int open(const std::filesystem::path& path, int flags, mode_t mode) override;
  ssize_t write(int fd, const void* bytes, std::size_t size) override;
  int fdatasync(int fd) override;
  int fsync(int fd) override;
  int ftruncate(int fd, off_t size) override;
  int rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  int unlink(const std::filesystem::path& path) override;

  [[nodiscard]] bool crashed() const { return crashed_; }
  /// Leaves the folder as the next start finds it. Call once all who use the disk are gone.
  void lose_what_was_not_synced();

 private:
  struct File {
    std::string durable;        ///< What is surely there.
    bool name_durable = true;   ///< Whether the folder surely names it.
  };
  /// A change of names that the folder may not know yet.
  struct NameChange {
    std::filesystem::path from, to;  ///< `to` empty: removed.
    File from_was;
    std::string to_was;
    bool to_existed = false;
  };

  bool power_goes();
  std::filesystem::path path_of(int fd) const;
  int synced(int fd, int result);
  std::string survivor(const std::string& durable, const std::string& now);

  std::mutex mutex_;
  std::int64_t left_;
  const Honesty honesty_;
  bool crashed_ = false;
  std::mt19937_64 random_;
  std::map<std::filesystem::path, File> files_;
  std::vector<NameChange> changes_;
};

}  // namespace sekisho::proof
