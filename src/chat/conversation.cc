#include "chat/conversation.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "store/stored_id.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

constexpr std::size_t kTitleCharacters = 30;
constexpr std::string_view kTurnColumns =
    "id, conversation_id, parent_id, question, mode, shelves, state, answer, claims, sources, summary, label, created_ms";
constexpr std::string_view kHeadColumns =
    "c.id, c.title, c.label, c.created_ms, c.updated_ms, "
    "(SELECT t.id FROM turn t WHERE t.conversation_id = c.id AND t.state = 'running' ORDER BY t.sequence DESC LIMIT 1)";

using store::stored_id;

/// The first line of the question, shortened.
std::string title_of(std::string_view question) {
  const std::string_view line = question.substr(0, question.find('\n'));
  const std::string_view head = text::first_characters(line, kTitleCharacters);
  return std::string(head) + (head.size() < line.size() ? "…" : "");
}

Json shelves_json(const std::vector<std::string>& shelves) {
  Json::Array items;
  for (const std::string& shelf : shelves) items.emplace_back(shelf);
  return Json::array(std::move(items));
}

Result<ConversationHead> read_head(const gate::Policy& policy, const store::Row& row) {
  auto label = policy.label_from_text(row.text(2));
  if (!label) return fail(label.error());
  ConversationHead head{stored_id<ConversationId>(row.text(0)), row.text(1), *std::move(label), row.integer(3), row.integer(4), {}};
  if (!row.is_null(5)) head.running = stored_id<TurnId>(row.text(5));
  return head;
}

}  // namespace

std::string_view name_of(Mode mode) { return mode == Mode::kShelves ? "shelves" : "none"; }

Result<Mode> mode_named(std::string_view name) {
  if (name == "shelves") return Mode::kShelves;
  if (name == "none") return Mode::kNone;
  return fail(ErrorCode::kInvalid, "mode: must be shelves or none");
}

Conversations::Conversations(store::Database& database, gate::Gate& gate, const Clock& clock)
    : database_(database), gate_(gate), clock_(clock) {}

Result<std::int64_t> Conversations::recover() {
  const std::string summary = Json::object({{"code", "unavailable"}, {"detail", "the server stopped while this answer was being written"}}).dump();
  return database_.write([&](store::Connection& connection) {
    return connection.execute("UPDATE turn SET state = 'failed', summary = ? WHERE state = 'running'", {summary});
  });
}

Result<ConversationHead> Conversations::select(store::Connection& connection, const gate::Actor& actor, const ConversationId& id) {
  auto rows = connection.query(fmt::format("SELECT {} FROM conversation c WHERE c.id = ? AND c.owner_id = ?", kHeadColumns),
                               {id.text(), actor.id.text()});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(ErrorCode::kDenied, "no such conversation");
  auto head = read_head(gate_.policy(), rows->front());
  if (!head || !gate::may_read(actor, head->label)) return fail(ErrorCode::kDenied, "no such conversation");
  return head;
}

Result<ConversationPage> Conversations::list(const gate::Actor& actor, std::string_view after, std::size_t limit) {
  // The place in the list is "updated_ms/id".
  std::int64_t before_ms = INT64_MAX;
  std::string before_id = "~";
  if (const std::size_t slash = after.find('/'); slash != std::string_view::npos) {
    std::from_chars(after.data(), after.data() + slash, before_ms);
    before_id = after.substr(slash + 1);
  }
  return database_.read([&](store::Connection& connection) -> Result<ConversationPage> {
    ConversationPage page;
    auto rows = connection.query(fmt::format("SELECT {} FROM conversation c WHERE c.owner_id = ? AND (c.updated_ms, c.id) < (?, ?) "
                                             "ORDER BY c.updated_ms DESC, c.id DESC LIMIT ?",
                                             kHeadColumns),
                                 {actor.id.text(), before_ms, before_id, static_cast<std::int64_t>(limit + 1)});
    if (!rows) return fail(rows.error());
    const std::size_t shown = std::min(rows->size(), limit);
    for (std::size_t i = 0; i < shown; ++i) {
      auto head = read_head(gate_.policy(), (*rows)[i]);
      if (head && gate::may_read(actor, head->label)) page.items.push_back(*std::move(head));
    }
    if (rows->size() > limit) page.next = fmt::format("{}/{}", (*rows)[shown - 1].integer(4), (*rows)[shown - 1].text(0));
    return page;
  });
}

