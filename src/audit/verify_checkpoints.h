#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "audit/pruned.h"
#include "audit/verify.h"
#include "base/result.h"

namespace sekisho::audit {

/// Holds a checkpoint file against the log that is walked beside it. In steps, once each: read, begin, see every Entry in
/// order, finding. Threads: one.
class CheckpointAudit {
 public:
  /// Errors: kUnavailable where the file is there but cannot be read. A broken file is a finding.
  [[nodiscard]] static Result<CheckpointAudit> read(const std::filesystem::path& file);

  /// Where the walk begins: what was removed before.
  void begin(const Pruned& pruned);
  void see(const ReadLine& line);
  /// Whether a checkpoint says just that.
  [[nodiscard]] bool holds(const TreeHead& head) const;
  /// The first thing that is not as it must be; the log itself is whole. Errors: kUnavailable.
  [[nodiscard]] Result<std::optional<Finding>> finding(const VerifyOptions& options) const;
  void tell(VerifyReport& report) const;

 private:
  /// What is kept of a checkpoint.
  struct Kept {
    TreeHead head;
    std::int64_t line = 0;
    std::int64_t time_ms = 0;
    std::size_t key = 0;  ///< Index in keys_.
  };

  void keep(const CheckpointLine& line);
  void compare();
  [[nodiscard]] std::optional<Finding> against_log() const;
  [[nodiscard]] std::optional<Finding> against_removal() const;
  [[nodiscard]] Result<std::optional<Finding>> against_keys(const VerifyOptions& options) const;
  /// The first Entry that tells of a key that is none of `keys`.
  [[nodiscard]] std::optional<std::int64_t> told_in_vain(const std::vector<std::string>& keys) const;
  [[nodiscard]] Result<std::optional<Finding>> against_witness(const std::filesystem::path& witness) const;
  [[nodiscard]] std::optional<Finding> against_clock(std::int64_t now_ms) const;
  [[nodiscard]] Finding found(std::int64_t sequence, std::int64_t line, std::string why) const;

  std::filesystem::path file_;
  CheckpointCheck check_;
  std::vector<std::string> keys_;      ///< In the order of the file.
  std::int64_t beginning_line_ = 0;
  std::vector<Kept> kept_;
  std::vector<crypto::Digest> lines_;  ///< line_hash of each.
  std::optional<Finding> broken_;      ///< Lines from here on are not kept.

  Pruned pruned_;
  bool told_of_removal_ = false;
  MerkleEdge tree_;
  std::size_t seen_ = 0;                        ///< Checkpoints whose size the walk has reached.
  std::optional<std::size_t> differs_;          ///< The first that the log does not bear out.
  std::map<std::string, std::int64_t> told_;    ///< Keys of which the log tells, and where first.
};

}  // namespace sekisho::audit
