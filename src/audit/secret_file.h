#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret.h"
#include "store/disk.h"

namespace sekisho::audit {

/// Small files that each hold a secret, in a folder of their own that only its owner may enter. Erasing overwrites with zeros
/// (what a copying file system or a flash disk keeps of it is beyond us).
///
/// Threads: one at a time.
class SecretFolder {
 public:
  /// `what` names the secrets in errors: "the checkpoint key". `disk` must outlive it.
  SecretFolder(std::filesystem::path folder, store::Disk& disk, std::string what);
  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }

  /// Nothing where there is no such file. Errors: kUnavailable (also where anyone but its owner may read the file, or where it is
  /// not a plain file of this user).
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> read(std::string_view name) const;
  /// Makes the folder; durable when it returns. Errors: kUnavailable.
  [[nodiscard]] Result<void> write(std::string_view name, const crypto::SecretBytes& text);
  /// Overwrites, and keeps the file. What is not there is erased. Errors: kUnavailable.
  [[nodiscard]] Result<void> erase(std::string_view name);
  /// Erases and removes, durably. Errors: kUnavailable.
  [[nodiscard]] Result<void> remove(std::string_view name);
  /// `from`, which is there, takes the place of `to`, which is erased first. Errors: kUnavailable.
  [[nodiscard]] Result<void> replace(std::string_view to, std::string_view from);

 private:
  [[nodiscard]] Error error(const std::filesystem::path& path, const char* what) const;
  const std::filesystem::path folder_;
  store::Disk& disk_;
  const std::string what_;
};

}  // namespace sekisho::audit
