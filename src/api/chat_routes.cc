#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "chat/conversation.h"
#include "chat/turn.h"
#include "gate/gate.h"
#include "http/event_stream.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

constexpr std::size_t kBodyBytes = 64 * limits::kKiB;
constexpr std::size_t kEventsAtOnce = 64;

/// Where the turn stands: after or beside another one.
Result<void> decode_place(JsonReader& reader, chat::TurnRequest& request) {
  const std::pair<const char*, std::optional<TurnId>*> places[] = {
      {"follows", &request.follows}, {"edit_of", &request.edit_of}, {"regenerate_of", &request.regenerate_of}, {"continue_of", &request.continue_of}};
  int named = 0;
  for (const auto& [name, place] : places) {
    const auto text = reader.text_if(name);
    if (!text) continue;
    if (++named > 1) reader.reject(name, "a turn has one place");
    auto id = TurnId::parse(*text);
    if (!id) return fail(ErrorCode::kDenied, "no such turn");
    *place = *std::move(id);
  }
  return {};
}

Result<chat::TurnRequest> decode_turn(const Json& json) {
  chat::TurnRequest request;
  JsonReader reader(json);
  request.question = reader.text("question", {.min_characters = 1, .max_characters = limits::kQuestionCharacters});
  const auto mode = chat::mode_named(reader.text("mode", {.max_characters = 16}));
  const auto conversation = reader.text_if("conversation_id");
  const auto shelves = reader.texts_if("shelves", 1000);
  const auto place = decode_place(reader, request);
  if (reader.boolean_if("explain").value_or(false)) request.explain = chat::Explain::kJudge;
  if (auto done = reader.finish(); !done) return fail(done.error());
  if (!mode) return fail(mode.error());
  request.mode = *mode;
  if (conversation) {
    auto id = ConversationId::parse(*conversation);
    if (!id) return fail(ErrorCode::kDenied, "no such conversation");
    request.conversation = *std::move(id);
  }
  if (!place) return fail(place.error());
  if (shelves) {
    request.shelves.emplace();
    for (const std::string& text : *shelves) {
      auto id = ShelfId::parse(text);
      if (!id) return fail(ErrorCode::kDenied, "no such shelf");
      request.shelves->push_back(*std::move(id));
    }
  }
  return request;
}

/// Copies a turn's events to one connection, from `after` on: as many as its buffer takes, and on when it has drained.
class Pump : public std::enable_shared_from_this<Pump> {
 public:
  Pump(std::shared_ptr<chat::EventLog> events, std::int64_t after) : events_(std::move(events)), sent_(after), stream_(http::EventStream::create()) {}

  std::shared_ptr<http::EventStream> start() {
    auto self = shared_from_this();
    // The stream's callbacks hold the pump weakly and the listener's token lives in the pump, so that both end together.
    stream_->on_drained([weak = weak_from_this()] {
      if (auto pump = weak.lock()) pump->run();
    });
    stream_->on_gone([weak = weak_from_this()] {
      if (auto pump = weak.lock()) pump->end();
    });
    {
      const std::lock_guard lock(mutex_);
      self_ = self;
      listening_ = events_->listen([weak = weak_from_this()] {
        if (auto pump = weak.lock()) pump->run();
      });
    }
    run();
    return stream_;
  }

 private:
  void run() {
    const std::lock_guard lock(mutex_);
    while (!ended_) {
      const auto read = events_->read(sent_, kEventsAtOnce);
      for (const chat::Event& event : read.events) {
        const auto sent = stream_->send({.id = static_cast<std::uint64_t>(event.number), .name = event.name, .data = event.data});
        if (sent == http::EventStream::Sent::kFull) return;
        if (sent == http::EventStream::Sent::kGone) return finish();
        sent_ = event.number;
      }
      if (read.closed) {
        stream_->close();
        return finish();
      }
      if (read.events.empty()) return;
    }
  }
  void end() {
    const std::lock_guard lock(mutex_);
    finish();
  }
  /// Lets go of itself; whoever calls still holds a reference.
  void finish() {
    ended_ = true;
    listening_.reset();
    self_.reset();
  }

  const std::shared_ptr<chat::EventLog> events_;
  std::mutex mutex_;
  std::int64_t sent_;
  bool ended_ = false;
  std::shared_ptr<void> listening_;
  // Keeps the pump alive until the stream is gone or the events are over; nobody else owns it.
  std::shared_ptr<Pump> self_;
  const std::shared_ptr<http::EventStream> stream_;
};

http::Reply follow(std::shared_ptr<chat::EventLog> events, std::int64_t after) {
  return std::make_shared<Pump>(std::move(events), after)->start();
}

http::Reply ask(Context& context, Request& request) {
  auto body = body_of(request);
  if (!body) return error_answer(request, body.error());
  auto wanted = decode_turn(*body);
  if (!wanted) return error_answer(request, wanted.error());
  auto started = context.turns.start(actor_of(request), *wanted);
  if (!started) return error_answer(request, started.error());
  return follow(started->events, 0);
}

http::Reply watch(Context& context, Request& request) {
  const auto id = id_of<TurnId>(request);
  if (!id) return error_answer(request, id.error());
  const auto after = number_of(request, "after", 0);
  if (!after) return error_answer(request, after.error());
  auto events = context.turns.events(actor_of(request), *id);
  if (!events) return error_answer(request, events.error());
  return follow(*std::move(events), *after);
}

