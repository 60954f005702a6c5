#include "audit/merkle.h"

#include <bit>
#include <utility>

#include "base/check.h"

namespace sekisho::audit {
namespace {

using crypto::Digest;

std::string_view raw(const Digest& digest) { return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()}; }

/// The largest power of two below `size`, which is at least 2.
std::size_t split_of(std::size_t size) { return std::bit_floor(size - 1); }

/// Where the whole subtree [from, to) stands in the edge, if it does.
const Digest* in_edge(const MerkleEdge& edge, std::size_t from, std::size_t to) {
  std::size_t begin = 0;
  for (const Digest& root : edge.roots()) {
    const std::size_t size = std::bit_floor(static_cast<std::size_t>(edge.size()) - begin);
    if (begin == from && begin + size == to) return &root;
    begin += size;
  }
  return nullptr;
}

/// The root over leaves [from, to).
Digest subtree(const Leaves& leaves, std::size_t from, std::size_t to) {
  const auto gone = static_cast<std::size_t>(leaves.gone.size());
  if (const Digest* root = in_edge(leaves.gone, from, to)) return *root;
  if (from < gone) {
    // A whole subtree is aligned, so its halves are in the edge or behind it; one that is gone was never split.
    const std::size_t middle = from + split_of(to - from);
    return node_hash(subtree(leaves, from, middle), subtree(leaves, middle, to));
  }
  MerkleEdge edge;
  for (std::size_t i = from; i < to; ++i) edge.add(leaves.hashes[i - gone]);
  return edge.root();
}

}  // namespace

Digest leaf_hash(std::string_view bytes) {
  crypto::Sha256 hash;
  hash.update(std::string_view("\0", 1));
  hash.update(bytes);
  return hash.finish();
}

Digest node_hash(const Digest& left, const Digest& right) {
  std::string bytes("\1");
  bytes.append(raw(left)).append(raw(right));
  return crypto::sha256(bytes);
}

Result<MerkleEdge> MerkleEdge::from(std::int64_t size, std::vector<Digest> roots) {
  if (size < 0 || std::popcount(static_cast<std::uint64_t>(size)) != static_cast<int>(roots.size())) {
    return fail(ErrorCode::kInvalid, "the edge is not that of a tree of this size");
  }
  MerkleEdge edge;
  edge.size_ = size;
  edge.roots_ = std::move(roots);
  return edge;
}

void MerkleEdge::add(const Digest& leaf) {
  Digest root = leaf;
  for (std::int64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    root = node_hash(roots_.back(), root);
    roots_.pop_back();
  }
  roots_.push_back(root);
  ++size_;
}

Digest MerkleEdge::root() const {
  if (roots_.empty()) return crypto::sha256("");
  Digest root = roots_.back();
  for (std::size_t i = roots_.size() - 1; i-- > 0;) root = node_hash(roots_[i], root);
  return root;
}

Digest root_of(const std::vector<Digest>& leaves) { return subtree({{}, leaves}, 0, leaves.size()); }

Path inclusion_proof(std::int64_t index, const Leaves& leaves) {
  CHECK(index >= leaves.gone.size() && index < leaves.size());
  Path path;
  std::size_t from = 0;
  auto to = static_cast<std::size_t>(leaves.size());
  const auto leaf = static_cast<std::size_t>(index);
  while (to - from > 1) {
    const std::size_t middle = from + split_of(to - from);
    const bool left = leaf < middle;
    path.insert(path.begin(), left ? subtree(leaves, middle, to) : subtree(leaves, from, middle));
    (left ? to : from) = middle;
  }
  return path;
}

bool proves_inclusion(const Path& path, const Digest& leaf, std::int64_t index, std::int64_t size, const Digest& root) {
  if (index < 0 || index >= size) return false;
  std::int64_t at = index;
  std::int64_t last = size - 1;
  Digest reached = leaf;
  for (const Digest& step : path) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      reached = node_hash(step, reached);
      while ((at & 1) == 0 && at != 0) {
        at >>= 1;
        last >>= 1;
      }
    } else {
      reached = node_hash(reached, step);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && reached == root;
}

Path consistency_proof(std::int64_t first, const Leaves& leaves) {
  CHECK(first > 0 && first >= leaves.gone.size() && first <= leaves.size());
  Path path;
  std::size_t from = 0;
  auto to = static_cast<std::size_t>(leaves.size());
  const auto end = static_cast<std::size_t>(first);
  bool whole = true;  // Whether the first tree, seen from here, begins at the very beginning: its root is known then.
  while (end != to) {
    const std::size_t middle = from + split_of(to - from);
    if (end <= middle) {
      path.insert(path.begin(), subtree(leaves, middle, to));
      to = middle;
    } else {
      path.insert(path.begin(), subtree(leaves, from, middle));
      from = middle;
      whole = false;
    }
  }
  if (!whole) path.insert(path.begin(), subtree(leaves, from, to));
  return path;
}

bool proves_consistency(const Path& path, std::int64_t first, const Digest& first_root, std::int64_t second, const Digest& second_root) {
  if (first < 1 || first > second) return false;
  if (first == second) return path.empty() && first_root == second_root;
  if (path.empty()) return false;
  const bool whole = (first & (first - 1)) == 0;
  std::int64_t at = first - 1;
  std::int64_t last = second - 1;
  while ((at & 1) != 0) {
    at >>= 1;
    last >>= 1;
  }
  Digest old_root = whole ? first_root : path.front();
  Digest new_root = old_root;
  for (std::size_t i = whole ? 0 : 1; i < path.size(); ++i) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      old_root = node_hash(path[i], old_root);
      new_root = node_hash(path[i], new_root);
      while ((at & 1) == 0 && at != 0) {
        at >>= 1;
        last >>= 1;
      }
    } else {
      new_root = node_hash(new_root, path[i]);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && old_root == first_root && new_root == second_root;
}

}  // namespace sekisho::audit
