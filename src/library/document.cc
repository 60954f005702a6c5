#include "library/document.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "search/terms.h"
#include "store/stored_id.h"
#include "text/utf8.h"

namespace sekisho::library {
namespace {

constexpr std::string_view kColumns =
    "id, shelf_id, name, kind, size_bytes, state, pages, pages_read, passages, notes, error_code, error_detail, created_ms, added_by, replaces, "
    "replaced_ms, personal";

/// Neither deleted nor replaced.
constexpr std::string_view kCurrent = "deleted_ms IS NULL AND replaced_ms IS NULL";

using store::stored_id;

/// `error_code` holds "unsupported" or "unsupported:ichitaro": our code, and the extractor's own where it said one.
void read_error(Document& document, const store::Row& row) {
  if (row.is_null(10)) return;
  const std::string& stored = row.text(10);
  const std::size_t colon = stored.find(':');
  document.error = Error{error_code_named(stored.substr(0, colon)), row.text_or_empty(11)};
  if (colon != std::string::npos) document.error_note = stored.substr(colon + 1);
}

Document from_row(const store::Row& row) {
  Document document;
  document.id = stored_id<DocumentId>(row.text(0));
  document.shelf = stored_id<ShelfId>(row.text(1));
  document.name = row.text(2);
  document.kind = row.text(3);
  document.size_bytes = row.integer(4);
  document.state = row.text(5);
  document.pages = row.integer(6);
  document.pages_read = row.integer(7);
  document.passages = row.integer(8);
  document.notes = Json::parse(row.text(9)).value_or(Json::array());
  read_error(document, row);
  document.created_ms = row.integer(12);
  document.added_by = row.text(13);
  if (!row.is_null(14)) document.replaces = stored_id<DocumentId>(row.text(14));
  if (!row.is_null(15)) document.replaced_ms = row.integer(15);
  if (!row.is_null(16)) document.personal = Json::parse(row.text(16)).value_or(Json());
  return document;
}

}  // namespace

bool is_file_name(std::string_view name) {
  if (name.empty() || name.size() > limits::kFileNameBytes || name == "." || name == "..") return false;
  if (!text::is_valid_utf8(name) || name.find_first_of("/\\") != std::string_view::npos) return false;
  return std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<void> remove_blob_if_unused(store::Connection& connection, store::Blobs& blobs, const std::string& blob) {
  auto users = connection.query("SELECT 1 FROM document WHERE blob = ? LIMIT 1", {blob});
  if (!users) return fail(users.error());
  if (!users->empty()) return {};
  auto id = store::BlobId::parse(blob);
  return id ? blobs.remove(*id) : fail(id.error());
}

Documents::Documents(store::Database& database, store::Blobs& blobs, gate::Gate& gate, Shelves& shelves, search::PassageSearch& search,
                     const Clock& clock, std::function<void()> wake)
    : database_(database), blobs_(blobs), gate_(gate), shelves_(shelves), search_(search), clock_(clock), wake_(std::move(wake)) {}

Result<Document> Documents::select(store::Connection& connection, const DocumentId& id) {
  auto rows = connection.query(fmt::format("SELECT {} FROM document WHERE id = ? AND deleted_ms IS NULL", kColumns), {id.text()});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(ErrorCode::kDenied, "no such document");
  return from_row(rows->front());
}

Result<Listing<Document>> Documents::list(const gate::Actor& actor, const ShelfId& shelf, std::string_view after, std::size_t limit) {
  if (auto readable = shelves_.get(actor, shelf); !readable) return fail(readable.error());
  // The place in the list is "name/id": both, since names repeat.
  const std::size_t slash = after.rfind('/');
  const std::string after_name(after.substr(0, slash == std::string_view::npos ? 0 : slash));
  const std::string after_id(slash == std::string_view::npos ? "" : after.substr(slash + 1));
  return database_.read([&](store::Connection& connection) -> Result<Listing<Document>> {
    auto rows = connection.query(
        fmt::format("SELECT {} FROM document WHERE shelf_id = ? AND (name, id) > (?, ?) AND {} ORDER BY name, id LIMIT ?", kColumns, kCurrent),
        {shelf.text(), after_name, after_id, static_cast<std::int64_t>(limit + 1)});
    if (!rows) return fail(rows.error());
    Listing<Document> page;
    for (const store::Row& row : *rows) {
      if (page.items.size() == limit) {
        page.next = page.items.back().name + "/" + page.items.back().id.text();
        break;
      }
      page.items.push_back(from_row(row));
    }
    return page;
  });
}

Result<Document> Documents::get(const gate::Actor& actor, const DocumentId& id) {
  auto document = database_.read([&](store::Connection& connection) { return select(connection, id); });
  if (!document) return document;
  if (!shelves_.get(actor, document->shelf)) return fail(ErrorCode::kDenied, "no such document");
  return document;
}

Result<Document> Documents::add(const gate::Actor& actor, const ShelfId& shelf, std::string_view name, const store::StoredBlob& blob) {
  if (!is_file_name(name)) return fail(ErrorCode::kInvalid, "name: 1 to 255 bytes of UTF-8, no path, no control characters");
  if (auto readable = shelves_.get(actor, shelf); !readable) return fail(readable.error());
  return insert(actor, shelf, name, blob, std::nullopt);
}

Result<Document> Documents::replace(const gate::Actor& actor, const DocumentId& id, std::string_view name, const store::StoredBlob& blob) {
  if (!is_file_name(name)) return fail(ErrorCode::kInvalid, "name: 1 to 255 bytes of UTF-8, no path, no control characters");
  auto old = get(actor, id);
  if (!old) return old;
  if (old->replaced_ms) return fail(ErrorCode::kConflict, "a newer version stands in its place already");
  return insert(actor, old->shelf, name, blob, id);
}

Result<Document> Documents::insert(const gate::Actor& actor, const ShelfId& shelf, std::string_view name, const store::StoredBlob& blob,
                                   const std::optional<DocumentId>& replaces) {
  const DocumentId id = DocumentId::random();
  std::vector<std::string> subjects = {id.text(), shelf.text()};
  if (replaces) subjects.push_back(replaces->text());
  auto recorded = gate_.record(actor, replaces ? "document.replaced" : "document.added", std::move(subjects), audit::Outcome::kDone,
                               Json::object({{"sha256", blob.id.text()}, {"bytes", blob.size_bytes}}));
  if (!recorded) return fail(recorded.error());
  auto document = database_.write([&](store::Connection& connection) -> Result<Document> {
    auto same = connection.query(fmt::format("SELECT {} FROM document WHERE shelf_id = ? AND name = ? AND blob = ? AND {}", kColumns, kCurrent),
                                 {shelf.text(), std::string(name), blob.id.text()});
    if (!same) return fail(same.error());
    if (!same->empty()) return from_row(same->front());
    auto waiting = connection.query("SELECT count(*) FROM document WHERE state = 'waiting'");
    if (!waiting) return fail(waiting.error());
    if (waiting->front().integer(0) >= static_cast<std::int64_t>(limits::kUploadQueue)) {
      return fail(ErrorCode::kBusy, fmt::format("{} documents wait to be read already", limits::kUploadQueue));
    }
    auto done = connection.execute(
        "INSERT INTO document (id, shelf_id, name, blob, size_bytes, state, created_ms, added_by, replaces) VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?)",
        {id.text(), shelf.text(), std::string(name), blob.id.text(), static_cast<std::int64_t>(blob.size_bytes), clock_.wall_ms(),
         actor.display_name, replaces ? store::Value(replaces->text()) : store::Value(nullptr)});
    if (!done) return fail(done.error());
    return select(connection, id);
  });
  if (document) wake_();
  return document;
}

Result<std::vector<Document>> Documents::versions(const gate::Actor& actor, const DocumentId& id) {
  if (auto known = get(actor, id); !known) return fail(known.error());
  return database_.read([&](store::Connection& connection) -> Result<std::vector<Document>> {
    // Back to the first version and forward to the newest. One may have two successors while two people replace it.
    auto rows = connection.query(fmt::format("WITH RECURSIVE chain(cid) AS (SELECT ? UNION SELECT d.replaces FROM document d JOIN chain ON d.id = cid WHERE d.replaces IS NOT NULL "
                                             "UNION SELECT d.id FROM document d JOIN chain ON d.replaces = cid) "
                                             "SELECT {} FROM document JOIN chain ON id = cid WHERE deleted_ms IS NULL ORDER BY created_ms DESC, id DESC LIMIT 200",
                                             kColumns),
                                 {id.text()});
    if (!rows) return fail(rows.error());
    std::vector<Document> versions;
    for (const store::Row& row : *rows) versions.push_back(from_row(row));
    return versions;
  });
}

Result<Document> Documents::retry(const gate::Actor& actor, const DocumentId& id) {
  auto document = get(actor, id);
  if (!document) return document;
  if (document->state != "failed") return fail(ErrorCode::kConflict, "the document has not failed");
  auto again = database_.write([&](store::Connection& connection) -> Result<Document> {
    auto done = connection.execute(
        "UPDATE document SET state = 'waiting', attempts = 0, error_code = NULL, error_detail = NULL, notes = '[]' WHERE id = ? AND state = 'failed'",
        {id.text()});
    if (!done) return fail(done.error());
    return select(connection, id);
  });
  if (again) wake_();
  return again;
}

Result<void> Documents::remove(const gate::Actor& actor, const DocumentId& id) {
  auto document = get(actor, id);
  if (!document) return fail(document.error());
  auto recorded = gate_.record(actor, "document.deleted", {id.text(), document->shelf.text()}, audit::Outcome::kDone);
  if (!recorded) return fail(recorded.error());
  search::IndexChange change;
  auto done = database_.write([&](store::Connection& connection) -> Result<void> {
    auto passages = connection.query("SELECT id FROM passage WHERE document_id = ?", {id.text()});
    if (!passages) return fail(passages.error());
    for (const store::Row& row : *passages) change.remove.push_back(stored_id<PassageId>(row.text(0)));
    auto gone = connection.execute("UPDATE document SET deleted_ms = ? WHERE id = ?", {clock_.wall_ms(), id.text()});
    if (!gone) return fail(gone.error());
    return {};
  });
  if (!done) return done;
  search_.apply(document->shelf, std::move(change));
  return {};
}

Result<Document> Documents::restore(const gate::Actor& actor, const DocumentId& id) {
  auto shelf = database_.read([&](store::Connection& connection) { return connection.query("SELECT shelf_id FROM document WHERE id = ? AND deleted_ms IS NOT NULL", {id.text()}); });
  if (!shelf) return fail(shelf.error());
  if (shelf->empty()) return fail(ErrorCode::kDenied, "no such document");
  const auto shelf_id = stored_id<ShelfId>(shelf->front().text(0));
  if (!shelves_.get(actor, shelf_id)) return fail(ErrorCode::kDenied, "no such document");
  auto recorded = gate_.record(actor, "document.restored", {id.text(), shelf_id.text()}, audit::Outcome::kDone);
  if (!recorded) return fail(recorded.error());
  search::IndexChange change;
  auto document = database_.write([&](store::Connection& connection) -> Result<Document> {
    auto done = connection.execute("UPDATE document SET deleted_ms = NULL WHERE id = ? AND deleted_ms IS NOT NULL", {id.text()});
    if (!done) return fail(done.error());
    if (*done == 0) return fail(ErrorCode::kDenied, "no such document");
    auto passages = connection.query("SELECT p.id, p.terms FROM passage p JOIN document d ON d.id = p.document_id WHERE d.id = ? AND d.replaced_ms IS NULL", {id.text()});
    if (!passages) return fail(passages.error());
    for (const store::Row& row : *passages) {
      auto terms = search::PassageTerms::from_blob(row.blob(1));
      if (!terms) return fail(terms.error());
      change.add.push_back({stored_id<PassageId>(row.text(0)), *std::move(terms)});
    }
    return select(connection, id);
  });
  if (!document) return document;
  search_.apply(shelf_id, std::move(change));
  wake_();
  return document;
}

Result<void> Documents::erase(store::Connection& connection, const DocumentId& id) {
  auto blob = connection.query("SELECT blob FROM document WHERE id = ?", {id.text()});
  if (!blob) return fail(blob.error());
  auto gone = connection.execute("DELETE FROM document WHERE id = ?", {id.text()});
  if (!gone) return fail(gone.error());
  return blob->empty() ? Result<void>() : remove_blob_if_unused(connection, blobs_, blob->front().text(0));
}

Result<std::int64_t> Documents::sweep() {
  const std::int64_t before_ms = clock_.wall_ms() - kDeletedKept_ms;
  // With a document go the versions that it replaced.
  auto due = database_.read([&](store::Connection& connection) {
    return connection.query("WITH RECURSIVE old(oid) AS (SELECT id FROM document WHERE deleted_ms < ? "
                            "UNION SELECT d.replaces FROM document d JOIN old ON d.id = oid WHERE d.replaces IS NOT NULL) "
                            "SELECT oid FROM old JOIN document ON id = oid WHERE replaced_ms IS NOT NULL OR deleted_ms < ?",
                            {before_ms, before_ms});
  });
  if (!due) return fail(due.error());
  for (const store::Row& row : *due) {
    auto recorded = gate_.record(gate::Actor{}, "document.swept", {row.text(0)}, audit::Outcome::kDone);
    if (!recorded) return fail(recorded.error());
    auto done = database_.write([&](store::Connection& connection) { return erase(connection, stored_id<DocumentId>(row.text(0))); });
    if (!done) return fail(done.error());
  }
  return static_cast<std::int64_t>(due->size());
}

Result<gate::Labeled<std::vector<Passage>>> Documents::passages(const gate::Actor& actor, const DocumentId& id, std::int64_t after,
                                                                std::size_t limit) {
  auto document = get(actor, id);
  if (!document) return fail(document.error());
  auto shelf = shelves_.get(actor, document->shelf);
  if (!shelf) return fail(shelf.error());
  return database_.read([&](store::Connection& connection) -> Result<gate::Labeled<std::vector<Passage>>> {
    auto rows = connection.query(
        "SELECT id, number, page_first, page_last, path, text, ocr FROM passage WHERE document_id = ? AND number > ? ORDER BY number LIMIT ?",
        {id.text(), after, static_cast<std::int64_t>(limit)});
    if (!rows) return fail(rows.error());
    std::vector<Passage> passages;
    for (const store::Row& row : *rows) {
      passages.push_back({stored_id<PassageId>(row.text(0)), row.integer(1), row.integer(2), row.integer(3), row.text(4), row.text(5),
                          row.is_null(6) ? std::nullopt : std::optional(row.integer(6))});
    }
    return gate::Labeled<std::vector<Passage>>(std::move(passages), shelf->label);
  });
}

}  // namespace sekisho::library
