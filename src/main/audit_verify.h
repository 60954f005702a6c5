#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "main/outcome.h"

namespace sekisho::main {

/// The folder of the log itself, or the data folder that it is in.
[[nodiscard]] std::filesystem::path log_folder(const std::string& folder);

/// A public key given as 64 hexadecimal characters or as a file that holds them. Errors: kInvalid.
[[nodiscard]] Result<std::string> public_key_given(const std::string& text);

struct AuditVerifyFlags {
  std::string folder;
  std::vector<std::string> witnesses;      ///< Each a receipt, a checkpoint on paper, or a file.
  std::optional<std::string> checkpoints;  ///< A checkpoint file elsewhere.
  std::string public_key;
  bool content = false;  ///< Also hold the sealed bytes of contents against their Entries.
  bool json = false;
};

/// `sekisho audit verify FOLDER`. Exit 1 where something is not as it must be.
[[nodiscard]] Outcome run_audit_verify(const AuditVerifyFlags& flags);

}  // namespace sekisho::main
