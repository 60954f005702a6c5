#include "chat/turn.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "gate/dlp_mask.h"

namespace sekisho::chat {
namespace {

/// Turns whose thread works at once; the engine's own queue decides who is served, so most of them wait there.
constexpr std::size_t kThreads = 32;
/// How long the events of a turn stay after its end.
constexpr std::int64_t kKeepEvents_ms = 120'000;
constexpr std::size_t kHistoryRead = 6;

Json or_null(const Json* member) { return member != nullptr ? *member : Json(); }

Result<const StoredTurn*> turn_named(const std::vector<StoredTurn>& turns, const TurnId& id) {
  const auto found = std::find_if(turns.begin(), turns.end(), [&](const StoredTurn& turn) { return turn.id == id; });
  if (found == turns.end()) return fail(ErrorCode::kDenied, "no such turn");
  return &*found;
}

/// What was asked and answered from the first turn to `last`, along its branch; the newest `most` of it.
std::vector<Before> said_before(const std::vector<StoredTurn>& turns, const std::optional<TurnId>& last, std::size_t most = kHistoryRead) {
  std::vector<Before> said;
  for (const StoredTurn* turn : way_to(turns, last)) {
    if (turn->state == "done" && !turn->answer.empty()) said.push_back({turn->question, turn->answer});
  }
  if (said.size() > most) said.erase(said.begin(), said.end() - static_cast<std::ptrdiff_t>(most));
  return said;
}

/// Makes `turn` the continuation of `broken`.
Result<void> go_on(const StoredTurn& broken, StoredTurn& turn, Begun& begun) {
  if (broken.state == "running") return fail(ErrorCode::kConflict, "continue_of: that answer is still being written");
  const Json* nothing = broken.summary.find("found_nothing");
  if (broken.answer.empty() || (nothing != nullptr && !nothing->is_null())) return fail(ErrorCode::kInvalid, "continue_of: there is no answer to go on with");
  if (turn.question != broken.question) return fail(ErrorCode::kInvalid, "continue_of: the question is another");
  turn.mode = broken.mode;
  turn.shelves = broken.shelves;
  begun.text = broken.answer;
  if (const Json* read = broken.summary.find("read"); read != nullptr && read->as_array() != nullptr) {
    for (const Json& id : *read->as_array()) begun.passages.push_back(id.as_string() != nullptr ? *id.as_string() : std::string());
  }
  return {};
}

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
  std::erase_if(table, [&](const auto& item) { return item.second.ended_ms != 0 && item.second.ended_ms < before_ms && !item.second.run; });
}

Result<Turns::Past> Turns::past_of_another(const gate::Actor& actor, const TurnRequest& request) {
  if (request.conversation || request.mode != Mode::kNone) return fail(ErrorCode::kInvalid, "summary_of: begins a new conversation, with mode none");
  auto head = parts_.conversations.get(actor, *request.summary_of);
  if (!head) return fail(head.error());
  auto turns = parts_.conversations.turns(actor, *request.summary_of);
  if (!turns) return fail(turns.error());
  auto permit = parts_.gate.admit(actor, turns->label(), gate::Destination::local_engine(), {"history", {request.summary_of->text()}});
  if (!permit) return fail(permit.error());
  const std::vector<StoredTurn>& all = turns->open(*permit);
  if (all.empty()) return fail(ErrorCode::kInvalid, "summary_of: nothing was said there");
  return Past{said_before(all, all.back().id, limits::kHistoryTurns), turns->label(), {}, "要約：" + head->title};
}

Result<Turns::Past> Turns::past(const gate::Actor& actor, const TurnRequest& request, StoredTurn& turn) {
  if (request.summary_of) return past_of_another(actor, request);
  const auto& beside = request.edit_of ? request.edit_of : request.regenerate_of ? request.regenerate_of : request.continue_of;
  if (!request.conversation) {
    if (beside || request.follows) return fail(ErrorCode::kInvalid, "conversation_id: needed to know the turn that is named");
    return Past{};
  }
  turn.conversation = *request.conversation;
  auto turns = parts_.conversations.turns(actor, turn.conversation);
  if (!turns) return fail(turns.error());
  // What was said before goes into this turn, so this turn bears its label and may be read by the model alone here.
  auto permit = parts_.gate.admit(actor, turns->label(), gate::Destination::local_engine(), {"history", {turn.conversation.text()}});
  if (!permit) return fail(permit.error());
  const std::vector<StoredTurn>& all = turns->open(*permit);
  Past past{{}, turns->label(), {}, {}};
  if (beside || request.follows) {
    auto named = turn_named(all, beside ? *beside : *request.follows);
    if (!named) return fail(named.error());
    turn.parent = beside ? (*named)->parent : (*named)->id;
    if (request.continue_of) {
      if (auto begun = go_on(**named, turn, past.begun); !begun) return fail(begun.error());
    }
  } else if (!all.empty()) {
    turn.parent = all.back().id;
  }
  past.turns = said_before(all, turn.parent);
  return past;
}

Result<gate::DlpVerdict> Turns::judge(const gate::Actor& actor, const TurnRequest& request, const TurnId& id, Past& past) {
  const std::vector<gate::Destination> engine = {gate::Destination::local_engine()};
  gate::DlpVerdict verdict = parts_.gate.dlp().judge(gate::DlpPlace::kQuestion, engine, past.label.level(), request.question);
  if (verdict.action == gate::DlpAction::kBlock) {
    auto recorded = parts_.gate.record(actor, "personal.stopped", {id.text()}, audit::Outcome::kDenied, verdict.facts(gate::DlpPlace::kQuestion));
    if (!recorded) return fail(recorded.error());
    return fail(ErrorCode::kInvalid, "personal_data: " + verdict.counts().dump());
  }
  // A title stands in lists, where more people pass by: without what identifies somebody.
  if (!verdict.empty() && past.title.empty() && !request.conversation) past.title = title_of(gate::blackened(request.question, verdict, gate::DlpAction::kWarn));
  if (verdict.raise_to) verdict.raise_to = std::min(*verdict.raise_to, actor.clearance);
  if (verdict.raise_to && *verdict.raise_to <= past.label.level()) verdict.raise_to.reset();
  if (verdict.raise_to) past.label = gate::join(past.label, gate::Label(*verdict.raise_to));
  return verdict;
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
  if (request.shelves) {
    for (const ShelfId& shelf : *request.shelves) turn.shelves.push_back(shelf.text());
  }
  auto before = past(actor, request, turn);
  if (!before) return fail(before.error());
  auto personal = judge(actor, request, turn.id, *before);
  if (!personal) return fail(personal.error());
  turn.label = before->label;
  auto events = std::make_shared<EventLog>();
  if (auto reserved = reserve(actor, turn.id, events); !reserved) return fail(reserved.error());
  const auto give_up = [&](const Error& error) {
    table_.with([&](Table& table) { table.erase(turn.id); });
    return fail(error);
  };
  auto head = parts_.conversations.begin_turn(actor, turn, before->title);
  if (!head) return give_up(head.error());
  const StartedTurn started{turn.id, turn.conversation, events};
  TurnStart start{std::move(turn), head->title, std::move(before->turns), std::move(before->label), request.regenerate_of.has_value(),
                  std::move(before->begun), request.explain, request.sampling, *std::move(personal)};
  auto run = std::make_shared<TurnRun>(parts_, actor, std::move(start), events);
  table_.with([&](Table& table) { table[started.id].run = run; });
  auto submitted = threads_.submit([this, run, id = started.id] {
    run->run();
    table_.with([&](Table& table) {
      const auto it = table.find(id);
      if (it == table.end()) return;
      if (run->is_kept()) it->second.run.reset();
      it->second.ended_ms = std::max<std::int64_t>(1, parts_.clock.steady_ms());
    });
  });
  if (!submitted) return give_up(submitted.error());
  return started;
}

void Turns::keep_ended() {
  std::vector<std::pair<TurnId, std::shared_ptr<TurnRun>>> ended;
  table_.with([&](Table& table) {
    for (const auto& [id, running] : table) {
      if (running.ended_ms != 0 && running.run) ended.emplace_back(id, running.run);
    }
  });
  for (const auto& [id, run] : ended) {
    if (!run->keep()) return;
    table_.with([&](Table& table) {
      if (const auto it = table.find(id); it != table.end()) it->second.run.reset();
    });
  }
}

Result<std::shared_ptr<EventLog>> Turns::replay(const gate::Actor& actor, const TurnId& id) {
  auto turn = parts_.conversations.turn(actor, id);
  if (!turn) return fail(turn.error());
  auto permit = parts_.gate.admit(actor, turn->label(), gate::Destination::screen(), {"answer", {id.text()}});
  if (!permit) return fail(permit.error());
  const StoredTurn& stored = turn->open(*permit);
  auto events = std::make_shared<EventLog>();
  events->set_label(stored.label);
  events->append("started", Json::object({{"turn_id", stored.id.text()}, {"conversation_id", stored.conversation.text()}, {"title", ""}, {"model", ""}}));
  events->append("sources", Json::object({{"items", stored.sources}}));
  if (!stored.answer.empty()) events->append("text", Json::object({{"at", 0}, {"text", stored.answer}}));
  if (stored.claims.as_array() != nullptr) {
    for (const Json& claim : *stored.claims.as_array()) events->append("claim", claim);
  }
  const Json& summary = stored.summary;
  events->append("label", Json::object({{"level", stored.label.level().rank + 1},
                                        {"name", parts_.gate.policy().rule(stored.label.level()).name},
                                        {"because_source", or_null(summary.find("because_source"))}}));
  if (const Json* notices = summary.find("notices"); notices != nullptr && notices->as_array() != nullptr) {
    for (const Json& notice : *notices->as_array()) events->append("notice", notice);
  }
  if (const Json nothing = or_null(summary.find("found_nothing")); !nothing.is_null()) events->append("not_found", nothing);
  events->append(stored.state == "failed" ? "failed" : "done", summary);
  events->close();
  return events;
}

Result<std::shared_ptr<EventLog>> Turns::events(const gate::Actor& actor, const TurnId& id) {
  auto live = table_.with([&](Table& table) -> std::shared_ptr<EventLog> {
    forget_old(table);  // Here too: else what is told of an old turn would depend on whether somebody else has asked since.
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
