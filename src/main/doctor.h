#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "main/outcome.h"
#include "process/sandbox.h"

namespace sekisho::main {

/// One thing looked at.
struct HealthVerdict {
  std::string area;    ///< "seal.model", "seal.extract", "audit", "store", "disk", "model".
  std::string name;    ///< Stable: "seccomp", "probe.connect_inet".
  bool ok = false;
  std::string detail;  ///< English.
};

[[nodiscard]] Json to_json(const std::vector<HealthVerdict>& verdicts);
/// For a person: trouble first, the probes of one worker in one line when all hold.
[[nodiscard]] std::string in_japanese(const std::vector<HealthVerdict>& verdicts);

/// Starts each worker on an empty file and asks it to prove its seal. ≈ 0.5 s.
[[nodiscard]] std::vector<HealthVerdict> check_seals();
[[nodiscard]] std::vector<HealthVerdict> verdicts_of(const std::string& area, const process::SealReport& report);
/// The data folder: its rights, the disk's room, the audit chain from its first Entry to its last.
[[nodiscard]] std::vector<HealthVerdict> check_folder(const std::filesystem::path& folder);

/// `sekisho doctor [--data DIR] [--json]`. Exit 1 where something is not in order.
[[nodiscard]] Outcome run_doctor(const std::optional<std::filesystem::path>& folder, bool json);

}  // namespace sekisho::main
