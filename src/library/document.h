#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/result.h"
#include "gate/actor.h"
#include "gate/gate.h"
#include "gate/labeled.h"
#include "library/shelf.h"
#include "search/passage_search.h"
#include "store/blobs.h"
#include "store/database.h"

namespace sekisho::library {

struct Document {
  DocumentId id;
  ShelfId shelf;
  std::string name;
  std::string kind;   ///< "pdf", "docx", …; empty until it was read.
  std::int64_t size_bytes = 0;
  std::string state;  ///< "waiting", "reading", "ready", "failed".
  std::int64_t pages = 0;
  std::int64_t pages_read = 0;
  std::int64_t passages = 0;
  Json notes = Json::array();  ///< [{"page","code","detail"}]: what could not be read (process/extract_protocol.h).
  std::optional<Error> error;
  Json personal;               ///< What was found of people: {"found":{"個人番号":2},"action":"warn","raise_to":"機密性2","pages":[[3,"個人番号",2]]}; null: nothing.
  std::string error_note;      ///< The extractor's own code ("encrypted", "ichitaro", …) where `error` came from it.
  std::int64_t created_ms = 0;
  std::string added_by;
  std::optional<DocumentId> replaces;       ///< The version before.
  std::optional<std::int64_t> replaced_ms;  ///< Since when a newer version stands in its place: still open to reading, found no more.
};

/// A citable piece of a document, as it is kept.
struct Passage {
  PassageId id;
  std::int64_t number = 0;  ///< From 1, in the order of the document.
  std::int64_t page_first = 1;
  std::int64_t page_last = 1;
  std::string path;  ///< 「第2章 旅費の額 > 第4条（宿泊料）」; empty where the document has no headings.
  std::string text;
  std::optional<std::int64_t> ocr;  ///< How surely it was recognised in a picture, 0 to 100; nothing: it was text already.
};

/// One page of a list and where the next begins; empty: there is none.
template <typename Item>
struct Listing {
  std::vector<Item> items;
  std::string next;
};

/// The documents of the shelves that an actor may read. "Not there" and "not allowed" are one kDenied.
///
/// Threads: safe from any. Blocks: database, and one audit append a change or release.
class Documents {
 public:
  static constexpr std::int64_t kDeletedKept_ms = std::int64_t{7} * 24 * 60 * 60 * 1000;

  /// All must outlive this. `wake` is called when a document waits to be read.
  Documents(store::Database& database, store::Blobs& blobs, gate::Gate& gate, Shelves& shelves, search::PassageSearch& search,
            const Clock& clock, std::function<void()> wake);

  /// By name. `after` is `next` of the page before, or empty.
  [[nodiscard]] Result<Listing<Document>> list(const gate::Actor& actor, const ShelfId& shelf, std::string_view after, std::size_t limit);
  [[nodiscard]] Result<Document> get(const gate::Actor& actor, const DocumentId& id);
  /// Puts stored bytes on a shelf; they are read in the background. The same bytes under the same name on the same
  /// shelf are the document that is there already. Durable when it returns.
  /// Errors: kDenied, kInvalid (name), kBusy (limits::kUploadQueue wait already).
  [[nodiscard]] Result<Document> add(const gate::Actor& actor, const ShelfId& shelf, std::string_view name, const store::StoredBlob& blob);
  /// Reads a failed document again. Errors: kDenied, kConflict (it has not failed).
  [[nodiscard]] Result<Document> retry(const gate::Actor& actor, const DocumentId& id);
  /// Puts stored bytes in the place of a document. Until they have been read, the document stays what is found.
  /// Errors: as add(); kConflict (it was replaced already).
  [[nodiscard]] Result<Document> replace(const gate::Actor& actor, const DocumentId& id, std::string_view name, const store::StoredBlob& blob);
  /// All versions of a document, the newest first. Errors: kDenied.
  [[nodiscard]] Result<std::vector<Document>> versions(const gate::Actor& actor, const DocumentId& id);
  /// Takes it away at once, from search too; for kDeletedKept_ms it can be restored. Errors: kDenied.
  [[nodiscard]] Result<void> remove(const gate::Actor& actor, const DocumentId& id);
  /// Errors: kDenied: was not deleted, or is swept already.
  [[nodiscard]] Result<Document> restore(const gate::Actor& actor, const DocumentId& id);
  /// Deletes for good, with its earlier versions and its bytes, what was deleted longer than kDeletedKept_ms ago. Returns how many.
  [[nodiscard]] Result<std::int64_t> sweep();
  /// The passages in order, after number `after`, with the document they are of.
  [[nodiscard]] Result<gate::Labeled<std::vector<Passage>>> passages(const gate::Actor& actor, const DocumentId& id, std::int64_t after,
                                                                     std::size_t limit);

 private:
  [[nodiscard]] Result<Document> select(store::Connection& connection, const DocumentId& id);
  [[nodiscard]] Result<Document> insert(const gate::Actor& actor, const ShelfId& shelf, std::string_view name, const store::StoredBlob& blob,
                                        const std::optional<DocumentId>& replaces);
  /// Deletes one row with its bytes. Call inside a transaction.
  [[nodiscard]] Result<void> erase(store::Connection& connection, const DocumentId& id);

  store::Database& database_;
  store::Blobs& blobs_;
  gate::Gate& gate_;
  Shelves& shelves_;
  search::PassageSearch& search_;
  const Clock& clock_;
  std::function<void()> wake_;
};

/// A name that a file may have: 1 to 255 bytes of UTF-8, no path, no control characters.
[[nodiscard]] bool is_file_name(std::string_view name);
/// Removes the bytes that no document names any more; call inside the transaction that deleted the last one.
[[nodiscard]] Result<void> remove_blob_if_unused(store::Connection& connection, store::Blobs& blobs, const std::string& blob);

}  // namespace sekisho::library
