#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/id.h"
#include "base/result.h"
#include "search/query.h"
#include "search/terms.h"

namespace sekisho::search {

/// The settings of the ranking, from measurement (docs/decisions): BM25 with k1 and b, fields weighed and raw scores summed.
inline constexpr double kBm25K1 = 0.6;
inline constexpr double kBm25B = 0.8;
inline constexpr std::array<double, kFields> kFieldWeights = {1.0, 0.3, 0.2};

/// One passage on its way into an index.
struct IndexedPassage {
  PassageId passage;
  PassageTerms terms;
};

/// What changes at once: a reader sees all of it or nothing.
struct IndexChange {
  std::vector<IndexedPassage> add;  ///< One that is there already is replaced.
  std::vector<PassageId> remove;    ///< One that is not there is passed over.
  std::uint64_t generation = 0;     ///< The caller's number of this state, kept in the snapshot (the change log's position).
};

struct IndexState;  // Immutable; see segment.h.

/// The words of one shelf in memory: a cache whose truth is the forward blobs in the store.
///
/// Threads: safe from any. Readers take one pointer to an immutable state and are never held up by a writer; writers
/// go one after another. Removed passages vanish from ranks and statistics at once, and from memory when a
/// quarter of a part is dead, or at compact().
class ShelfIndex {
 public:
  ShelfIndex();
  ~ShelfIndex();
  ShelfIndex(const ShelfIndex&) = delete;
  ShelfIndex& operator=(const ShelfIndex&) = delete;

  /// Applies a change. Costs about the size of the change, now and then that of the index. Best in batches (a document).
  void apply(IndexChange change);
  /// Adds one passage by its text.
  void add(const text::WordAnalyser& analyser, const PassageId& passage, std::string_view title, std::string_view body);
  void remove(const PassageId& passage);
  /// Rewrites all parts as one without the dead.
  void compact();

  [[nodiscard]] std::size_t passages() const;
  [[nodiscard]] std::uint64_t generation() const;
  [[nodiscard]] std::size_t memory_bytes() const;

  /// Writes the state to `path` whole or not at all (temporary file, fsync, rename), with a checksum. `version` is
  /// terms_version(). Errors: kUnavailable (disk).
  [[nodiscard]] Result<void> save(const std::string& path, std::string_view version) const;
  /// Replaces the state by that of `path`. On failure the index stays as it was.
  /// Errors: kUnavailable (cannot be read), kCorrupt (damaged), kUnsupported (another format or `version`): rebuild from the blobs.
  [[nodiscard]] Result<void> load(const std::string& path, std::string_view version);

  [[nodiscard]] std::shared_ptr<const IndexState> state() const;

 private:
  void publish(std::shared_ptr<const IndexState> state);

  // Shared with the readers that still rank over it; the last one frees it.
  Guarded<std::shared_ptr<const IndexState>> state_;
  std::mutex writing_;
};

/// A passage found.
struct Hit {
  PassageId passage;
  std::size_t shelf = 0;  ///< Index into `readable`.
  double score = 0;
  std::array<double, kFields> shares{};  ///< Each field's part of the words' score; filled when explained.
  std::vector<std::string> matched;      ///< Names of the question's words that it has; filled when explained.
  // Where `score` is a mix (blend.h): what went into it.
  double words = 0;
  std::optional<double> cosine = std::nullopt;
};

struct RankOptions {
  std::size_t limit = 10;
  bool explain = false;
};

/// Ranks the passages of `readable` and no others: every number that goes into a score (passages, document frequencies,
/// average lengths) is summed over these shelves alone, so that nothing outside them changes a rank, a score bit or the time.
/// Best first; equal scores in the order of PassageId. Only passages with at least one term of the question.
/// Threads: safe from any. No pointer may be null.
[[nodiscard]] std::vector<Hit> rank(const Query& query, std::span<const ShelfIndex* const> readable, const RankOptions& options);

}  // namespace sekisho::search
