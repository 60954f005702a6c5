#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/hash.h"

namespace sekisho::audit {

/// SHA-256(0x00 ‖ bytes) and SHA-256(0x01 ‖ left ‖ right): RFC 9162, 2.1.1.
[[nodiscard]] crypto::Digest leaf_hash(std::string_view bytes);
[[nodiscard]] crypto::Digest node_hash(const crypto::Digest& left, const crypto::Digest& right);

/// A Merkle tree (RFC 9162, 2.1) that only grows, kept as its right edge: the roots of the whole subtrees that it is made
/// of, largest first, one for each bit that is set in its size. Adding a leaf costs O(1) on average, the root O(log n).
/// Threads: like a plain value.
class MerkleEdge {
 public:
  MerkleEdge() = default;
  /// Errors: kInvalid where the number of roots is not that of a tree of `size` leaves.
  [[nodiscard]] static Result<MerkleEdge> from(std::int64_t size, std::vector<crypto::Digest> roots);

  void add(const crypto::Digest& leaf);
  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] const std::vector<crypto::Digest>& roots() const { return roots_; }
  /// The tree's root; SHA-256 of nothing for the empty tree.
  [[nodiscard]] crypto::Digest root() const;
  bool operator==(const MerkleEdge&) const = default;

 private:
  std::int64_t size_ = 0;
  std::vector<crypto::Digest> roots_;
};

using Path = std::vector<crypto::Digest>;

/// The leaves of a tree, whose first ones may be gone but for the edge over them.
struct Leaves {
  MerkleEdge gone;
  std::vector<crypto::Digest> hashes;

  [[nodiscard]] std::int64_t size() const { return gone.size() + static_cast<std::int64_t>(hashes.size()); }
};

/// The root over `leaves`. O(n).
[[nodiscard]] crypto::Digest root_of(const std::vector<crypto::Digest>& leaves);

/// That leaf `index` (from 0) stands in the tree of all `leaves`: RFC 9162, 2.1.3.1. It must be there, not gone. O(n).
[[nodiscard]] Path inclusion_proof(std::int64_t index, const Leaves& leaves);
/// RFC 9162, 2.1.3.2.
[[nodiscard]] bool proves_inclusion(const Path& path, const crypto::Digest& leaf, std::int64_t index, std::int64_t size, const crypto::Digest& root);

/// That the tree of the first `first` leaves is the beginning of the tree of all `leaves`: RFC 9162, 2.1.4.1. 0 < first ≤ their number, and
/// those that are gone are among them. O(n).
[[nodiscard]] Path consistency_proof(std::int64_t first, const Leaves& leaves);
/// RFC 9162, 2.1.4.2; for equal sizes the roots must be equal and the path empty.
[[nodiscard]] bool proves_consistency(const Path& path, std::int64_t first, const crypto::Digest& first_root, std::int64_t second,
                                      const crypto::Digest& second_root);

}  // namespace sekisho::audit
