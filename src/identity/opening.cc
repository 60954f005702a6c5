#include "identity/opening.h"

#include <utility>

#include "audit/verify.h"
#include "store/stored_id.h"
#include "text/utf8.h"

namespace sekisho::identity {
namespace {

constexpr std::int64_t kDay_ms = std::int64_t{24} * 3'600'000;
constexpr std::int64_t kWaits_ms = 7 * kDay_ms;  ///< For somebody to agree.
constexpr std::int64_t kReads_ms = kDay_ms;
constexpr std::size_t kReasonCharacters_min = 4;
constexpr std::size_t kReasonCharacters_max = 1000;
constexpr std::int64_t kShown = 200;

/// Who may agree to another's asking. A key that is bound to shelves has an official's rights alone.
bool may_agree(const gate::Actor& actor) {
  return !actor.bound_shelves && (actor.roles.has(gate::Role::kAuditor) || actor.roles.has(gate::Role::kOperator));
}

Error denied() { return {ErrorCode::kDenied, "not there or not allowed"}; }

/// What an Entry says of its content; nothing where it has none.
struct Sealed {
  std::string subject, level;
  Json place;
};
Result<std::optional<Sealed>> sealed_in(const std::filesystem::path& log, std::int64_t sequence) {
  std::optional<Sealed> found;
  const Result<void> read = audit::for_each_entry(log, [&](const audit::ReadLine& line) {
    if (line.sequence != sequence) return line.sequence < sequence;
    const Json* facts = line.entry.details.find("facts");
    const Json* place = facts != nullptr ? facts->find("content") : nullptr;
    if (place != nullptr && line.entry.label && !line.entry.subjects.empty()) found = Sealed{line.entry.subjects.front(), line.entry.label->level, *place};
    return false;
  });
  if (!read) return fail(read.error());
  return found;
}

std::int64_t ends_of(const store::Row& row) { return row.is_null(7) ? row.integer(6) + kWaits_ms : row.integer(8) + kReads_ms; }

constexpr std::string_view kSelect =
    "SELECT o.id, o.sequence, o.subject, o.level, o.place, o.reason, o.asked_ms, o.approved_by, o.approved_ms, o.asked_by, a.display_name, b.display_name "
    "FROM opening o JOIN account a ON a.id = o.asked_by LEFT JOIN account b ON b.id = o.approved_by ";

}  // namespace

Openings::Openings(store::Database& database, gate::Gate& gate, const audit::Contents& contents, std::filesystem::path log, const Clock& clock)
    : database_(database), gate_(gate), contents_(contents), log_(std::move(log)), clock_(clock) {}

Result<OpeningId> Openings::ask(const gate::Actor& actor, std::int64_t sequence, std::string_view reason) {
  if (!actor.roles.has(gate::Role::kAuditor) || actor.id.empty()) return fail(denied());
  const std::size_t characters = text::count_characters(reason);
  if (!text::is_valid_utf8(reason) || characters < kReasonCharacters_min || characters > kReasonCharacters_max) return fail(ErrorCode::kInvalid, "reason: 4 to 1000 characters");
  const auto sealed = sealed_in(log_, sequence);
  if (!sealed) return fail(sealed.error());
  if (!*sealed) return fail(denied());
  const Result<gate::Level> level = gate_.policy().level_named((*sealed)->level);
  if (!level || *level > actor.clearance) return fail(denied());
  const OpeningId id = OpeningId::random();
  const auto recorded = gate_.record(actor, "content.asked", {id.text(), (*sealed)->subject}, audit::Outcome::kDone, Json::object({{"reason", reason}, {"sequence", sequence}}));
  if (!recorded) return fail(recorded.error());
  const auto kept = database_.write([&](store::Connection& connection) {
    return connection.execute("INSERT INTO opening (id, sequence, subject, level, place, reason, asked_by, asked_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                              {id.text(), sequence, (*sealed)->subject, (*sealed)->level, (*sealed)->place.dump(), std::string(reason), actor.id.text(), clock_.wall_ms()});
  });
  if (!kept) return fail(kept.error());
  return id;
}

Result<void> Openings::approve(const gate::Actor& actor, const OpeningId& id) {
  if (!may_agree(actor) || actor.id.empty()) return fail(denied());
  return database_.write([&](store::Connection& connection) -> Result<void> {
    const auto rows = connection.query(std::string(kSelect) + "WHERE o.id = ?", {id.text()});
    if (!rows) return fail(rows.error());
    // Whoever asked is never the one who agrees.
    if (rows->empty() || rows->front().text(9) == actor.id.text() || ends_of(rows->front()) <= clock_.wall_ms()) return fail(denied());
    if (!rows->front().is_null(7)) return fail(ErrorCode::kConflict, "somebody has agreed already");
    const auto recorded = gate_.record(actor, "content.approved", {id.text(), rows->front().text(2)}, audit::Outcome::kDone, Json::object({{"sequence", rows->front().integer(1)}}));
    if (!recorded) return fail(recorded.error());
    const auto done = connection.execute("UPDATE opening SET approved_by = ?, approved_ms = ? WHERE id = ?", {actor.id.text(), clock_.wall_ms(), id.text()});
    return done ? Result<void>() : fail(done.error());
  });
}

Result<std::vector<Opening>> Openings::list(const gate::Actor& actor) {
  if (!may_agree(actor)) return fail(denied());
  return database_.read([&](store::Connection& connection) -> Result<std::vector<Opening>> {
    const auto rows = connection.query(std::string(kSelect) + "ORDER BY o.asked_ms DESC, o.id LIMIT ?", {kShown});
    if (!rows) return fail(rows.error());
    std::vector<Opening> openings;
    for (const store::Row& row : *rows) {
      openings.push_back({store::stored_id<OpeningId>(row.text(0)), row.integer(1), row.text(3), row.text(5), row.text(10), row.integer(6), row.text_or_empty(11), ends_of(row),
                          row.text(9) == actor.id.text()});
    }
    return openings;
  });
}

Result<Json> Openings::read(const gate::Actor& actor, const OpeningId& id) {
  struct Found {
    std::string subject, level, place;
    std::int64_t sequence = 0;
  };
  if (!actor.roles.has(gate::Role::kAuditor)) return fail(denied());
  const Result<Found> found = database_.read([&](store::Connection& connection) -> Result<Found> {
    const auto rows = connection.query(std::string(kSelect) + "WHERE o.id = ?", {id.text()});
    if (!rows) return fail(rows.error());
    if (rows->empty() || rows->front().text(9) != actor.id.text() || rows->front().is_null(7) || ends_of(rows->front()) <= clock_.wall_ms()) return fail(denied());
    const store::Row& row = rows->front();
    return Found{row.text(2), row.text(3), row.text(4), row.integer(1)};
  });
  if (!found) return fail(found.error());
  const Result<gate::Level> level = gate_.policy().level_named(found->level);
  const Result<Json> place = Json::parse(found->place);
  if (!level || !place) return fail(ErrorCode::kCorrupt, "an opening of no content");
  // The level holds for auditors as for all; whose group it was is what the second person decided.
  const auto permit = gate_.admit(actor, gate::Label(*level), gate::Destination::screen(),
                                  {"content", {id.text(), found->subject}, Json::object({{"sequence", found->sequence}})});
  if (!permit) return fail(permit.error());
  return contents_.read(*place, found->subject);
}

}  // namespace sekisho::identity
