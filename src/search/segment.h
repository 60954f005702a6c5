#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "search/lexical.h"
#include "search/postings.h"

namespace sekisho::search {

/// An id's 26 characters without a string around them.
using PackedId = std::array<char, 26>;
[[nodiscard]] PackedId packed(const PassageId& passage);
[[nodiscard]] PassageId unpacked(const PackedId& id);

/// Passages that were indexed together: immutable, numbered from 0.
class Segment {
 public:
  /// Every id at most once, as many as fit 31-bit offsets (limits::kSegmentPassages).
  [[nodiscard]] static Segment of(std::span<const IndexedPassage> passages);

  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  [[nodiscard]] const PackedId& id(std::uint32_t passage) const { return ids_[passage]; }
  [[nodiscard]] std::optional<std::uint32_t> find(const PackedId& id) const;
  [[nodiscard]] std::uint16_t length(std::size_t field, std::uint32_t passage) const { return lengths_[field][passage]; }
  [[nodiscard]] const std::uint16_t* lengths(std::size_t field) const { return lengths_[field].data(); }
  [[nodiscard]] const FieldPostings& postings(std::size_t field) const { return postings_[field]; }

  [[nodiscard]] std::size_t memory_bytes() const;
  void write(std::string& to) const;
  [[nodiscard]] bool read(ByteReader& from);

 private:
  friend Segment merge_parts(std::span<const struct Part> parts);
  void index_ids();

  std::vector<PackedId> ids_;
  std::vector<std::uint32_t> by_id_;  ///< Passage numbers in the order of their ids.
  std::array<std::vector<std::uint16_t>, kFields> lengths_;
  std::array<FieldPostings, kFields> postings_;
};

/// A bit a passage: removed, but still in the lists.
using Tombstones = std::vector<std::uint64_t>;
inline bool is_dead(const Tombstones& dead, std::uint32_t passage) {
  return !dead.empty() && ((dead[passage / 64] >> (passage % 64)) & 1U) != 0;
}

/// A segment and what was removed from it since. Segments and tombstones are shared by the states that have them in common.
struct Part {
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<const Tombstones> dead;  ///< Never null; empty where nothing is dead.
  std::size_t dead_count = 0;

  [[nodiscard]] std::size_t live() const { return segment->size() - dead_count; }
};
/// One segment with the living passages of `parts`, in order.
[[nodiscard]] Segment merge_parts(std::span<const Part> parts);

/// What a reader sees: all of it immutable.
struct IndexState {
  std::vector<Part> parts;
  std::uint64_t generation = 0;
  std::size_t live = 0;
  std::array<std::uint64_t, kFields> lengths{};  ///< Sum over the living, by field.
  std::array<std::uint16_t, kFields> longest{};  ///< Of all passages in the parts, the dead too, by field.
};
/// Counts live, lengths and longest anew.
void recount(IndexState& state);

}  // namespace sekisho::search
