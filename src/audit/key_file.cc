#include "audit/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "base/file_descriptor.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "store/disk_error.h"

namespace sekisho::audit {
namespace {

constexpr std::string_view kName = "checkpoint.key";
constexpr std::string_view kNextName = "checkpoint.key.next";
constexpr std::size_t kFileBytes = 4096;

Error key_error(const std::filesystem::path& path, const char* what) {
  const int number = errno;
  return store::disk_error(fmt::format("the checkpoint key: cannot {} {}", what, path.string()), number);
}

/// A secret that others may read is a secret no more.
Result<void> check_rights(const std::filesystem::path& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kUnavailable, fmt::format("the checkpoint key {} is not a plain file", path.string()));
  if (status.st_uid != ::geteuid()) return fail(ErrorCode::kUnavailable, fmt::format("the checkpoint key {} belongs to another user", path.string()));
  if ((status.st_mode & 077U) != 0) {
    return fail(ErrorCode::kUnavailable, fmt::format("the checkpoint key {} may be read by others (mode {:03o}): chmod 600 if nobody has, else replace it",
                                                     path.string(), status.st_mode & 0777U));
  }
  return {};
}

/// "SEED SINCE_MS NUMBER", the seed in hexadecimal.
Result<HeldKey> parse_key(std::string text) {
  std::istringstream in(text);
  std::string seed;
  std::int64_t since_ms = 0;
  std::int64_t number = 0;
  in >> seed >> since_ms >> number;
  Result<std::string> bytes = crypto::bytes_from_hex(seed);
  const bool whole = !in.fail() && text.ends_with('\n') && bytes;
  static_cast<void>(crypto::SecretBytes::take(std::move(text)));
  static_cast<void>(crypto::SecretBytes::take(std::move(seed)));
  if (!whole) return fail(ErrorCode::kCorrupt, "the checkpoint key: not a key file");
  Result<crypto::SigningKey> key = crypto::SigningKey::from_seed(crypto::SecretBytes::take(std::move(*bytes)));
  if (!key) return fail(ErrorCode::kCorrupt, "the checkpoint key: not a key file");
  return HeldKey{std::move(*key), since_ms, number};
}

Result<std::optional<HeldKey>> read_key(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) return std::nullopt;
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) return fail(key_error(path, "open"));
  if (Result<void> checked = check_rights(path, status); !checked) return fail(checked.error());
  std::string text(kFileBytes, '\0');
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  if (got < 0) return fail(key_error(path, "read"));
  text.resize(static_cast<std::size_t>(got));
  Result<HeldKey> key = parse_key(std::move(text));
  if (!key) return fail(key.error());
  return std::optional<HeldKey>(std::move(*key));
}

}  // namespace

std::string HeldKey::public_hex() const { return crypto::to_hex(key.public_key()); }

KeyFile::KeyFile(std::filesystem::path folder, store::Disk& disk) : folder_(std::move(folder)), disk_(disk) {}

Result<std::optional<HeldKey>> KeyFile::read() const { return read_key(folder_ / kName); }

Result<std::optional<HeldKey>> KeyFile::read_next() const { return read_key(folder_ / kNextName); }

Result<void> KeyFile::write_next(const HeldKey& next) {
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  ::chmod(folder_.c_str(), 0700);
  const std::filesystem::path path = folder_ / kNextName;
  const FileDescriptor file(disk_.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return fail(key_error(path, "make"));
  const crypto::SecretBytes text = crypto::SecretBytes::take(fmt::format("{} {} {}\n", crypto::to_hex(next.key.seed().reveal()), next.since_ms, next.number));
  if (!store::write_all(disk_, file.get(), text.data(), text.size()) || disk_.fsync(file.get()) != 0 || !store::sync_folder(disk_, folder_)) {
    return fail(key_error(path, "write"));
  }
  return {};
}

Result<void> KeyFile::promote() {
  const std::filesystem::path path = folder_ / kName;
  if (Result<void> erased = erase(path); !erased) return erased;
  if (disk_.rename(folder_ / kNextName, path) != 0 || !store::sync_folder(disk_, folder_)) return fail(key_error(path, "replace"));
  return {};
}

Result<void> KeyFile::drop_next() {
  const std::filesystem::path path = folder_ / kNextName;
  if (Result<void> erased = erase(path); !erased) return erased;
  if (disk_.unlink(path) != 0 && errno != ENOENT) return fail(key_error(path, "remove"));
  return {};
}

Result<void> KeyFile::erase(const std::filesystem::path& path) {
  const FileDescriptor file(disk_.open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid() && errno == ENOENT) return {};
  const std::string zeros(kFileBytes / 32, '0');
  if (!file.valid() || !store::write_all(disk_, file.get(), zeros.data(), zeros.size()) || disk_.fsync(file.get()) != 0) {
    return fail(key_error(path, "erase"));
  }
  return {};
}

}  // namespace sekisho::audit
