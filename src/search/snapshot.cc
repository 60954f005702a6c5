// ShelfIndex::save and load: the state as one file.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "search/lexical.h"
#include "search/segment.h"

namespace sekisho::search {
namespace {

constexpr std::string_view kMagic = "SEKISHO-INDEX-1\n";
/// Changes with anything that this file or Segment::write puts down; also tells machines of another byte order apart.
constexpr std::uint64_t kFormat = 0x0102030400000001ULL;
constexpr std::size_t kSumBytes = 8;

/// A file descriptor that closes itself.
class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int fd() const { return fd_; }
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

tl::unexpected<Error> disk_error(std::string_view doing) {
  return fail(ErrorCode::kUnavailable, "index snapshot: " + std::string(doing) + ": " + std::strerror(errno));
}

Result<void> write_whole(const std::string& path, std::string_view content) {
  const std::string fresh = path + ".new";
  File file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) return disk_error("create");
  for (std::string_view rest = content; !rest.empty();) {
    const ssize_t written = ::write(file.fd(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      auto error = disk_error("write");
      ::unlink(fresh.c_str());
      return error;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.fd()) != 0 || !file.close() || ::rename(fresh.c_str(), path.c_str()) != 0) {
    auto error = disk_error("finish");
    ::unlink(fresh.c_str());
    return error;
  }
  const std::size_t slash = path.rfind('/');
  const File folder(slash == std::string::npos ? "." : path.substr(0, slash + 1), O_RDONLY | O_DIRECTORY);
  if (!folder.is_open() || ::fsync(folder.fd()) != 0) return disk_error("sync the folder");
  return {};
}

Result<std::string> read_whole(const std::string& path) {
  const File file(path, O_RDONLY);
  struct stat info {};
  if (!file.is_open() || ::fstat(file.fd(), &info) != 0) return disk_error("open");
  std::string content(static_cast<std::size_t>(info.st_size), '\0');
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t got = ::read(file.fd(), content.data() + done, content.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return disk_error("read");
    if (got == 0) return fail(ErrorCode::kCorrupt, "index snapshot: shorter than it was");
    done += static_cast<std::size_t>(got);
  }
  return content;
}

bool read_part(ByteReader& reader, Part& part) {
  auto segment = std::make_shared<Segment>();
  auto dead = std::make_shared<Tombstones>();
  if (!segment->read(reader)) return false;
  const auto words = reader.fixed64();
  if (!words || (*words != 0 && *words != (segment->size() + 63) / 64)) return false;
  for (std::uint64_t i = 0; i < *words; ++i) dead->push_back(reader.fixed64().value_or(0));
  for (std::uint32_t passage = 0; passage < segment->size(); ++passage) part.dead_count += is_dead(*dead, passage) ? 1U : 0U;
  part.segment = std::move(segment);
  part.dead = std::move(dead);
  return true;
}

}  // namespace

Result<void> ShelfIndex::save(const std::string& path, std::string_view version) const {
  const auto current = state();
  std::string content(kMagic);
  put_fixed64(content, kFormat);
  put_fixed64(content, version.size());
  content += version;
  put_fixed64(content, current->generation);
  put_fixed64(content, current->parts.size());
  for (const Part& part : current->parts) {
    part.segment->write(content);
    put_fixed64(content, part.dead->size());
    for (const std::uint64_t word : *part.dead) put_fixed64(content, word);
  }
  put_fixed64(content, checksum(content));
  return write_whole(path, content);
}

Result<void> ShelfIndex::load(const std::string& path, std::string_view version) {
  const auto content = read_whole(path);
  if (!content) return fail(content.error());
  if (content->size() < kMagic.size() + kSumBytes || !content->starts_with(kMagic)) return fail(ErrorCode::kCorrupt, "index snapshot: not one");
  const std::string_view summed = std::string_view(*content).substr(0, content->size() - kSumBytes);
  if (ByteReader(std::string_view(*content).substr(summed.size())).fixed64() != checksum(summed)) {
    return fail(ErrorCode::kCorrupt, "index snapshot: checksum");
  }
  ByteReader reader(summed.substr(kMagic.size()));
  if (reader.fixed64() != kFormat) return fail(ErrorCode::kUnsupported, "index snapshot: another format");
  const auto stored_version = reader.bytes(reader.fixed64().value_or(SIZE_MAX));
  if (stored_version != version) return fail(ErrorCode::kUnsupported, "index snapshot: made by another analysis");
  IndexState loaded;
  const auto generation = reader.fixed64();
  const auto parts = reader.fixed64();
  if (!generation || !parts) return fail(ErrorCode::kCorrupt, "index snapshot: damaged");
  loaded.generation = *generation;
  for (std::uint64_t i = 0; i < *parts; ++i) {
    if (!read_part(reader, loaded.parts.emplace_back())) return fail(ErrorCode::kCorrupt, "index snapshot: damaged");
  }
  if (reader.left() != 0) return fail(ErrorCode::kCorrupt, "index snapshot: too long");
  recount(loaded);
  const std::lock_guard lock(writing_);
  publish(std::make_shared<const IndexState>(std::move(loaded)));
  return {};
}

}  // namespace sekisho::search
