#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "audit/merkle.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace sekisho::audit {

/// The file of the log's folder that stands for Entries that were removed (docs/audit-format.md, "Removal").
inline constexpr std::string_view kPrunedFile = "pruned.json";
/// Of the Entry that tells of it; its details have the file's SHA-256.
inline constexpr std::string_view kPrunedKind = "log.pruned";

/// What is left of a log's beginning. Nothing was removed where `tree` is empty.
struct Pruned {
  MerkleEdge tree;                            ///< Over the Entries that are gone.
  crypto::Digest head;                        ///< The hash of the last of them.
  std::map<std::string, std::int64_t> keys;   ///< Keys that they told of (log.keyed), and where first.

  [[nodiscard]] std::int64_t size() const { return tree.size(); }
  /// As the file holds it, without the line feed.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] crypto::Digest sha256() const { return crypto::sha256(text()); }
};

/// Errors: kUnavailable; kCorrupt where the file is not as it was written.
[[nodiscard]] Result<Pruned> read_pruned(const std::filesystem::path& directory);

}  // namespace sekisho::audit
