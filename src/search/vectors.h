#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"

namespace sekisho::search {

/// A direction (a vector of length 1) as whole numbers of eight bits and one scale: a quarter of the memory, and no rank lost
/// that is measurable.
struct PackedVector {
  float scale = 0;
  std::vector<std::int8_t> numbers;

  /// `values`: finite, at most 8,192 of them.
  [[nodiscard]] static PackedVector of(std::span<const float> values);
  [[nodiscard]] std::string to_blob() const;
  /// Errors: kCorrupt.
  [[nodiscard]] static Result<PackedVector> from_blob(std::string_view blob);
};

/// A question's direction, made ready for many products.
class QueryVector {
 public:
  explicit QueryVector(std::span<const float> values);
  [[nodiscard]] std::size_t width() const { return packed_.numbers.size(); }
  /// The cosine with a vector of the same width; exact in whole numbers, the same on every processor.
  [[nodiscard]] double cosine(const std::int8_t* numbers, float scale) const;

 private:
  PackedVector packed_;
};

struct VectorHit {
  PassageId passage;
  std::size_t shelf = 0;  ///< Index into `readable`.
  double cosine = 0;
};

/// The directions of one shelf's passages in memory, side by side: a cache whose truth is in the store.
///
/// Threads: safe from any. Readers together; a writer alone, for as long as it takes to copy what it adds.
class ShelfVectors {
 public:
  struct Added {
    PassageId passage;
    PackedVector vector;
  };
  /// All at once. One that is there already is replaced; one whose width is not that of the first is passed over.
  void apply(std::vector<Added> add, const std::vector<PassageId>& remove);
  void clear();

  [[nodiscard]] std::size_t size() const;
  /// Nothing for a passage that has none.
  [[nodiscard]] std::optional<double> cosine(const QueryVector& query, const PassageId& passage) const;
  /// Puts every passage that belongs there into `best`, a heap of at most `limit` whose worst is in front.
  void collect(const QueryVector& query, std::size_t shelf, std::size_t limit, std::vector<VectorHit>& best) const;

 private:
  mutable std::shared_mutex mutex_;
  std::size_t width_ = 0;
  std::vector<std::int8_t> numbers_;  ///< width_ of each.
  std::vector<float> scales_;
  std::vector<PassageId> passages_;
  std::map<PassageId, std::size_t> places_;
};

/// The nearest passages of `readable` and no others, every one looked at: best first, equal ones in the order of PassageId.
[[nodiscard]] std::vector<VectorHit> nearest(const QueryVector& query, std::span<const ShelfVectors* const> readable, std::size_t limit);

}  // namespace sekisho::search
