#include "library/document.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "store/stored_id.h"
#include "text/utf8.h"

namespace sekisho::library {
namespace {

constexpr std::string_view kColumns =
    "id, shelf_id, name, kind, size_bytes, state, pages, pages_read, passages, notes, error_code, error_detail, created_ms, added_by";

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
  auto rows = connection.query(fmt::format("SELECT {} FROM document WHERE id = ?", kColumns), {id.text()});
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
        fmt::format("SELECT {} FROM document WHERE shelf_id = ? AND (name, id) > (?, ?) ORDER BY name, id LIMIT ?", kColumns),
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
  const DocumentId id = DocumentId::random();
  auto recorded = gate_.record(actor, "document.added", {id.text(), shelf.text()}, audit::Outcome::kDone,
                               Json::object({{"sha256", blob.id.text()}, {"bytes", blob.size_bytes}}));
  if (!recorded) return fail(recorded.error());
  auto document = database_.write([&](store::Connection& connection) -> Result<Document> {
    auto same = connection.query(fmt::format("SELECT {} FROM document WHERE shelf_id = ? AND name = ? AND blob = ?", kColumns),
                                 {shelf.text(), std::string(name), blob.id.text()});
    if (!same) return fail(same.error());
    if (!same->empty()) return from_row(same->front());
    auto waiting = connection.query("SELECT count(*) FROM document WHERE state = 'waiting'");
    if (!waiting) return fail(waiting.error());
    if (waiting->front().integer(0) >= static_cast<std::int64_t>(limits::kUploadQueue)) {
      return fail(ErrorCode::kBusy, fmt::format("{} documents wait to be read already", limits::kUploadQueue));
    }
    auto done = connection.execute(
        "INSERT INTO document (id, shelf_id, name, blob, size_bytes, state, created_ms, added_by) VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?)",
        {id.text(), shelf.text(), std::string(name), blob.id.text(), static_cast<std::int64_t>(blob.size_bytes), clock_.wall_ms(),
         actor.display_name});
    if (!done) return fail(done.error());
    return select(connection, id);
  });
  if (document) wake_();
  return document;
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
    auto blob = connection.query("SELECT blob FROM document WHERE id = ?", {id.text()});
    if (!blob) return fail(blob.error());
    auto gone = connection.execute("DELETE FROM document WHERE id = ?", {id.text()});
    if (!gone) return fail(gone.error());
    if (blob->empty()) return {};
    return remove_blob_if_unused(connection, blobs_, blob->front().text(0));
  });
  if (!done) return done;
  search_.apply(document->shelf, std::move(change));
  return {};
}

Result<gate::Labeled<std::vector<Passage>>> Documents::passages(const gate::Actor& actor, const DocumentId& id, std::int64_t after,
                                                                std::size_t limit) {
  auto document = get(actor, id);
  if (!document) return fail(document.error());
  auto shelf = shelves_.get(actor, document->shelf);
  if (!shelf) return fail(shelf.error());
  return database_.read([&](store::Connection& connection) -> Result<gate::Labeled<std::vector<Passage>>> {
    auto rows = connection.query(
        "SELECT id, number, page_first, page_last, path, text FROM passage WHERE document_id = ? AND number > ? ORDER BY number LIMIT ?",
        {id.text(), after, static_cast<std::int64_t>(limit)});
    if (!rows) return fail(rows.error());
    std::vector<Passage> passages;
    for (const store::Row& row : *rows) {
      passages.push_back({stored_id<PassageId>(row.text(0)), row.integer(1), row.integer(2), row.integer(3), row.text(4), row.text(5)});
    }
    return gate::Labeled<std::vector<Passage>>(std::move(passages), shelf->label);
  });
}

}  // namespace sekisho::library
