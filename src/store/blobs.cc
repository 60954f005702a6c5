#include "store/blobs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/id.h"
#include "store/disk_error.h"

namespace sekisho::store {
namespace {

Error disk_error(const char* what) {
  const int number = errno;
  return store::disk_error(std::string("blobs: cannot ") + what, number);
}

Result<void> make_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail(disk_error("make a folder"));
  return {};
}

/// Makes the names in `path` durable.
Result<void> sync_directory(const std::filesystem::path& path) {
  const FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || ::fsync(directory.get()) != 0) return fail(disk_error("sync a folder"));
  return {};
}

}  // namespace

Result<BlobId> BlobId::parse(std::string_view hex) {
  const Result<crypto::Digest> digest = crypto::Digest::from_hex(hex);
  if (!digest) return fail(ErrorCode::kInvalid, "not the id of a blob");
  return BlobId(*digest);
}

BlobWriter::BlobWriter(const Blobs& blobs, FileDescriptor file, std::filesystem::path path, std::uint64_t max_bytes)
    : blobs_(&blobs), file_(std::move(file)), path_(std::move(path)), max_bytes_(max_bytes) {}

BlobWriter::~BlobWriter() {
  if (file_.valid()) ::unlink(path_.c_str());
}

Result<void> BlobWriter::dead(Error error) {
  if (file_.valid()) ::unlink(path_.c_str());
  file_.reset();
  error_ = std::move(error);
  return fail(error_);
}

Result<void> BlobWriter::append(std::string_view bytes) {
  if (!file_.valid()) return fail(error_);
  if (bytes.size() > max_bytes_ - size_bytes_) {
    return dead({ErrorCode::kTooLarge, "larger than " + std::to_string(max_bytes_) + " bytes"});
  }
  hash_.update(bytes);
  size_bytes_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return dead(disk_error("write"));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<StoredBlob> BlobWriter::finish() {
  if (!file_.valid()) return fail(error_);
  const auto refuse = [&](Error error) -> Result<StoredBlob> { return fail(dead(std::move(error)).error()); };
  if (::fsync(file_.get()) != 0) return refuse(disk_error("sync"));
  const StoredBlob stored{BlobId(hash_.finish()), size_bytes_};
  const std::filesystem::path target = blobs_->path_of(stored.id);
  if (Result<void> made = make_directory(target.parent_path()); !made) return refuse(made.error());
  // An equal blob is replaced by its equal: one that is being removed at this moment is there again.
  if (::rename(path_.c_str(), target.c_str()) != 0) return refuse(disk_error("put a file in place"));
  file_.reset();
  error_ = {ErrorCode::kInternal, "the blob is finished"};
  for (const auto& directory : {target.parent_path(), target.parent_path().parent_path()}) {
    if (Result<void> synced = sync_directory(directory); !synced) return fail(synced.error());
  }
  return stored;
}

Result<std::unique_ptr<Blobs>> Blobs::open(const std::filesystem::path& directory) {
  const std::filesystem::path arriving = directory / "arriving";
  for (const auto& path : {directory, arriving}) {
    if (Result<void> made = make_directory(path); !made) return fail(made.error());
  }
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(arriving, failed)) {
    if (::unlink(entry.path().c_str()) != 0) return fail(disk_error("remove an unfinished file"));
  }
  if (failed) return fail(ErrorCode::kUnavailable, "blobs: cannot read the folder: " + failed.message());
  return std::unique_ptr<Blobs>(new Blobs(directory));
}

Result<BlobWriter> Blobs::begin(std::uint64_t max_bytes) const {
  std::filesystem::path path = directory_ / "arriving" / random_id_text();
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) return fail(disk_error("begin a file"));
  return BlobWriter(*this, std::move(file), std::move(path), max_bytes);
}

Result<FileDescriptor> Blobs::open_fd(const BlobId& id) const {
  FileDescriptor file(::open(path_of(id).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid() && errno == ENOENT) return fail(ErrorCode::kDenied, "no such blob");
  if (!file.valid()) return fail(disk_error("open a file"));
  return file;
}

bool Blobs::holds(const BlobId& id) const { return ::access(path_of(id).c_str(), F_OK) == 0; }

Result<void> Blobs::remove(const BlobId& id) const {
  if (::unlink(path_of(id).c_str()) != 0 && errno != ENOENT) return fail(disk_error("remove a file"));
  return {};
}

std::filesystem::path Blobs::path_of(const BlobId& id) const { return directory_ / id.text().substr(0, 2) / id.text(); }

}  // namespace sekisho::store
