#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace sekisho::store {

/// Names bytes by their SHA-256.
class BlobId {
 public:
  BlobId() = default;
  explicit BlobId(const crypto::Digest& digest) : hex_(digest.hex()) {}
  /// Errors: kInvalid where `hex` is not 64 lower-case hexadecimal characters.
  [[nodiscard]] static Result<BlobId> parse(std::string_view hex);
  [[nodiscard]] const std::string& text() const { return hex_; }
  auto operator<=>(const BlobId&) const = default;

 private:
  std::string hex_;
};

struct StoredBlob {
  BlobId id;
  std::uint64_t size_bytes = 0;
};

class Blobs;

/// One blob that is arriving. Until finish() returned ok it is no blob, and its bytes remove themselves: when this
/// object goes, or at the next start. Threads: one at a time.
class BlobWriter {
 public:
  BlobWriter(BlobWriter&&) noexcept = default;
  BlobWriter& operator=(BlobWriter&&) = delete;
  ~BlobWriter();

  /// Errors: kUnavailable (disk full or failing), kTooLarge (past the limit given to Blobs::begin). After an error
  /// the writer is dead and every further call fails the same way.
  [[nodiscard]] Result<void> append(std::string_view bytes);
  /// Durable and in place when this returns ok. The same bytes stored before give the same id. Call once, last.
  [[nodiscard]] Result<StoredBlob> finish();
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  friend class Blobs;
  BlobWriter(const Blobs& blobs, FileDescriptor file, std::filesystem::path path, std::uint64_t max_bytes);
  Result<void> dead(Error error);

  const Blobs* blobs_;
  FileDescriptor file_;
  std::filesystem::path path_;
  std::uint64_t max_bytes_;
  std::uint64_t size_bytes_ = 0;
  crypto::Sha256 hash_;
  Error error_;
};

/// Files by content under one directory: `DIR/ab/abcdef…`; what arrives lies in `DIR/arriving/`.
///
/// Threads: safe from any. One process a directory.
class Blobs {
 public:
  /// Makes the directory where it is missing and removes what an earlier run left unfinished.
  /// Errors: kUnavailable.
  [[nodiscard]] static Result<std::unique_ptr<Blobs>> open(const std::filesystem::path& directory);

  [[nodiscard]] Result<BlobWriter> begin(std::uint64_t max_bytes) const;
  /// Read-only, close-on-exec. Errors: kDenied (no such blob), kUnavailable.
  [[nodiscard]] Result<FileDescriptor> open_fd(const BlobId& id) const;
  [[nodiscard]] bool holds(const BlobId& id) const;
  /// Equal files share one blob. So that none is removed while it is being named, do both inside a
  /// Database::write: before this, see that no row names the blob; before a row names one, see that it `holds`.
  /// Removing what is not there is ok. Errors: kUnavailable.
  [[nodiscard]] Result<void> remove(const BlobId& id) const;
  [[nodiscard]] std::filesystem::path path_of(const BlobId& id) const;

 private:
  friend class BlobWriter;
  explicit Blobs(std::filesystem::path directory) : directory_(std::move(directory)) {}
  std::filesystem::path directory_;
};

}  // namespace sekisho::store
