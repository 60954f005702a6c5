#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "audit/secret_file.h"
#include "base/result.h"
#include "crypto/sign.h"
#include "store/disk.h"

namespace sekisho::audit {

/// The key that signs checkpoints now, and since when.
struct HeldKey {
  crypto::SigningKey key;
  std::int64_t since_ms = 0;   ///< When it was made.
  std::int64_t number = 0;     ///< Of the line of the checkpoint file that brought it in; 0: not written yet.

  [[nodiscard]] std::string public_hex() const;
};

/// Keeps the one secret key of a log in a folder of its own, outside of what auditors copy. A key is replaced by writing
/// its successor beside it, which takes its place once the handing over is in the checkpoint file; the old secret is
/// overwritten with zeros first.
///
/// Threads: one at a time.
class KeyFile {
 public:
  /// `disk` must outlive it.
  KeyFile(std::filesystem::path folder, store::Disk& disk);

  /// The key; nothing where there is none. Errors: kUnavailable (also where anyone but its owner may read the file, or
  /// where it is not a plain file of this user), kCorrupt.
  [[nodiscard]] Result<std::optional<HeldKey>> read() const;
  /// The successor that waits, if any. Errors: as read.
  [[nodiscard]] Result<std::optional<HeldKey>> read_next() const;

  /// Makes the folder and writes the successor, durably. Errors: kUnavailable.
  [[nodiscard]] Result<void> write_next(const HeldKey& next);
  /// Erases the key and puts the successor in its place. Errors: kUnavailable.
  [[nodiscard]] Result<void> promote();
  /// Erases a successor that was never brought in. Errors: kUnavailable.
  [[nodiscard]] Result<void> drop_next();

 private:
  SecretFolder folder_;
};

}  // namespace sekisho::audit
