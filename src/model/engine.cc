#include "model/engine.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sekisho::model {
namespace {

using process::model::Done;
using process::model::Progress;
using process::model::Scored;
using process::model::Token;

/// Waits for the one answer of type `Answer`.
template <typename Answer>
Result<Answer> answer_of(Engine& engine, Request request, std::int64_t timeout_ms) {
  auto stream = Stream::open(engine, std::move(request));
  if (!stream) return fail(stream.error());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    auto event = (*stream)->next(std::max<std::int64_t>(0, left));
    if (!event) return fail(event.error());
    if (!*event) return fail(ErrorCode::kInternal, "the engine ended a request without an answer");
    if (auto* answer = std::get_if<Answer>(&**event)) return std::move(*answer);
    if (const auto* error = std::get_if<Error>(&**event)) return fail(*error);
    // A stop by somebody else.
    if (std::holds_alternative<Done>(**event)) return fail(ErrorCode::kCancelled, "the request was stopped");
  }
}

}  // namespace

bool is_last(const Event& event) {
  return std::holds_alternative<Done>(event) || std::holds_alternative<Scored>(event) || std::holds_alternative<Vectors>(event) ||
         std::holds_alternative<Counted>(event) || std::holds_alternative<Error>(event);
}

Result<std::unique_ptr<Stream>> Stream::open(Engine& engine, Request request) {
  auto inbox = std::make_shared<Inbox>();
  const auto listener = [inbox](const Event& event) {
    const std::lock_guard lock(inbox->mutex);
    const bool replaces = std::holds_alternative<Queued>(event) || std::holds_alternative<Progress>(event);
    if (replaces && !inbox->events.empty() && inbox->events.back().index() == event.index()) inbox->events.pop_back();
    inbox->events.push_back(event);
    inbox->arrived.notify_one();
  };
  std::unique_ptr<Stream> stream(new Stream(engine, inbox));
  const auto id = engine.start(std::move(request), listener);
  if (!id) {
    stream->ended_ = true;
    return fail(id.error());
  }
  stream->id_ = *id;
  return stream;
}

Stream::~Stream() {
  if (!ended_) engine_.cancel(id_);
}

Result<std::optional<Event>> Stream::next(std::int64_t timeout_ms) {
  if (ended_) return std::nullopt;
  std::unique_lock lock(inbox_->mutex);
  const auto arrived = [this] { return !inbox_->events.empty(); };
  if (timeout_ms < 0) {
    inbox_->arrived.wait(lock, arrived);
  } else if (!inbox_->arrived.wait_for(lock, std::chrono::milliseconds(timeout_ms), arrived)) {
    return fail(ErrorCode::kTimeout, "the engine said nothing in time");
  }
  Event event = std::move(inbox_->events.front());
  inbox_->events.pop_front();
  lock.unlock();
  ended_ = is_last(event);
  if (const auto* token = std::get_if<Token>(&event)) engine_.taken(id_, token->tokens);
  return event;
}

void Stream::cancel() { engine_.cancel(id_); }

Result<Scored> score(Engine& engine, process::model::ScoreRequest request, const WaitOptions& options) {
  return answer_of<Scored>(engine, {options.actor, std::move(request), options.follow_up, options.subject}, options.timeout_ms);
}

Result<Vectors> embed(Engine& engine, process::model::EmbedRequest request, const WaitOptions& options) {
  return answer_of<Vectors>(engine, {options.actor, std::move(request), options.follow_up, options.subject}, options.timeout_ms);
}

Result<Counted> count(Engine& engine, CountRequest request, const WaitOptions& options) {
  return answer_of<Counted>(engine, {options.actor, std::move(request), options.follow_up, options.subject}, options.timeout_ms);
}

}  // namespace sekisho::model
