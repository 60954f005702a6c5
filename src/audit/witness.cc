#include "audit/witness.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "audit/checkpoint.h"
#include "audit/segment.h"
#include "base/file_descriptor.h"
#include "store/disk.h"
#include "store/disk_error.h"

namespace sekisho::audit {
namespace {

constexpr off_t kTailBytes = 64 * 1024;

Error witness_error(const std::filesystem::path& path, const char* what) {
  const int number = errno;
  return store::disk_error(fmt::format("the witness {}: cannot {}", path.string(), what), number);
}

/// Its last whole line; empty where there is none. Cuts off what is behind it.
Result<std::string> last_line(int fd, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail(witness_error(path, "look at it"));
  const off_t from = std::max<off_t>(0, status.st_size - kTailBytes);
  std::string bytes(static_cast<std::size_t>(status.st_size - from), '\0');
  if (::pread(fd, bytes.data(), bytes.size(), from) != static_cast<ssize_t>(bytes.size())) return fail(witness_error(path, "read it"));
  const std::size_t end = bytes.rfind('\n');
  const std::size_t whole = end == std::string::npos ? 0 : end + 1;
  if (from > 0 && whole == 0) return fail(ErrorCode::kCorrupt, fmt::format("the witness {} is not a checkpoint file", path.string()));
  if (whole < bytes.size() && ::ftruncate(fd, from + static_cast<off_t>(whole)) != 0) return fail(witness_error(path, "cut off a broken line"));
  if (whole == 0) return std::string();
  const std::size_t begin = end == 0 ? std::string::npos : bytes.rfind('\n', end - 1);
  return bytes.substr(begin == std::string::npos ? 0 : begin + 1, end - (begin == std::string::npos ? 0 : begin + 1));
}

/// The lines of the checkpoint file behind `last`; all of them where it is empty.
Result<std::string> lines_behind(const std::filesystem::path& directory, const std::string& last) {
  Result<LineReader> reader = LineReader::open(directory / kCheckpointFile);
  if (!reader) return fail(reader.error());
  std::string behind;
  bool found = last.empty();
  for (;;) {
    Result<std::optional<std::string>> line = reader->next();
    if (!line) return fail(line.error());
    if (!*line) break;
    if (found) behind.append(**line).push_back('\n');
    found = found || **line == last;
  }
  if (!found) return fail(ErrorCode::kCorrupt, "the witness holds a checkpoint that this log does not");
  return behind;
}

}  // namespace

Result<void> add_to_witness(const std::filesystem::path& directory, const std::filesystem::path& witness) {
  const FileDescriptor file(::open(witness.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file.valid()) return fail(witness_error(witness, "open it"));
  const Result<std::string> last = last_line(file.get(), witness);
  if (!last) return fail(last.error());
  const Result<std::string> behind = lines_behind(directory, *last);
  if (!behind) return fail(behind.error());
  store::Disk& disk = store::Disk::real();
  if (!store::write_all(disk, file.get(), behind->data(), behind->size()) || disk.fsync(file.get()) != 0) return fail(witness_error(witness, "write it"));
  return {};
}

}  // namespace sekisho::audit
