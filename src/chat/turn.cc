#include "chat/turn.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"

namespace sekisho::chat {
namespace {

/// Turns whose thread works at once; the engine's own queue decides who is served, so most of them wait there.
constexpr std::size_t kThreads = 32;
/// How long the events of a turn stay after its end.
constexpr std::int64_t kKeepEvents_ms = 120'000;
constexpr std::size_t kHistoryRead = 6;

}  // namespace

Turns::Turns(TurnParts parts) : parts_(parts), threads_({.threads = kThreads, .queue = limits::kTurnsQueued}) {}

Turns::~Turns() {
  table_.with([](Table& table) {
    for (auto& [id, running] : table) {
      if (running.run) running.run->stop();
    }
  });
}

void Turns::forget_old(Table& table) const {
  const std::int64_t before_ms = parts_.clock.steady_ms() - kKeepEvents_ms;
  std::erase_if(table, [&](const auto& item) { return item.second.ended_ms != 0 && item.second.ended_ms < before_ms; });
}

Result<Turns::Past> Turns::past(const gate::Actor& actor, const ConversationId& conversation, const std::optional<TurnId>& until) {
  auto head = parts_.conversations.get(actor, conversation);
  if (!head) return fail(head.error());
  auto turns = parts_.conversations.turns(actor, conversation);
  if (!turns) return fail(turns.error());
  // What was said before goes into this turn, so this turn bears its label and may be read by the model alone here.
  auto permit = parts_.gate.admit(actor, turns->label(), gate::Destination::local_engine(), {"history", {conversation.text()}});
  if (!permit) return fail(permit.error());
  Past past{{}, turns->label()};
  for (const StoredTurn& turn : turns->open(*permit)) {
    if (turn.id == until) break;
    if (turn.state == "done" && !turn.answer.empty()) past.turns.push_back({turn.question, turn.answer});
  }
  if (past.turns.size() > kHistoryRead) past.turns.erase(past.turns.begin(), past.turns.end() - kHistoryRead);
  return past;
}

Result<void> Turns::reserve(const gate::Actor& actor, const TurnId& id, const std::shared_ptr<EventLog>& events) {
  return table_.with([&](Table& table) -> Result<void> {
    forget_old(table);
    const auto of_actor = std::count_if(table.begin(), table.end(), [&](const auto& item) {
      return item.second.ended_ms == 0 && item.second.owner == actor.id;
    });
    const auto all = std::count_if(table.begin(), table.end(), [](const auto& item) { return item.second.ended_ms == 0; });
    if (static_cast<std::size_t>(of_actor) >= limits::kTurnsQueuedPerActor) {
      return fail(ErrorCode::kBusy, fmt::format("{} answers of this account are under way, at most {}", of_actor, limits::kTurnsQueuedPerActor));
    }
    if (static_cast<std::size_t>(all) >= limits::kTurnsQueued) {
      return fail(ErrorCode::kBusy, fmt::format("{} answers are under way, at most {}", all, limits::kTurnsQueued));
    }
    table[id] = Running{actor.id, nullptr, events, 0};
    return {};
  });
}

Result<StartedTurn> Turns::start(const gate::Actor& actor, const TurnRequest& request) {
  StoredTurn turn;
  turn.id = TurnId::random();
  turn.question = request.question;
  turn.mode = request.mode;
  turn.again_of = request.regenerate_of;
  if (request.shelves) {
    for (const ShelfId& shelf : *request.shelves) turn.shelves.push_back(shelf.text());
  }
  Past before;
  if (request.regenerate_of && !request.conversation) return fail(ErrorCode::kInvalid, "regenerate_of: needs its conversation_id");
  if (request.conversation) {
    auto past = this->past(actor, *request.conversation, request.regenerate_of);
    if (!past) return fail(past.error());
    before = *std::move(past);
    turn.conversation = *request.conversation;
  }
  turn.label = before.label;
  auto events = std::make_shared<EventLog>();
  if (auto reserved = reserve(actor, turn.id, events); !reserved) return fail(reserved.error());
  const auto give_up = [&](const Error& error) {
    table_.with([&](Table& table) { table.erase(turn.id); });
    return fail(error);
  };
  auto head = parts_.conversations.begin_turn(actor, turn);
  if (!head) return give_up(head.error());
  const StartedTurn started{turn.id, turn.conversation, events};
  auto run = std::make_shared<TurnRun>(parts_, actor, std::move(turn), head->title, std::move(before.turns), std::move(before.label), events, request.explain);
  table_.with([&](Table& table) { table[started.id].run = run; });
  auto submitted = threads_.submit([this, run, id = started.id] {
    run->run();
    table_.with([&](Table& table) {
      const auto it = table.find(id);
      if (it == table.end()) return;
      it->second.run.reset();
      it->second.ended_ms = std::max<std::int64_t>(1, parts_.clock.steady_ms());
    });
  });
  if (!submitted) return give_up(submitted.error());
  return started;
}

Result<std::shared_ptr<EventLog>> Turns::replay(const gate::Actor& actor, const TurnId& id) {
  auto turn = parts_.conversations.turn(actor, id);
  if (!turn) return fail(turn.error());
  auto permit = parts_.gate.admit(actor, turn->label(), gate::Destination::screen(), {"answer", {id.text()}});
  if (!permit) return fail(permit.error());
  const StoredTurn& stored = turn->open(*permit);
  auto events = std::make_shared<EventLog>();
  events->append("started", Json::object({{"turn_id", stored.id.text()}, {"conversation_id", stored.conversation.text()}, {"title", ""}, {"model", ""}}));
  events->append("sources", Json::object({{"items", stored.sources}}));
  if (!stored.answer.empty()) events->append("text", Json::object({{"at", 0}, {"text", stored.answer}}));
  if (stored.claims.as_array() != nullptr) {
    for (const Json& claim : *stored.claims.as_array()) events->append("claim", claim);
  }
  events->append(stored.state == "failed" ? "failed" : "done", stored.summary);
  events->close();
  return events;
}

Result<std::shared_ptr<EventLog>> Turns::events(const gate::Actor& actor, const TurnId& id) {
  auto live = table_.with([&](Table& table) -> std::shared_ptr<EventLog> {
    const auto it = table.find(id);
    return it != table.end() && it->second.owner == actor.id ? it->second.events : nullptr;
  });
  if (live) return live;
  return replay(actor, id);
}

Result<void> Turns::stop(const gate::Actor& actor, const TurnId& id) {
  const bool known = table_.with([&](Table& table) {
    const auto it = table.find(id);
    if (it == table.end() || it->second.owner != actor.id) return false;
    if (it->second.run) it->second.run->stop();
    return true;
  });
  if (known) return {};
  auto turn = parts_.conversations.turn(actor, id);
  return turn ? Result<void>() : fail(turn.error());
}

}  // namespace sekisho::chat
