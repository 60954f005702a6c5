#include "chat/conversation.h"

#include <algorithm>
#include <map>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "chat/conversation_row.h"
#include "store/stored_id.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

constexpr std::size_t kTitleCharacters = 30;
constexpr std::string_view kTurnColumns =
    "turn.id, conversation_id, parent_id, question, mode, shelves, state, answer, claims, sources, summary, turn.label, turn.created_ms";
constexpr std::size_t kTurnColumnCount = 13;
using store::stored_id;

Json shelves_json(const std::vector<std::string>& shelves) {
  Json::Array items;
  for (const std::string& shelf : shelves) items.emplace_back(shelf);
  return Json::array(std::move(items));
}

}  // namespace

std::string title_of(std::string_view question) {
  const std::string_view line = question.substr(0, question.find('\n'));
  const std::string_view head = text::first_characters(line, kTitleCharacters);
  return std::string(head) + (head.size() < line.size() ? "…" : "");
}

std::vector<const StoredTurn*> way_to(const std::vector<StoredTurn>& turns, std::optional<TurnId> last) {
  std::vector<const StoredTurn*> way;
  // One look backwards meets the whole way.
  for (auto turn = turns.rbegin(); turn != turns.rend() && last; ++turn) {
    if (turn->id != *last) continue;
    way.push_back(&*turn);
    last = turn->parent;
  }
  std::reverse(way.begin(), way.end());
  return way;
}

std::vector<std::string> reasons_of(std::string_view column) {
  std::vector<std::string> reasons;
  for (std::size_t begin = 0; begin < column.size();) {
    const std::size_t end = std::min(column.find(',', begin), column.size());
    reasons.emplace_back(column.substr(begin, end - begin));
    begin = end + 1;
  }
  return reasons;
}

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

Result<ConversationHead> Conversations::get(const gate::Actor& actor, const ConversationId& id) {
  return database_.read([&](store::Connection& connection) { return select_head(connection, gate_.policy(), actor, id); });
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

Result<gate::Labeled<std::vector<StoredTurn>>> Conversations::turns(const gate::Actor& actor, const ConversationId& id, const TurnRange& range) {
  using Turns = gate::Labeled<std::vector<StoredTurn>>;
  return database_.read([&](store::Connection& connection) -> Result<Turns> {
    auto head = select_head(connection, gate_.policy(), actor, id);
    if (!head) return fail(head.error());
    auto rows = connection.query(fmt::format("SELECT {}, r.good, r.reason, r.note FROM turn LEFT JOIN rating r ON r.turn_id = turn.id "
                                             "WHERE conversation_id = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                                             kTurnColumns),
                                 {id.text(), range.after, range.count});
    if (!rows) return fail(rows.error());
    std::vector<StoredTurn> turns;
    gate::Label label = head->label;
    for (const store::Row& row : *rows) {
      auto turn = read_turn(row);
      if (!turn) return fail(turn.error());
      if (!row.is_null(kTurnColumnCount)) turn->rating = Rating{row.integer(kTurnColumnCount) == 1, reasons_of(row.text(kTurnColumnCount + 1)), row.text(kTurnColumnCount + 2)};
      label = gate::join(label, turn->label);
      turns.push_back(*std::move(turn));
    }
    return Turns(std::move(turns), std::move(label));
  });
}

Result<std::vector<TurnPlace>> Conversations::places(const gate::Actor& actor, const ConversationId& id) {
  return database_.read([&](store::Connection& connection) -> Result<std::vector<TurnPlace>> {
    if (auto head = select_head(connection, gate_.policy(), actor, id); !head) return fail(head.error());
    auto rows = connection.query("SELECT id, parent_id FROM turn WHERE conversation_id = ? ORDER BY sequence", {id.text()});
    if (!rows) return fail(rows.error());
    std::vector<TurnPlace> places;
    std::map<std::string, std::size_t> index;
    for (const store::Row& row : *rows) {
      const auto parent = index.find(row.text_or_empty(1));
      index.emplace(row.text(0), places.size());
      places.push_back({stored_id<TurnId>(row.text(0)), parent == index.end() ? std::nullopt : std::optional(parent->second)});
    }
    return places;
  });
}

Result<gate::Labeled<StoredTurn>> Conversations::turn(const gate::Actor& actor, const TurnId& id) {
  return database_.read([&](store::Connection& connection) -> Result<gate::Labeled<StoredTurn>> {
    auto rows = connection.query(fmt::format("SELECT {} FROM turn WHERE id = ?", kTurnColumns), {id.text()});
    if (!rows) return fail(rows.error());
    if (rows->empty()) return fail(ErrorCode::kDenied, "no such turn");
    auto turn = read_turn(rows->front());
    if (!turn) return fail(turn.error());
    auto head = select_head(connection, gate_.policy(), actor, turn->conversation);
    if (!head) return fail(ErrorCode::kDenied, "no such turn");
    const gate::Label label = turn->label;
    return gate::Labeled<StoredTurn>(*std::move(turn), label);
  });
}

Result<ConversationHead> Conversations::begin_turn(const gate::Actor& actor, StoredTurn& turn, std::string title) {
  turn.created_ms = clock_.wall_ms();
  turn.state = "running";
  const std::string label = gate_.policy().to_text(turn.label);
  return database_.write([&](store::Connection& connection) -> Result<ConversationHead> {
    if (turn.conversation.empty()) {
      turn.conversation = ConversationId::random();
      auto made = connection.execute(
          "INSERT INTO conversation (id, owner_id, title, label, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?)",
          {turn.conversation.text(), actor.id.text(), title.empty() ? title_of(turn.question) : std::move(title), label, turn.created_ms, turn.created_ms});
      if (!made) return fail(made.error());
    }
    auto head = select_head(connection, gate_.policy(), actor, turn.conversation);
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

}  // namespace sekisho::chat
