#include "search/passage_search.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "gate/gate.h"
#include "search/blend.h"
#include "search/terms.h"
#include "store/stored_id.h"

namespace sekisho::search {
namespace {

constexpr std::size_t kLoadBatch = 2'000;

using store::stored_id;

}  // namespace

Json to_json(const FoundPassage& passage) {
  return Json::object({{"passage_id", passage.id.text()},
                       {"document_id", passage.document.text()},
                       {"document_name", passage.document_name},
                       {"shelf_id", passage.shelf.text()},
                       {"shelf_name", passage.shelf_name},
                       {"page", passage.page_first},
                       {"path", passage.path},
                       {"text", passage.text},
                       {"ocr", passage.ocr ? Json(*passage.ocr) : Json()},
                       {"level", passage.label.level().rank + 1}});
}

struct PassageSearch::ReadableShelf {
  ShelfId id;
  std::string name;
  gate::Label label;
  std::int64_t documents = 0;
  std::shared_ptr<ShelfIndex> index;
  std::shared_ptr<ShelfVectors> vectors;  ///< Only where it is searched by meaning.
};

PassageSearch::PassageSearch(store::Database& database, const text::WordAnalyser& analyser, const gate::Policy& policy)
    : database_(database), analyser_(analyser), policy_(policy) {}

std::shared_ptr<ShelfIndex> PassageSearch::index_of(const ShelfId& shelf) {
  return indexes_.with([&](Indexes& indexes) {
    auto& index = indexes[shelf];
    if (!index) index = std::make_shared<ShelfIndex>();
    return index;
  });
}

std::shared_ptr<ShelfVectors> PassageSearch::vectors_of(const ShelfId& shelf) {
  return vectors_.with([&](Vectors& vectors) {
    auto& found = vectors[shelf];
    if (!found) found = std::make_shared<ShelfVectors>();
    return found;
  });
}

void PassageSearch::apply(const ShelfId& shelf, IndexChange change) {
  if (embed_ && !change.remove.empty()) vectors_of(shelf)->apply({}, change.remove);
  const bool brought = !change.add.empty();
  index_of(shelf)->apply(std::move(change));
  if (brought) ++additions_;
}

void PassageSearch::apply_vectors(const ShelfId& shelf, std::vector<ShelfVectors::Added> add) { vectors_of(shelf)->apply(std::move(add), {}); }

void PassageSearch::forget(const ShelfId& shelf) {
  indexes_.with([&](Indexes& indexes) { indexes.erase(shelf); });
  vectors_.with([&](Vectors& vectors) { vectors.erase(shelf); });
}

Result<void> PassageSearch::use_vectors(const std::string& model, Embed embed) {
  embed_ = std::move(embed);
  std::map<ShelfId, std::vector<ShelfVectors::Added>> added;
  auto read = database_.read([&](store::Connection& connection) {
    return connection.for_each("SELECT p.shelf_id, p.id, v.vector FROM passage_vector v JOIN passage p ON p.id = v.passage_id "
                               "JOIN document d ON d.id = p.document_id WHERE v.model = ? AND d.deleted_ms IS NULL AND d.replaced_ms IS NULL", {model}, [&](const store::Row& row) {
      auto vector = PackedVector::from_blob(row.blob(2));
      if (vector) added[stored_id<ShelfId>(row.text(0))].push_back({stored_id<PassageId>(row.text(1)), *std::move(vector)});
    });
  });
  if (!read) return fail(read.error());
  for (auto& [shelf, vectors] : added) apply_vectors(shelf, std::move(vectors));
  return {};
}

Result<void> PassageSearch::load() {
  const std::string version = terms_version(analyser_);
  if (auto again = analyse_again(version); !again) return again;
  std::map<ShelfId, IndexChange> changes;
  const auto flush = [&](const ShelfId& shelf) { apply(shelf, std::exchange(changes[shelf], {})); };
  std::size_t damaged = 0;
  auto read = database_.read([&](store::Connection& connection) {
    return connection.for_each("SELECT p.shelf_id, p.id, p.terms FROM passage p JOIN document d ON d.id = p.document_id "
                               "WHERE d.deleted_ms IS NULL AND d.replaced_ms IS NULL ORDER BY p.shelf_id, p.id", {}, [&](const store::Row& row) {
      const auto shelf = stored_id<ShelfId>(row.text(0));
      auto terms = PassageTerms::from_blob(row.blob(2));
      if (!terms) {
        ++damaged;
        return;
      }
      IndexChange& change = changes[shelf];
      change.add.push_back({stored_id<PassageId>(row.text(1)), std::move(*terms)});
      if (change.add.size() >= kLoadBatch) flush(shelf);
    });
  });
  if (!read) return fail(read.error());
  for (auto& [shelf, change] : changes) {
    if (!change.add.empty()) flush(shelf);
  }
  if (damaged > 0) log_error("search.damaged_terms", {{"passages", static_cast<std::int64_t>(damaged)}});
  return {};
}

Result<void> PassageSearch::analyse_again(const std::string& version) {
  struct Stale {
    std::string id, title, text;
  };
  for (;;) {
    auto document = database_.read([&](store::Connection& connection) {
      return connection.query("SELECT id, name FROM document WHERE state = 'ready' AND terms_version <> ? LIMIT 1", {version});
    });
    if (!document) return fail(document.error());
    if (document->empty()) return {};
    const std::string id = document->front().text(0);
    const std::string name = document->front().text(1);
    auto done = database_.write([&](store::Connection& connection) -> Result<void> {
      auto rows = connection.query("SELECT id, path, text FROM passage WHERE document_id = ?", {id});
      if (!rows) return fail(rows.error());
      for (const store::Row& row : *rows) {
        const PassageTerms terms = terms_of_passage(analyser_, name + " " + row.text(1), row.text(2));
        auto updated = connection.execute("UPDATE passage SET terms = ? WHERE id = ?", {store::Blob{terms.to_blob()}, row.text(0)});
        if (!updated) return fail(updated.error());
      }
      auto marked = connection.execute("UPDATE document SET terms_version = ? WHERE id = ?", {version, id});
      if (!marked) return fail(marked.error());
      return {};
    });
    if (!done) return done;
  }
}

Result<std::vector<PassageSearch::ReadableShelf>> PassageSearch::readable(store::Connection& connection, const gate::Actor& actor,
                                                                          const SearchScope& scope) const {
  auto rows = connection.query(
      "SELECT s.id, s.name, s.label, (SELECT count(*) FROM document d WHERE d.shelf_id = s.id AND d.state = 'ready' AND d.deleted_ms IS NULL AND d.replaced_ms IS NULL), "
      "s.owner_id IS NOT NULL FROM shelf s ORDER BY s.name, s.id");
  if (!rows) return fail(rows.error());
  std::vector<ReadableShelf> shelves;
  for (const store::Row& row : *rows) {
    ReadableShelf shelf{stored_id<ShelfId>(row.text(0)), row.text(1), {}, row.integer(3), nullptr};
    auto label = policy_.label_from_text(row.text(2));
    if (!label || !gate::may_read(actor, *label) || !actor.may_use_shelf(shelf.id)) continue;
    if (!scope.shelves && row.integer(4) != 0) continue;  // Attachments are for the question that names them.
    if (scope.shelves && std::find(scope.shelves->begin(), scope.shelves->end(), shelf.id) == scope.shelves->end()) continue;
    shelf.label = std::move(*label);
    shelves.push_back(std::move(shelf));
  }
  if (scope.shelves && shelves.size() < scope.shelves->size()) return fail(ErrorCode::kDenied, "no such shelf");
  return shelves;
}

std::vector<Hit> PassageSearch::hits_of(const Query& query, const std::optional<QueryVector>& direction, const std::vector<ReadableShelf>& shelves,
                                        const RankOptions& options) const {
  std::vector<const ShelfIndex*> indexes;
  for (const ReadableShelf& shelf : shelves) indexes.push_back(shelf.index.get());
  if (!direction) return rank(query, indexes, options);
  std::vector<const ShelfVectors*> vectors;
  for (const ReadableShelf& shelf : shelves) vectors.push_back(shelf.vectors.get());
  RankOptions wider = options;
  wider.limit = std::max(options.limit, kCandidates);
  return blend(rank(query, indexes, wider), nearest(*direction, vectors, kCandidates),
               [&](const Hit& hit) { return vectors[hit.shelf]->cosine(*direction, hit.passage); }, options.limit);
}

Result<Findings> PassageSearch::find(const gate::Actor& actor, std::string_view question, const SearchScope& scope,
                                     const RankOptions& options) {
  const Query query = parse_query(analyser_, question);
  std::optional<QueryVector> direction;
  if (embed_) {
    if (const auto values = embed_(question)) direction.emplace(*values);
  }
  return database_.read([&](store::Connection& connection) -> Result<Findings> {
    auto shelves = readable(connection, actor, scope);
    if (!shelves) return fail(shelves.error());
    Searched searched;
    for (ReadableShelf& shelf : *shelves) {
      shelf.index = index_of(shelf.id);
      if (direction) shelf.vectors = vectors_of(shelf.id);
      searched.shelf_names.push_back(shelf.name);
      searched.documents += shelf.documents;
    }
    std::vector<gate::Labeled<FoundPassage>> found;
    std::vector<PassageId> ids;
    for (Hit& hit : hits_of(query, direction, *shelves, options)) {
      auto rows = connection.query(
          "SELECT p.document_id, d.name, p.number, p.page_first, p.page_last, p.path, p.text, p.ocr "
          "FROM passage p JOIN document d ON d.id = p.document_id WHERE p.id = ? AND p.shelf_id = ?",
          {hit.passage.text(), (*shelves)[hit.shelf].id.text()});
      if (!rows) return fail(rows.error());
      if (rows->empty()) continue;  // Deleted between the index and now.
      const store::Row& row = rows->front();
      const ReadableShelf& shelf = (*shelves)[hit.shelf];
      ids.push_back(hit.passage);
      found.emplace_back(FoundPassage{hit.passage, stored_id<DocumentId>(row.text(0)), row.text(1), shelf.id, shelf.name, shelf.label,
                                      row.integer(2), row.integer(3), row.integer(4), row.text(5), row.text(6),
                                      row.is_null(7) ? std::nullopt : std::optional(row.integer(7)), hit.score, hit.words, hit.cosine, hit.shares,
                                      std::move(hit.matched)},
                         shelf.label);
    }
    return Findings{gate::gather(std::move(found)), std::move(ids), std::move(searched)};
  });
}

}  // namespace sekisho::search