Json head_json(const chat::ConversationHead& head) {
  return Json::object({{"id", head.id.text()},
                       {"title", head.title},
                       {"level", level_number(head.label.level())},
                       {"created_ms", head.created_ms},
                       {"updated_ms", head.updated_ms},
                       {"running_turn_id", head.running ? Json(head.running->text()) : Json()}});
}

Json turn_json(const chat::StoredTurn& turn) {
  const auto member = [&](std::string_view key) {
    const Json* found = turn.summary.find(key);
    return found != nullptr ? *found : Json();
  };
  return Json::object({{"id", turn.id.text()},
                       {"parent_id", turn.parent ? Json(turn.parent->text()) : Json()},
                       {"question", turn.question},
                       {"mode", chat::name_of(turn.mode)},
                       {"shelves", texts_json(turn.shelves)},
                       {"state", turn.state},
                       {"answer", turn.answer},
                       {"claims", turn.claims},
                       {"sources", turn.sources},
                       {"not_found", member("found_nothing")},
                       {"because_source", member("because_source")},
                       {"notices", member("notices").as_array() != nullptr ? member("notices") : Json::array()},
                       {"reason", turn.summary.text_or("reason")},
                       {"rating", turn.rating ? Json::object({{"good", turn.rating->good}, {"reason", turn.rating->reason}, {"note", turn.rating->note}}) : Json()},
                       {"model", turn.summary.text_or("model")},
                       {"created_ms", turn.created_ms},
                       {"level", level_number(turn.label.level())},
                       {"error", turn.state == "failed" ? Json::object({{"code", turn.summary.text_or("code")}, {"detail", turn.summary.text_or("detail")}}) : Json()}});
}

Result<Json> list(Context& context, const Request& request) {
  const auto limit = limit_of(request, 50, 500);
  if (!limit) return fail(limit.error());
  auto page = context.conversations.list(actor_of(request), request.query_value("after").value_or(""), *limit);
  if (!page) return fail(page.error());
  Json::Array items;
  for (const chat::ConversationHead& head : page->items) items.push_back(head_json(head));
  return Json::object({{"items", Json::array(std::move(items))}, {"next", page->next.empty() ? Json() : Json(page->next)}});
}

Result<Json> show(Context& context, const Request& request) {
  const auto id = id_of<ConversationId>(request);
  if (!id) return fail(id.error());
  auto head = context.conversations.get(actor_of(request), *id);
  if (!head) return fail(head.error());
  auto turns = context.conversations.turns(actor_of(request), *id);
  if (!turns) return fail(turns.error());
  auto permit = context.gate.admit(actor_of(request), turns->label(), gate::Destination::screen(), {"conversation", {id->text()}});
  if (!permit) return fail(permit.error());
  Json::Array items;
  for (const chat::StoredTurn& turn : turns->open(*permit)) items.push_back(turn_json(turn));
  Json result = head_json(*head);
  result.set("turns", Json::array(std::move(items)));
  return result;
}

Result<Json> rename(Context& context, const Request& request) {
  const auto id = id_of<ConversationId>(request);
  if (!id) return fail(id.error());
  auto body = body_of(request);
  if (!body) return fail(body.error());
  JsonReader reader(*body);
  const std::string title = reader.text("title", {.min_characters = 1, .max_characters = 100});
  if (auto done = reader.finish(); !done) return fail(done.error());
  if (auto renamed = context.conversations.rename(actor_of(request), *id, title); !renamed) return fail(renamed.error());
  auto head = context.conversations.get(actor_of(request), *id);
  if (!head) return fail(head.error());
  return head_json(*head);
}

}  // namespace

void add_chat_routes(http::Router& router, Context& context) {
  const auto none = http::BodyRule::none();
  const auto small = http::BodyRule::buffered(kBodyBytes);
  const auto official = declared(identity::kOfficial);
  router.add(Method::kPost, "/api/v1/turns", official, small, [&context](Request& request) { return ask(context, request); });
  router.add(Method::kGet, "/api/v1/turns/{id}/events", official, none, [&context](Request& request) { return watch(context, request); });
  router.add(Method::kPost, "/api/v1/turns/{id}/stop", official, none, [&context](Request& request) {
    const auto id = id_of<TurnId>(request);
    if (!id) return error_answer(request, id.error());
    return answer_empty(request, context.turns.stop(actor_of(request), *id));
  });
  router.add(Method::kGet, "/api/v1/conversations", official, none,
             [&context](Request& request) { return answer(request, list(context, request)); });
  router.add(Method::kGet, "/api/v1/conversations/{id}", official, none,
             [&context](Request& request) { return answer(request, show(context, request)); });
  router.add(Method::kPatch, "/api/v1/conversations/{id}", official, small,
             [&context](Request& request) { return answer(request, rename(context, request)); });
  router.add(Method::kDelete, "/api/v1/conversations/{id}", official, none, [&context](Request& request) {
    const auto id = id_of<ConversationId>(request);
    if (!id) return error_answer(request, id.error());
    return answer_empty(request, context.conversations.remove(actor_of(request), *id));
  });
}

}  // namespace sekisho::api
