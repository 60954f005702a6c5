#include "library/shelf.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "gate/personal.h"
#include "library/document.h"
#include "store/stored_id.h"
#include "text/utf8.h"

namespace sekisho::library {
namespace {

constexpr std::size_t kReasonCharacters_min = 5;
constexpr std::size_t kReasonCharacters_max = 500;
constexpr std::size_t kShelfNameCharacters = 100;
/// What sources say of a document that somebody attached.
constexpr std::string_view kPersonalName = "添付した文書";
constexpr std::int64_t kUntaken_ms = std::int64_t{24} * 60 * 60 * 1000;

bool is_good_name(std::string_view name) {
  if (name.empty() || !text::is_valid_utf8(name) || text::count_characters(name) > kShelfNameCharacters) return false;
  return std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

Shelves::Shelves(store::Database& database, store::Blobs& blobs, gate::Gate& gate, search::PassageSearch& search, const Clock& clock)
    : database_(database), blobs_(blobs), gate_(gate), search_(search), clock_(clock) {}

Result<std::vector<Shelf>> Shelves::select(store::Connection& connection, const gate::Actor& actor, std::string_view where,
                                           const store::Connection::Values& values) {
  auto rows = connection.query(
      "SELECT s.id, s.name, s.label, s.created_ms, count(d.id), coalesce(sum(d.passages), 0), "
      "coalesce(sum(d.state IN ('waiting', 'reading')), 0), coalesce(sum(d.state = 'failed'), 0), s.owner_id "
      "FROM shelf s LEFT JOIN document d ON d.shelf_id = s.id AND d.deleted_ms IS NULL AND d.replaced_ms IS NULL " +
          std::string(where) + " GROUP BY s.id ORDER BY s.name, s.id",
      values);
  if (!rows) return fail(rows.error());
  std::vector<Shelf> shelves;
  for (const store::Row& row : *rows) {
    auto label = gate_.policy().label_from_text(row.text(2));
    auto id = store::stored_id<ShelfId>(row.text(0));
    if (!label || !gate::may_read(actor, *label) || !actor.may_use_shelf(id)) continue;
    shelves.push_back({std::move(id), row.text(1), *std::move(label), row.integer(3), row.integer(4), row.integer(5), row.integer(6),
                       row.integer(7), row.is_null(8) ? std::nullopt : std::optional(store::stored_id<UserId>(row.text(8)))});
  }
  return shelves;
}

Result<std::vector<Shelf>> Shelves::readable(const gate::Actor& actor) {
  return database_.read([&](store::Connection& connection) { return select(connection, actor, "WHERE s.owner_id IS NULL", {}); });
}

Result<Shelf> Shelves::get(const gate::Actor& actor, const ShelfId& id) {
  return database_.read([&](store::Connection& connection) -> Result<Shelf> {
    auto shelves = select(connection, actor, "WHERE s.id = ?", {id.text()});
    if (!shelves) return fail(shelves.error());
    if (shelves->empty()) return fail(ErrorCode::kDenied, "no such shelf");
    return std::move(shelves->front());
  });
}

Result<Shelf> Shelves::create(const gate::Actor& actor, std::string_view name, const gate::Label& label) {
  if (!is_good_name(name)) return fail(ErrorCode::kInvalid, "name: 1 to 100 characters without control characters");
  if (label.readers().empty()) return fail(ErrorCode::kInvalid, "readers: at least one group");
  // Who makes a shelf must be able to read it: nobody files papers away where they cannot see them. An operator at the
  // server's own shell sets shelves up for others.
  if (actor.credential != gate::Credential::kLocalCli && !gate::may_read(actor, label)) {
    return fail(ErrorCode::kDenied, "the label is beyond the maker");
  }
  auto existing = readable(actor);
  if (!existing) return fail(existing.error());
  if (std::any_of(existing->begin(), existing->end(), [&](const Shelf& shelf) { return shelf.name == name; })) {
    return fail(ErrorCode::kConflict, "a shelf has that name");
  }
  Shelf shelf{ShelfId::random(), std::string(name), label, clock_.wall_ms()};
  auto recorded = gate_.record(actor, "shelf.created", {shelf.id.text()}, audit::Outcome::kDone,
                               Json::object({{"label", gate_.policy().to_json(label)}}));
  if (!recorded) return fail(recorded.error());
  auto done = database_.write([&](store::Connection& connection) {
    return connection.execute("INSERT INTO shelf (id, name, label, created_ms, created_by) VALUES (?, ?, ?, ?, ?)",
                              {shelf.id.text(), shelf.name, gate_.policy().to_text(label), shelf.created_ms, actor.id.text()});
  });
  if (!done) return fail(done.error());
  return shelf;
}

Result<Shelf> Shelves::relabel(const gate::Actor& actor, const ShelfId& id, const gate::Label& label, std::string_view reason) {
  auto shelf = get(actor, id);
  if (!shelf) return shelf;
  const bool lowers = !gate::covers(label, shelf->label);
  const bool may = !actor.bound_shelves && (actor.roles.has(gate::Role::kOperator) || (!lowers && actor.roles.has(gate::Role::kAuthor)));
  if (shelf->owner || !may || !gate::may_read(actor, label)) return fail(ErrorCode::kDenied, "no such shelf, or not this actor's to label");
  if (label.readers().empty()) return fail(ErrorCode::kInvalid, "readers: at least one group");
  const std::size_t characters = text::count_characters(reason);
  if (characters < kReasonCharacters_min || characters > kReasonCharacters_max) {
    return fail(ErrorCode::kInvalid, fmt::format("reason: {} to {} characters", kReasonCharacters_min, kReasonCharacters_max));
  }
  const gate::Policy& policy = gate_.policy();
  auto recorded = gate_.record(actor, lowers ? "shelf.label_lowered" : "shelf.label_raised", {id.text()}, audit::Outcome::kDone,
                               Json::object({{"from", policy.to_json(shelf->label)}, {"to", policy.to_json(label)}, {"reason", reason}}));
  if (!recorded) return fail(recorded.error());
  auto done = database_.write([&](store::Connection& connection) {
    return connection.execute("UPDATE shelf SET label = ? WHERE id = ?", {policy.to_text(label), id.text()});
  });
  if (!done) return fail(done.error());
  return get(actor, id);
}

Result<Shelf> Shelves::create_personal(const gate::Actor& actor, gate::Level level) {
  const gate::Label label(level, {{gate::personal_group(actor.id)}});
  if (!gate::may_read(actor, label)) return fail(ErrorCode::kDenied, "the label is beyond the maker");
  Shelf shelf{ShelfId::random(), std::string(kPersonalName), label, clock_.wall_ms()};
  shelf.owner = actor.id;
  auto recorded = gate_.record(actor, "attachments.created", {shelf.id.text()}, audit::Outcome::kDone, Json::object({{"label", gate_.policy().to_json(label)}}));
  if (!recorded) return fail(recorded.error());
  auto done = database_.write([&](store::Connection& connection) {
    return connection.execute("INSERT INTO shelf (id, name, label, created_ms, created_by, owner_id) VALUES (?, ?, ?, ?, ?, ?)",
                              {shelf.id.text(), shelf.name, gate_.policy().to_text(label), shelf.created_ms, actor.id.text(), actor.id.text()});
  });
  if (!done) return fail(done.error());
  return shelf;
}

Result<std::int64_t> Shelves::sweep_personal() {
  auto due = database_.read([&](store::Connection& connection) {
    return connection.query("SELECT s.id FROM shelf s WHERE s.owner_id IS NOT NULL AND s.created_ms < ? "
                            "AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.attachments = s.id)",
                            {clock_.wall_ms() - kUntaken_ms});
  });
  if (!due) return fail(due.error());
  for (const store::Row& row : *due) {
    auto recorded = gate_.record(gate::Actor{}, "attachments.swept", {row.text(0)}, audit::Outcome::kDone);
    if (!recorded) return fail(recorded.error());
    if (auto gone = erase(store::stored_id<ShelfId>(row.text(0))); !gone) return fail(gone.error());
  }
  return static_cast<std::int64_t>(due->size());
}

Result<void> Shelves::remove(const gate::Actor& actor, const ShelfId& id) {
  auto shelf = get(actor, id);
  if (!shelf) return fail(shelf.error());
  auto recorded = gate_.record(actor, "shelf.deleted", {id.text()}, audit::Outcome::kDone, Json::object({{"documents", shelf->documents}}));
  if (!recorded) return fail(recorded.error());
  return erase(id);
}

Result<void> Shelves::erase(const ShelfId& id) {
  auto done = database_.write([&](store::Connection& connection) -> Result<void> {
    auto blobs = connection.query("SELECT DISTINCT blob FROM document WHERE shelf_id = ?", {id.text()});
    if (!blobs) return fail(blobs.error());
    auto documents = connection.execute("DELETE FROM document WHERE shelf_id = ?", {id.text()});
    if (!documents) return fail(documents.error());
    for (const store::Row& row : *blobs) {
      if (auto removed = remove_blob_if_unused(connection, blobs_, row.text(0)); !removed) return removed;
    }
    auto gone = connection.execute("DELETE FROM shelf WHERE id = ?", {id.text()});
    if (!gone) return fail(gone.error());
    return {};
  });
  if (!done) return done;
  search_.forget(id);
  return {};
}

}  // namespace sekisho::library
