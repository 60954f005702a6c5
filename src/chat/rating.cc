#include "chat/rating.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "chat/time_place.h"
#include "store/stored_id.h"

namespace sekisho::chat {
namespace {

/// Why an answer is good or bad; the page has a word for each.
constexpr std::array<std::string_view, 6> kReasons = {"wrong", "unsupported", "incomplete", "wording", "refused", "slow"};

constexpr std::int64_t kBatch = 200;

using RatedTurns = gate::Labeled<RatingPage>;

}  // namespace

Ratings::Ratings(store::Database& database, Conversations& conversations, gate::Gate& gate, const Clock& clock)
    : database_(database), conversations_(conversations), gate_(gate), clock_(clock) {}

Result<void> Ratings::set(const gate::Actor& actor, const TurnId& turn, const Rating& rating) {
  for (const std::string& reason : rating.reasons) {
    if (std::find(kReasons.begin(), kReasons.end(), reason) == kReasons.end()) return fail(ErrorCode::kInvalid, "reasons: one is not known");
  }
  const std::string reasons = fmt::format("{}", fmt::join(rating.reasons, ","));
  if (auto own = conversations_.turn(actor, turn); !own) return fail(own.error());
  auto recorded = gate_.record(actor, "turn.rated", {turn.text()}, audit::Outcome::kDone, Json::object({{"good", rating.good}, {"reasons", reasons}}));
  if (!recorded) return fail(recorded.error());
  return database_.write([&](store::Connection& connection) -> Result<void> {
    auto cleared = connection.execute("DELETE FROM rating WHERE turn_id = ?", {turn.text()});
    if (!cleared) return fail(cleared.error());
    auto kept = connection.execute("INSERT INTO rating (turn_id, good, reason, note, label, created_ms) "
                                   "SELECT id, ?, ?, ?, label, ? FROM turn WHERE id = ? AND state <> 'running'",
                                   {std::int64_t{rating.good ? 1 : 0}, reasons, rating.note, clock_.wall_ms(), turn.text()});
    if (!kept) return fail(kept.error());
    if (*kept == 0) return fail(ErrorCode::kConflict, "the answer is still being written");
    return {};
  });
}

Result<void> Ratings::clear(const gate::Actor& actor, const TurnId& turn) {
  if (auto own = conversations_.turn(actor, turn); !own) return fail(own.error());
  auto recorded = gate_.record(actor, "turn.rating_cleared", {turn.text()}, audit::Outcome::kDone);
  if (!recorded) return fail(recorded.error());
  return database_.write([&](store::Connection& connection) -> Result<void> {
    auto cleared = connection.execute("DELETE FROM rating WHERE turn_id = ?", {turn.text()});
    if (!cleared) return fail(cleared.error());
    return {};
  });
}

Result<RatedTurns> Ratings::list(const gate::Actor& reader, std::string_view after, std::size_t limit) {
  TimePlace place = TimePlace::parse(after);
  return database_.read([&](store::Connection& connection) -> Result<RatedTurns> {
    RatingPage page;
    gate::Label all;
    // A page is filled with what the reader may read, and the next one begins after the last of these: neither short pages nor the place
    // tell of a rating in between that is not for them.
    for (;;) {
      auto rows = connection.query("SELECT r.turn_id, r.good, r.reason, r.note, r.label, r.created_ms, t.mode, t.state, t.summary FROM rating r "
                                   "JOIN turn t ON t.id = r.turn_id WHERE (r.created_ms, r.turn_id) < (?, ?) ORDER BY r.created_ms DESC, r.turn_id DESC LIMIT ?",
                                   {place.ms, place.id, kBatch});
      if (!rows) return fail(rows.error());
      for (const store::Row& row : *rows) {
        place = {row.integer(5), row.text(0)};
        auto label = gate_.policy().label_from_text(row.text(4));
        auto mode = mode_named(row.text(6));
        if (!label || !mode) return fail(ErrorCode::kCorrupt, "rating: unreadable row");
        if (!gate::may_read(reader, *label)) continue;
        if (page.items.size() == limit) {
          page.next = TimePlace{page.items.back().created_ms, page.items.back().turn.text()}.text();
          return RatedTurns(std::move(page), std::move(all));
        }
        all = gate::join(all, *label);
        page.items.push_back({store::stored_id<TurnId>(row.text(0)), {row.integer(1) == 1, reasons_of(row.text(2)), row.text(3)}, *mode, row.text(7),
                              Json::parse(row.text(8)).value_or(Json::object()), *std::move(label), row.integer(5)});
      }
      if (static_cast<std::int64_t>(rows->size()) < kBatch) return RatedTurns(std::move(page), std::move(all));
    }
  });
}

}  // namespace sekisho::chat
