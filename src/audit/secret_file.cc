#include "audit/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "base/file_descriptor.h"
#include "store/disk_error.h"

namespace sekisho::audit {
namespace {

constexpr std::size_t kFileBytes = 4096;

/// Why a file is no place for a secret; nothing where it is one. A secret that others may read is a secret no more.
std::optional<std::string> unfit(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return "is not a plain file";
  if (status.st_uid != ::geteuid()) return "belongs to another user";
  if ((status.st_mode & 077U) == 0) return std::nullopt;
  return fmt::format("may be read by others (mode {:03o}): chmod 600 if nobody has, else replace it", status.st_mode & 0777U);
}

}  // namespace

SecretFolder::SecretFolder(std::filesystem::path folder, store::Disk& disk, std::string what)
    : folder_(std::move(folder)), disk_(disk), what_(std::move(what)) {}

Error SecretFolder::error(const std::filesystem::path& path, const char* what) const {
  const int number = errno;
  return store::disk_error(fmt::format("{}: cannot {} {}", what_, what, path.string()), number);
}

Result<std::optional<crypto::SecretBytes>> SecretFolder::read(std::string_view name) const {
  const std::filesystem::path path = folder_ / name;
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) return std::nullopt;
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) return fail(error(path, "open"));
  if (const auto why = unfit(status)) return fail(ErrorCode::kUnavailable, fmt::format("{} {} {}", what_, path.string(), *why));
  std::string text(kFileBytes, '\0');
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  if (got < 0) return fail(error(path, "read"));
  text.resize(static_cast<std::size_t>(got));
  return std::optional(crypto::SecretBytes::take(std::move(text)));
}

Result<void> SecretFolder::write(std::string_view name, const crypto::SecretBytes& text) {
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  ::chmod(folder_.c_str(), 0700);
  const std::filesystem::path path = folder_ / name;
  const FileDescriptor file(disk_.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return fail(error(path, "make"));
  const bool written = store::write_all(disk_, file.get(), text.data(), text.size()) && disk_.fsync(file.get()) == 0 && store::sync_folder(disk_, folder_);
  if (!written) return fail(error(path, "write"));
  return {};
}

Result<void> SecretFolder::erase(std::string_view name) {
  const std::filesystem::path path = folder_ / name;
  const FileDescriptor file(disk_.open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid() && errno == ENOENT) return {};
  const std::string zeros(kFileBytes / 32, '0');
  if (!file.valid() || !store::write_all(disk_, file.get(), zeros.data(), zeros.size()) || disk_.fsync(file.get()) != 0) return fail(error(path, "erase"));
  return {};
}

Result<void> SecretFolder::remove(std::string_view name) {
  if (Result<void> erased = erase(name); !erased) return erased;
  const std::filesystem::path path = folder_ / name;
  if (disk_.unlink(path) != 0 && errno != ENOENT) return fail(error(path, "remove"));
  return {};
}

Result<void> SecretFolder::replace(std::string_view to, std::string_view from) {
  if (Result<void> erased = erase(to); !erased) return erased;
  const std::filesystem::path path = folder_ / to;
  if (disk_.rename(folder_ / from, path) != 0 || !store::sync_folder(disk_, folder_)) return fail(error(path, "replace"));
  return {};
}

}  // namespace sekisho::audit
