#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/id.h"
#include "base/json.h"
#include "base/result.h"
#include "gate/actor.h"
#include "gate/labeled.h"
#include "gate/policy.h"
#include "search/lexical.h"
#include "search/vectors.h"
#include "store/database.h"
#include "text/words.h"

namespace sekisho::search {

/// A passage as found: what a citation needs.
struct FoundPassage {
  PassageId id;
  DocumentId document;
  std::string document_name;
  ShelfId shelf;
  std::string shelf_name;
  gate::Label label;  ///< Of its shelf.
  std::int64_t number = 0;
  std::int64_t page_first = 1;
  std::int64_t page_last = 1;
  std::string path;
  std::string text;
  std::optional<std::int64_t> ocr;  ///< How surely it was recognised in a picture, 0 to 100; nothing: it was text already.
  double score = 0;
  double words = 0;              ///< The words' part, as rank gives it; the whole score where there is no embedding model.
  std::optional<double> cosine;  ///< With the question, by meaning.
  std::array<double, kFields> shares{};
  std::vector<std::string> matched;
};

/// What the contract (api/openapi.yaml) says of a passage wherever one is shown: ids, names, place, text and level.
[[nodiscard]] Json to_json(const FoundPassage& passage);

/// Where to look: every shelf that the asker may read, or those of them that are named.
struct SearchScope {
  std::optional<std::vector<ShelfId>> shelves;
};

/// What a search went over, counted over readable shelves alone.
struct Searched {
  std::vector<std::string> shelf_names;
  std::int64_t documents = 0;
};

struct Findings {
  gate::Labeled<std::vector<FoundPassage>> passages;  ///< Best first, under the join of their shelves' labels.
  std::vector<PassageId> ids;  ///< Of `passages`, for the Entry: an id tells nothing of what it names.
  Searched searched;
};

/// Finds passages for a person: ranks over the shelves that they may read, with the statistics of those alone.
/// Holds one ShelfIndex a shelf in memory, a cache of the forward blobs in the store.
///
/// Threads: safe from any. `database`, `analyser` and `policy` must outlive it.
class PassageSearch {
 public:
  PassageSearch(store::Database& database, const text::WordAnalyser& analyser, const gate::Policy& policy);

  /// Fills the indexes from the store. Passages that an older analyser made are analysed again and stored.
  /// Errors: kUnavailable (database).
  [[nodiscard]] Result<void> load();

  /// A question without any word finds nothing. Errors: kDenied (a named shelf that is not there or not readable), kUnavailable.
  [[nodiscard]] Result<Findings> find(const gate::Actor& actor, std::string_view question, const SearchScope& scope,
                                      const RankOptions& options);

  /// From now on passages are found by meaning too: `embed` gives a question's vector, or nothing where it cannot (then words alone
  /// decide). Loads the vectors of `model` from the store. Called once, before the first search. Errors: kUnavailable (database).
  using Embed = std::function<std::optional<std::vector<float>>(std::string_view question)>;
  [[nodiscard]] Result<void> use_vectors(const std::string& model, Embed embed);
  void apply_vectors(const ShelfId& shelf, std::vector<ShelfVectors::Added> add);
  /// Counts the changes that brought passages: for whoever gives them vectors.
  [[nodiscard]] std::uint64_t additions() const { return additions_; }

  /// Called by the library after its transaction. A shelf that has no index yet gets one.
  void apply(const ShelfId& shelf, IndexChange change);
  void forget(const ShelfId& shelf);
  [[nodiscard]] const text::WordAnalyser& analyser() const { return analyser_; }

 private:
  struct ReadableShelf;
  // Shared with the searches that rank over it while its shelf is being deleted.
  using Indexes = std::map<ShelfId, std::shared_ptr<ShelfIndex>>;
  using Vectors = std::map<ShelfId, std::shared_ptr<ShelfVectors>>;

  [[nodiscard]] Result<std::vector<ReadableShelf>> readable(store::Connection& connection, const gate::Actor& actor,
                                                            const SearchScope& scope) const;
  [[nodiscard]] std::shared_ptr<ShelfIndex> index_of(const ShelfId& shelf);
  [[nodiscard]] std::shared_ptr<ShelfVectors> vectors_of(const ShelfId& shelf);
  [[nodiscard]] std::vector<Hit> hits_of(const Query& query, const std::optional<QueryVector>& direction, const std::vector<ReadableShelf>& shelves,
                                         const RankOptions& options) const;
  [[nodiscard]] Result<void> analyse_again(const std::string& version);

  store::Database& database_;
  const text::WordAnalyser& analyser_;
  const gate::Policy& policy_;
  Guarded<Indexes> indexes_;
  Guarded<Vectors> vectors_;
  Embed embed_;
  std::atomic<std::uint64_t> additions_ = 0;
};

}  // namespace sekisho::search
