#include "api/openai_channel.h"

#include <utility>

#include <fmt/format.h>

#include "api/openai_error.h"
#include "base/limits.h"

namespace sekisho::api {

std::shared_ptr<OpenAiChannel> OpenAiChannel::create(Form form, MayGoOn may_go_on) {
  std::shared_ptr<OpenAiChannel> channel(new OpenAiChannel);
  channel->may_go_on_ = std::move(may_go_on);
  // The connection holds the callbacks, hence weak: neither side keeps the other.
  const std::weak_ptr<OpenAiChannel> weak = channel;
  const auto gone = [weak] {
    if (auto self = weak.lock()) self->give_up();
  };
  if (form == Form::kWhole) {
    channel->pending_ = http::PendingResponse::create();
    channel->pending_->on_gone(gone);
    return channel;
  }
  channel->stream_ = http::EventStream::create();
  channel->stream_->on_gone(gone);
  channel->stream_->on_drained([weak] {
    auto self = weak.lock();
    if (!self) return;
    const std::lock_guard lock(self->mutex_);
    self->drained_ = true;
    self->changed_.notify_all();
  });
  return channel;
}

http::Reply OpenAiChannel::reply() const {
  if (stream_) return stream_;
  return pending_;
}

void OpenAiChannel::give_up() {
  const std::lock_guard lock(mutex_);
  gone_ = true;
  changed_.notify_all();
}

bool OpenAiChannel::send_text(std::string_view text) {
  while (!gone_) {
    {
      const std::lock_guard lock(mutex_);
      drained_ = false;
    }
    const auto sent = stream_->send({.data = text});
    if (sent == http::EventStream::Sent::kQueued) return true;
    if (sent == http::EventStream::Sent::kGone) break;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return drained_ || gone_; });
  }
  give_up();
  return false;
}

bool OpenAiChannel::refused() {
  if (gone_ || may_go_on_()) return false;
  fail({ErrorCode::kDenied, "not there or not allowed"});
  give_up();
  return true;
}

void OpenAiChannel::send(const Json& chunk) {
  if (stream_ && !refused()) send_text(chunk.dump());
}

void OpenAiChannel::finish(const Json& whole) {
  if (refused()) return;
  if (pending_) return pending_->complete(http::Response::json(whole));
  if (send_text("[DONE]")) stream_->close();
}

void OpenAiChannel::fail(const Error& error) {
  if (pending_) return pending_->complete(openai_error(error));
  if (send_text(openai_error_json(error).dump())) stream_->close();
}

OpenAiDesk::~OpenAiDesk() {
  table_.with([](Table& table) {
    table.closing = true;
    for (const auto& channel : table.channels) channel->give_up();
  });
}

Result<void> OpenAiDesk::enter(const std::string& actor, const std::shared_ptr<OpenAiChannel>& channel) {
  return table_.with([&](Table& table) -> Result<void> {
    std::size_t& count = table.of_actor[actor];
    if (count >= limits::kTurnsQueuedPerActor) {
      return sekisho::fail(ErrorCode::kBusy, fmt::format("{} answers of this account are under way, at most {}", count, limits::kTurnsQueuedPerActor));
    }
    ++count;
    if (table.closing) channel->give_up();
    table.channels.insert(channel);
    return {};
  });
}

void OpenAiDesk::leave(const std::string& actor, const std::shared_ptr<OpenAiChannel>& channel) {
  table_.with([&](Table& table) {
    table.channels.erase(channel);
    const auto found = table.of_actor.find(actor);
    if (found != table.of_actor.end() && --found->second == 0) table.of_actor.erase(found);
  });
}

Result<http::Reply> OpenAiDesk::start(const std::string& actor, OpenAiChannel::Form form, OpenAiChannel::MayGoOn may_go_on, Work work) {
  auto channel = OpenAiChannel::create(form, std::move(may_go_on));
  if (auto entered = enter(actor, channel); !entered) return sekisho::fail(entered.error());
  auto submitted = threads_.submit([this, actor, channel, work = std::move(work)] {
    work(*channel);
    leave(actor, channel);
  });
  if (!submitted) {
    leave(actor, channel);
    return sekisho::fail(submitted.error());
  }
  return channel->reply();
}

}  // namespace sekisho::api