Result<ConversationHead> Conversations::get(const gate::Actor& actor, const ConversationId& id) {
  return database_.read([&](store::Connection& connection) { return select(connection, actor, id); });
}

Result<StoredTurn> Conversations::read_turn(const store::Row& row) const {
  auto label = gate_.policy().label_from_text(row.text(11));
  auto mode = mode_named(row.text(4));
  if (!label || !mode) return fail(ErrorCode::kCorrupt, "turn: unreadable row");
  StoredTurn turn;
  turn.id = stored_id<TurnId>(row.text(0));
  turn.conversation = stored_id<ConversationId>(row.text(1));
  if (!row.is_null(2)) turn.parent = stored_id<TurnId>(row.text(2));
  turn.question = row.text(3);
  turn.mode = *mode;
  if (auto shelves = Json::parse(row.text(5)); shelves && shelves->as_array() != nullptr) {
    for (const Json& shelf : *shelves->as_array()) {
      if (const std::string* id = shelf.as_string()) turn.shelves.push_back(*id);
    }
  }
  turn.state = row.text(6);
  turn.answer = row.text(7);
  turn.claims = Json::parse(row.text(8)).value_or(Json::array());
  turn.sources = Json::parse(row.text(9)).value_or(Json::array());
  turn.summary = Json::parse(row.text(10)).value_or(Json::object());
  turn.label = *std::move(label);
  turn.created_ms = row.integer(12);
  return turn;
}

Result<gate::Labeled<std::vector<StoredTurn>>> Conversations::turns(const gate::Actor& actor, const ConversationId& id) {
  using Turns = gate::Labeled<std::vector<StoredTurn>>;
  return database_.read([&](store::Connection& connection) -> Result<Turns> {
    auto head = select(connection, actor, id);
    if (!head) return fail(head.error());
    auto rows = connection.query(fmt::format("SELECT {} FROM turn WHERE conversation_id = ? ORDER BY sequence", kTurnColumns), {id.text()});
    if (!rows) return fail(rows.error());
    std::vector<StoredTurn> turns;
    gate::Label label = head->label;
    for (const store::Row& row : *rows) {
      auto turn = read_turn(row);
      if (!turn) return fail(turn.error());
      label = gate::join(label, turn->label);
      turns.push_back(*std::move(turn));
    }
    auto ratings = connection.query("SELECT turn_id, good, reason, note FROM rating WHERE turn_id IN (SELECT id FROM turn WHERE conversation_id = ?)", {id.text()});
    if (!ratings) return fail(ratings.error());
    for (const store::Row& row : *ratings) {
      const auto rated = std::find_if(turns.begin(), turns.end(), [&](const StoredTurn& turn) { return turn.id.text() == row.text(0); });
      if (rated != turns.end()) rated->rating = Rating{row.integer(1) == 1, row.text(2), row.text(3)};
    }
    return Turns(std::move(turns), std::move(label));
  });
}

Result<gate::Labeled<StoredTurn>> Conversations::turn(const gate::Actor& actor, const TurnId& id) {
  return database_.read([&](store::Connection& connection) -> Result<gate::Labeled<StoredTurn>> {
    auto rows = connection.query(fmt::format("SELECT {} FROM turn WHERE id = ?", kTurnColumns), {id.text()});
    if (!rows) return fail(rows.error());
    if (rows->empty()) return fail(ErrorCode::kDenied, "no such turn");
    auto turn = read_turn(rows->front());
    if (!turn) return fail(turn.error());
    auto head = select(connection, actor, turn->conversation);
    if (!head) return fail(ErrorCode::kDenied, "no such turn");
    const gate::Label label = turn->label;
    return gate::Labeled<StoredTurn>(*std::move(turn), label);
  });
}

