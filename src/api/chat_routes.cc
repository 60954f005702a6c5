#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "api/access.h"
#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "base/log.h"
#include "chat/conversation.h"
#include "chat/conversation_list.h"
#include "chat/turn.h"
#include "gate/gate.h"
#include "http/event_stream.h"
#include "library/shelf.h"
#include "identity/rate_limit.h"

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
  const auto summary_of = reader.text_if("summary_of");
  const auto attachments = reader.text_if("attachments");
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
  if (summary_of) {
    auto id = ConversationId::parse(*summary_of);
    if (!id) return fail(ErrorCode::kDenied, "no such conversation");
    request.summary_of = *std::move(id);
  }
  if (attachments) {
    auto id = ShelfId::parse(*attachments);
    if (!id) return fail(ErrorCode::kDenied, "no such shelf");
    request.attachments = *std::move(id);
  }
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

/// Copies a turn's events to one connection, from `after` on: as many as its buffer takes, and on when it has drained. Before
/// each event the reader is asked for again: who lost the right to it in between gets `failed` and the end.
class Pump : public std::enable_shared_from_this<Pump> {
 public:
  Pump(std::shared_ptr<chat::EventLog> events, std::int64_t after, StillAllowed still_allowed)
      : events_(std::move(events)), still_allowed_(std::move(still_allowed)), sent_(after), stream_(http::EventStream::create()) {}

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
      if (!read.events.empty() && !still_allowed_(events_->label())) return refuse();
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
  void refuse() {
    const Json why = Json::object({{"code", name_of(ErrorCode::kDenied)}, {"detail", "not there or not allowed"}});
    const auto sent = stream_->send({.id = static_cast<std::uint64_t>(sent_ + 1), .name = "failed", .data = why.dump()});
    if (sent == http::EventStream::Sent::kFull) return;  // Again when the buffer has drained.
    stream_->close();
    finish();
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
  const StillAllowed still_allowed_;
  std::mutex mutex_;
  std::int64_t sent_;
  bool ended_ = false;
  std::shared_ptr<void> listening_;
  // Keeps the pump alive until the stream is gone or the events are over; nobody else owns it.
  std::shared_ptr<Pump> self_;
  const std::shared_ptr<http::EventStream> stream_;
};

http::Reply follow(Context& context, const Request& request, std::shared_ptr<chat::EventLog> events, std::int64_t after) {
  auto allowed = still_allowed(context, request, identity::kOfficial);
  if (!allowed(events->label())) return error_answer(request, {ErrorCode::kDenied, "not there or not allowed"});
  return std::make_shared<Pump>(std::move(events), after, std::move(allowed))->start();
}

http::Reply ask(Context& context, Request& request) {
  auto body = body_of(request);
  if (!body) return error_answer(request, body.error());
  auto wanted = decode_turn(*body);
  if (!wanted) return error_answer(request, wanted.error());
  if (auto taken = context.questions.take(actor_of(request).id.text()); !taken) return error_answer(request, taken.error());
  if (wanted->attachments) {
    const auto shelf = context.shelves.get(actor_of(request), *wanted->attachments);
    if (!shelf || shelf->owner != actor_of(request).id) return error_answer(request, {ErrorCode::kDenied, "no such shelf"});
  }
  auto started = context.turns.start(actor_of(request), *wanted);
  if (!started) return error_answer(request, started.error());
  if (wanted->attachments) {
    auto attached = context.conversation_list.attach(actor_of(request), started->conversation, *wanted->attachments);
    if (!attached) log_error("attachments.not_noted", {{"conversation", started->conversation.text()}, {"detail", attached.error().detail}});
  }
  return follow(context, request, started->events, 0);
}

http::Reply watch(Context& context, Request& request) {
  const auto id = id_of<TurnId>(request);
  if (!id) return error_answer(request, id.error());
  const auto after = number_of(request, "after", 0);
  if (!after) return error_answer(request, after.error());
  auto events = context.turns.events(actor_of(request), *id);
  if (!events) return error_answer(request, events.error());
  return follow(context, request, *std::move(events), *after);
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
}

}  // namespace sekisho::api
