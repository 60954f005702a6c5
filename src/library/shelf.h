#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "gate/actor.h"
#include "gate/gate.h"
#include "gate/label.h"
#include "search/passage_search.h"
#include "store/blobs.h"
#include "store/database.h"

namespace sekisho::library {

/// 書架: documents under one label; the unit of access and of the index.
struct Shelf {
  ShelfId id;
  std::string name;
  gate::Label label;
  std::int64_t created_ms = 0;
  std::int64_t documents = 0;
  std::int64_t passages = 0;
  std::int64_t reading = 0;  ///< Documents that wait or are being read.
  std::int64_t failed = 0;
  std::optional<UserId> owner;  ///< Whose attachments it holds; nothing for a shelf of the office.
};

/// The shelves of the office. Every function speaks of what `actor` may read and of nothing else: a shelf that is not
/// there and one that may not be read give the same kDenied.
///
/// Threads: safe from any. Blocks: database, and one audit append a change.
class Shelves {
 public:
  /// All must outlive this.
  Shelves(store::Database& database, store::Blobs& blobs, gate::Gate& gate, search::PassageSearch& search, const Clock& clock);

  /// Those of the office, by name. Errors: kUnavailable.
  [[nodiscard]] Result<std::vector<Shelf>> readable(const gate::Actor& actor);
  /// Errors: kDenied.
  [[nodiscard]] Result<Shelf> get(const gate::Actor& actor, const ShelfId& id);
  /// Errors: kDenied (the label is above what `actor` may read), kConflict (a readable shelf has that name), kInvalid (name).
  [[nodiscard]] Result<Shelf> create(const gate::Actor& actor, std::string_view name, const gate::Label& label);
  /// Gives a shelf of the office another label, with the reason recorded. A label that protects at least as much takes an author or an
  /// operator; any other is a lowering and takes an operator, who must be able to read the shelf. What was made of it before keeps its label.
  /// Errors: kDenied (no such shelf, no right, the new label is beyond `actor`), kInvalid (reason, no readers).
  [[nodiscard]] Result<Shelf> relabel(const gate::Actor& actor, const ShelfId& id, const gate::Label& label, std::string_view reason);
  /// A shelf for what `actor` attaches to a conversation: read by them alone, listed nowhere, searched only where it is named.
  /// Errors: kDenied (the level is above their clearance).
  [[nodiscard]] Result<Shelf> create_personal(const gate::Actor& actor, gate::Level level);
  /// Deletes the personal shelves of conversations that are gone, and those that no conversation took within a day. Returns how many.
  [[nodiscard]] Result<std::int64_t> sweep_personal();
  /// Deletes the shelf with its documents, passages, index and files. Errors: kDenied.
  [[nodiscard]] Result<void> remove(const gate::Actor& actor, const ShelfId& id);

 private:
  [[nodiscard]] Result<std::vector<Shelf>> select(store::Connection& connection, const gate::Actor& actor, std::string_view where,
                                                  const store::Connection::Values& values);
  [[nodiscard]] Result<void> erase(const ShelfId& id);

  store::Database& database_;
  store::Blobs& blobs_;
  gate::Gate& gate_;
  search::PassageSearch& search_;
  const Clock& clock_;
};

}  // namespace sekisho::library