Result<ConversationHead> Conversations::begin_turn(const gate::Actor& actor, StoredTurn& turn) {
  turn.created_ms = clock_.wall_ms();
  turn.state = "running";
  const std::string label = gate_.policy().to_text(turn.label);
  return database_.write([&](store::Connection& connection) -> Result<ConversationHead> {
    if (turn.conversation.empty()) {
      turn.conversation = ConversationId::random();
      auto made = connection.execute(
          "INSERT INTO conversation (id, owner_id, title, label, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?)",
          {turn.conversation.text(), actor.id.text(), title_of(turn.question), label, turn.created_ms, turn.created_ms});
      if (!made) return fail(made.error());
    }
    auto head = select(connection, actor, turn.conversation);
    if (!head) return fail(head.error());
    const store::Value parent = turn.parent ? store::Value(turn.parent->text()) : store::Value(nullptr);
    auto kept = connection.execute(
        "INSERT INTO turn (id, conversation_id, sequence, parent_id, question, mode, shelves, state, label, created_ms) "
        "VALUES (?, ?, (SELECT coalesce(max(sequence), 0) + 1 FROM turn WHERE conversation_id = ?), ?, ?, ?, ?, 'running', ?, ?)",
        {turn.id.text(), turn.conversation.text(), turn.conversation.text(), parent, turn.question, std::string(name_of(turn.mode)),
         shelves_json(turn.shelves).dump(), label, turn.created_ms});
    if (!kept) return fail(kept.error());
    auto touched = connection.execute("UPDATE conversation SET updated_ms = ? WHERE id = ?", {turn.created_ms, turn.conversation.text()});
    if (!touched) return fail(touched.error());
    return head;
  });
}

Result<void> Conversations::save_turn(const StoredTurn& turn) {
  return database_.write([&](store::Connection& connection) -> Result<void> {
    auto saved = connection.execute("UPDATE turn SET state = ?, answer = ?, claims = ?, sources = ?, summary = ?, label = ? WHERE id = ?",
                                    {turn.state, turn.answer, turn.claims.dump(), turn.sources.dump(), turn.summary.dump(),
                                     gate_.policy().to_text(turn.label), turn.id.text()});
    if (!saved) return fail(saved.error());
    auto rows = connection.query("SELECT label FROM conversation WHERE id = ?", {turn.conversation.text()});
    if (!rows) return fail(rows.error());
    if (rows->empty()) return {};  // Deleted meanwhile.
    auto label = gate_.policy().label_from_text(rows->front().text(0));
    if (!label) return fail(label.error());
    auto raised = connection.execute("UPDATE conversation SET label = ?, updated_ms = max(updated_ms, ?) WHERE id = ?",
                                     {gate_.policy().to_text(gate::join(*label, turn.label)), clock_.wall_ms(), turn.conversation.text()});
    if (!raised) return fail(raised.error());
    return {};
  });
}

Result<void> Conversations::rename(const gate::Actor& actor, const ConversationId& id, std::string_view title) {
  return database_.write([&](store::Connection& connection) -> Result<void> {
    if (auto head = select(connection, actor, id); !head) return fail(head.error());
    auto done = connection.execute("UPDATE conversation SET title = ? WHERE id = ?", {std::string(title), id.text()});
    if (!done) return fail(done.error());
    return {};
  });
}

Result<void> Conversations::remove(const gate::Actor& actor, const ConversationId& id) {
  auto recorded = gate_.record(actor, "conversation.deleted", {id.text()}, audit::Outcome::kDone);
  if (!recorded) return fail(recorded.error());
  return database_.write([&](store::Connection& connection) -> Result<void> {
    if (auto head = select(connection, actor, id); !head) return fail(head.error());
    auto done = connection.execute("DELETE FROM conversation WHERE id = ?", {id.text()});
    if (!done) return fail(done.error());
    return {};
  });
}

}  // namespace sekisho::chat
