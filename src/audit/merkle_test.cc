#include "audit/merkle.h"

#include <string>

#include <gtest/gtest.h>

namespace sekisho::audit {
namespace {

using crypto::Digest;

/// The leaves of the test vectors that implementations of RFC 6962 share.
std::vector<Digest> known_leaves() {
  std::vector<Digest> leaves;
  for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}) {
    leaves.push_back(leaf_hash(crypto::bytes_from_hex(hex).value()));
  }
  return leaves;
}

std::vector<Digest> leaves_up_to(std::size_t count) {
  std::vector<Digest> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
  return leaves;
}

TEST(Merkle, MakesTheRootsThatEveryImplementationMakes) {
  const std::vector<std::pair<std::size_t, std::string>> roots = {
      {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
      {2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
      {7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
      {8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}};
  std::vector<Digest> leaves = known_leaves();
  for (auto it = roots.rbegin(); it != roots.rend(); ++it) {
    leaves.resize(it->first);
    EXPECT_EQ(root_of(leaves).hex(), it->second) << it->first;
  }
}

TEST(Merkle, TellsAnEdgeOfAnotherSize) {
  EXPECT_TRUE(MerkleEdge::from(6, leaves_up_to(2)));
  EXPECT_FALSE(MerkleEdge::from(7, leaves_up_to(2)));
  EXPECT_FALSE(MerkleEdge::from(-1, leaves_up_to(64)));
}

TEST(Merkle, GoesOnFromAnEdgeAsIfItHadSeenAll) {
  const auto leaves = leaves_up_to(70);
  for (std::size_t cut = 0; cut <= leaves.size(); ++cut) {
    MerkleEdge first;
    for (std::size_t i = 0; i < cut; ++i) first.add(leaves[i]);
    MerkleEdge edge = MerkleEdge::from(first.size(), first.roots()).value();
    for (std::size_t i = cut; i < leaves.size(); ++i) edge.add(leaves[i]);
    ASSERT_EQ(edge.root(), root_of(leaves)) << cut;
  }
}

TEST(Merkle, ProvesThatEachLeafStandsInTheTreeAndNoOther) {
  for (std::size_t size = 1; size <= 33; ++size) {
    const auto leaves = leaves_up_to(size);
    const Digest root = root_of(leaves);
    const auto count = static_cast<std::int64_t>(size);
    for (std::int64_t index = 0; index < count; ++index) {
      Path path = inclusion_proof(index, {{}, leaves});
      const Digest& leaf = leaves[static_cast<std::size_t>(index)];
      ASSERT_TRUE(proves_inclusion(path, leaf, index, count, root)) << index << " of " << size;
      EXPECT_FALSE(proves_inclusion(path, leaf_hash("another"), index, count, root));
      EXPECT_FALSE(proves_inclusion(path, leaf, index, count, leaf_hash("another")));
      EXPECT_FALSE(proves_inclusion(path, leaf, count, count, root));
      EXPECT_FALSE(proves_inclusion(path, leaf, index - 1, count, root)) << index << " of " << size;
      path.push_back(leaf);
      EXPECT_FALSE(proves_inclusion(path, leaf, index, count, root));
    }
  }
}

TEST(Merkle, ProvesThatATreeIsTheBeginningOfAnother) {
  const auto all = leaves_up_to(33);
  for (std::size_t second = 1; second <= all.size(); ++second) {
    const std::vector<Digest> leaves(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(second));
    const Digest root = root_of(leaves);
    const auto size = static_cast<std::int64_t>(second);
    for (std::int64_t first = 1; first <= size; ++first) {
      const Digest first_root = root_of({all.begin(), all.begin() + first});
      Path path = consistency_proof(first, {{}, leaves});
      ASSERT_TRUE(proves_consistency(path, first, first_root, size, root)) << first << " in " << second;
      EXPECT_FALSE(proves_consistency(path, first, leaf_hash("another"), size, root));
      EXPECT_FALSE(proves_consistency(path, first, first_root, size, leaf_hash("another")));
      path.push_back(root);
      EXPECT_FALSE(proves_consistency(path, first, first_root, size, root));
    }
  }
}

TEST(Merkle, RefusesAnotherBeginning) {
  auto leaves = leaves_up_to(20);
  const Path path = consistency_proof(13, {{}, leaves});
  const Digest root = root_of(leaves);
  leaves[4] = leaf_hash("changed");
  leaves.resize(13);
  EXPECT_FALSE(proves_consistency(path, 13, root_of(leaves), 20, root));
}

TEST(Merkle, MakesTheSameProofsWhereTheFirstLeavesAreGone) {
  for (std::size_t size = 1; size <= 33; ++size) {
    const auto all = leaves_up_to(size);
    Leaves left{{}, all};
    for (std::size_t gone = 1; gone < size; ++gone) {
      left.gone.add(left.hashes.front());
      left.hashes.erase(left.hashes.begin());
      for (auto index = static_cast<std::int64_t>(gone); index < static_cast<std::int64_t>(size); ++index) {
        ASSERT_EQ(inclusion_proof(index, left), inclusion_proof(index, {{}, all})) << index << " of " << size << " without " << gone;
        ASSERT_EQ(consistency_proof(index, left), consistency_proof(index, {{}, all})) << index << " of " << size << " without " << gone;
      }
    }
  }
}

}  // namespace
}  // namespace sekisho::audit
