#include "model/local_engine.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"

namespace sekisho::model {

using process::Child;
using process::Frame;
using process::model::Done;
using process::model::GenerateRequest;
using process::model::MessageType;
using process::model::Scored;
using process::model::Token;

namespace {

constexpr std::int64_t kReceive_ms_max = 1'000;  ///< How often the supervisor looks up from the channel.
constexpr RequestId kPingId = ~RequestId{0};     ///< A count of no texts: every worker that lives answers it.
constexpr std::int64_t kSlack_tokens = 64;       ///< Bytes held back may come at once.
constexpr std::size_t kCounts_max = 256;

Frame small_frame(MessageType type, RequestId id, Json json) { return {static_cast<std::uint16_t>(type), id, json.dump()}; }

bool is_worth_trying_again(ErrorCode code) { return code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout; }

std::int64_t cost_of(const Event& event) {
  if (const auto* done = std::get_if<Done>(&event)) return done->prompt_tokens - done->cached_tokens + done->output_tokens;
  if (const auto* scored = std::get_if<Scored>(&event)) return scored->prompt_tokens - scored->cached_tokens + 1;
  return 0;
}

}  // namespace

struct LocalEngine::Entry {
  // Fixed once made.
  RequestId id = 0;
  Request request;
  Frame frame;
  Listener listener;
  // Guarded by the engine's mutex.
  bool begun = false;
  bool cancelled = false;
  std::int64_t credit_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t begun_ms = 0;
  std::optional<std::size_t> told_ahead;
  // Guarded by its own.
  std::mutex telling;
  bool ended = false;
};

Result<std::unique_ptr<LocalEngine>> LocalEngine::open(Options options, const Clock& clock) {
  const int fd = ::open(options.model_path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(ErrorCode::kInvalid, fmt::format("the model file cannot be opened: {}", std::strerror(errno)));
  auto summary = check_gguf(fd);
  if (!summary) {
    ::close(fd);
    return fail(summary.error());
  }
  options.queue.slots = static_cast<std::size_t>(std::max<std::int64_t>(1, options.worker.load.sequences));
  options.queue.running_per_actor = std::clamp<std::size_t>(options.queue.running_per_actor, 1, options.queue.slots);
  return std::unique_ptr<LocalEngine>(new LocalEngine(std::move(options), clock, std::move(*summary), fd));
}

LocalEngine::LocalEngine(Options options, const Clock& clock, GgufSummary summary, int model_fd)
    : options_(std::move(options)), clock_(clock), summary_(std::move(summary)), model_fd_(model_fd), scheduler_(options_.queue) {
  info_.model_sha256 = options_.model_sha256;
  info_.sequences = static_cast<std::int64_t>(options_.queue.slots);
  supervising_ = std::thread([this] { supervise(); });
  dispatching_ = std::thread([this] { dispatch(); });
}

LocalEngine::~LocalEngine() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (child_) child_->channel().shut_down();
    wake();
    supervisor_.notify_all();
  }
  supervising_.join();
  dispatching_.join();
  std::vector<Message> messages;
  {
    const std::lock_guard lock(mutex_);
    fail_all({ErrorCode::kUnavailable, "the engine is shutting down"}, messages);
  }
  for (const Message& message : messages) tell(message);
  ::close(model_fd_);
}

void LocalEngine::tell(const Message& message) {
  Entry& entry = *message.entry;
  const std::lock_guard lock(entry.telling);
  if (entry.ended) return;
  entry.ended = is_last(message.event);
  entry.listener(message.event);
}

void LocalEngine::wake() {
  work_ = true;
  dispatcher_.notify_one();
}

bool LocalEngine::is_given_up() const { return refusing_ || stopping_; }

Result<RequestId> LocalEngine::start(Request request, Listener listener) {
  auto frame = frame_of(request, 0);
  if (!frame) return fail(frame.error());
  auto entry = std::make_shared<Entry>();
  const std::lock_guard lock(mutex_);
  if (is_given_up()) return fail(ErrorCode::kUnavailable, info_.trouble.empty() ? "the engine is shutting down" : info_.trouble);
  if (!takes_slot(request)) {
    const std::size_t open = begun_ - scheduler_.running() + counts_.size();
    if (open >= kCounts_max) return fail(ErrorCode::kBusy, fmt::format("{} counts wait already, at most {}", open, kCounts_max));
    counts_.push_back(entry);
  } else if (auto pushed = scheduler_.push({next_id_, request.actor, estimated_tokens(request), request.follow_up, request.subject.empty() ? request.actor : request.subject}); !pushed) {
    return fail(pushed.error());
  }
  if (const auto* generate = std::get_if<GenerateRequest>(&request.body)) entry->credit_tokens = generate->credit;
  entry->id = next_id_++;
  entry->request = std::move(request);
  entry->frame = std::move(*frame);
  entry->frame.id = entry->id;
  entry->listener = std::move(listener);
  entries_.emplace(entry->id, entry);
  wake();
  return entry->id;
}

void LocalEngine::taken(RequestId id, std::int64_t tokens) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || tokens <= 0) return;
  found->second->credit_tokens += tokens;
  if (!found->second->begun) return;
  outbox_.push_back(small_frame(MessageType::kCredit, id, Json::object({{"tokens", tokens}})));
  wake();
}

void LocalEngine::cancel(RequestId id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second->cancelled) return;
  const EntryPtr entry = found->second;
  entry->cancelled = true;
  if (entry->begun) {
    outbox_.push_back(small_frame(MessageType::kCancel, id, Json::object()));
  } else {
    scheduler_.remove(id);
    std::erase(counts_, entry);
    entries_.erase(found);
    stopped_.push_back(entry);
  }
  wake();
}

void LocalEngine::forget(const std::string& scope) {
  const std::lock_guard lock(mutex_);
  // A worker that is not there has kept nothing.
  if (!info_.ready) return;
  outbox_.push_back(small_frame(MessageType::kForget, 0, Json::object({{"scope", scope}})));
  wake();
}

EngineInfo LocalEngine::info() const {
  const std::lock_guard lock(mutex_);
  EngineInfo info = info_;
  info.waiting = scheduler_.waiting();
  info.running = scheduler_.running();
  return info;
}

Result<void> LocalEngine::wait_ready(std::int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  const bool settled = supervisor_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [this] { return info_.ready || is_given_up(); });
  if (info_.ready) return {};
  if (!settled) return fail(ErrorCode::kTimeout, "the model is still loading");
  return fail(ErrorCode::kUnavailable, info_.trouble);
}

void LocalEngine::fail_all(const Error& error, std::vector<Message>& out) {
  for (const auto& [id, entry] : entries_) {
    const bool waited = scheduler_.remove(id);
    if (!waited && entry->begun && takes_slot(entry->request)) scheduler_.finish(id, 0, 0);
    out.push_back({entry, error});
  }
  for (const EntryPtr& entry : stopped_) out.push_back({entry, error});
  entries_.clear();
  counts_.clear();
  stopped_.clear();
}

// ---- The dispatcher ----

void LocalEngine::dispatch() {
  for (;;) {
    std::vector<Message> messages;
    std::vector<Frame> frames;
    std::shared_ptr<Child> child;
    {
      std::unique_lock lock(mutex_);
      dispatcher_.wait(lock, [this] { return work_ || stopping_; });
      if (stopping_) return;
      work_ = false;
      gather(messages, frames);
      child = child_;
    }
    for (const Message& message : messages) tell(message);
    for (const Frame& frame : frames) {
      // A worker that is gone is the supervisor's business: it fails what ran.
      if (child == nullptr || !child->channel().send(frame)) break;
    }
  }
}

void LocalEngine::gather(std::vector<Message>& messages, std::vector<Frame>& frames) {
  for (const EntryPtr& entry : stopped_) messages.push_back({entry, Error{ErrorCode::kCancelled, "stopped before it began"}});
  stopped_.clear();
  if (info_.ready) {
    for (; !counts_.empty(); counts_.pop_front()) begin(counts_.front(), messages, frames);
    while (next_fits()) begin(entries_.at(scheduler_.pop()->id), messages, frames);
    std::move(outbox_.begin(), outbox_.end(), std::back_inserter(frames));
    outbox_.clear();
  }
  gather_places(messages);
}

bool LocalEngine::takes_slot(const Request& request) const { return options_.one_subject || !std::holds_alternative<CountRequest>(request.body); }

bool LocalEngine::next_fits() {
  const auto next = scheduler_.next();
  if (!next || retiring_) return false;
  if (!options_.one_subject) return true;
  if (subject_.value_or(next->subject) == next->subject) {
    subject_ = next->subject;
    return true;
  }
  // Those that run go on to their end first.
  if (begun_ == 0) {
    retiring_ = true;
    child_->channel().shut_down();
  }
  return false;
}

void LocalEngine::begin(const EntryPtr& entry, std::vector<Message>& messages, std::vector<Frame>& frames) {
  // The worker has been silent because it had nothing to do.
  if (begun_ == 0) last_sign_ms_ = clock_.steady_ms();
  ++begun_;
  entry->begun = true;
  entry->begun_ms = clock_.steady_ms();
  messages.push_back({entry, Started{}});
  frames.push_back(std::move(entry->frame));
  // What the reader took before it began is part of the first credit.
  const auto* generate = std::get_if<GenerateRequest>(&entry->request.body);
  if (generate != nullptr && entry->credit_tokens > generate->credit) {
    frames.push_back(small_frame(MessageType::kCredit, entry->id, Json::object({{"tokens", entry->credit_tokens - generate->credit}})));
  }
}

void LocalEngine::gather_places(std::vector<Message>& messages) {
  for (const QueuePlace& place : scheduler_.places()) {
    const EntryPtr& entry = entries_.at(place.id);
    if (entry->told_ahead == place.ahead) continue;
    entry->told_ahead = place.ahead;
    messages.push_back({entry, Queued{place.ahead, scheduler_.waiting(), place.estimate_s}});
  }
}

// ---- The supervisor ----

void LocalEngine::supervise() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || given_up_) return;
      ++info_.starts;
    }
    auto worker = start_worker(options_.worker, model_fd_, [this](std::shared_ptr<Child> child) {
      const std::lock_guard lock(mutex_);
      if (stopping_) child->channel().shut_down();
      child_ = std::move(child);
    });
    if (!worker) {
      start_failed(worker.error());
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      info_.ready = true;
      info_.trouble.clear();
      info_.model = worker->info;
      info_.seal = worker->seal.to_json();
      refusing_ = false;
      failed_starts_ = 0;
      last_sign_ms_ = clock_.steady_ms();
      wake();
      supervisor_.notify_all();
    }
    log_info("model.ready",
             {{"architecture", worker->info.architecture}, {"cpu", worker->info.cpu_variant}, {"engine", worker->info.engine}});
    serve(*worker->child);
  }
}

void LocalEngine::serve(Child& child) {
  std::string why = "the worker ended";
  for (;;) {
    auto frame = child.channel().receive(std::clamp<std::int64_t>(options_.stall_ms / 4, 1, kReceive_ms_max));
    if (!frame && frame.error().code == ErrorCode::kTimeout) {
      if (!is_stalled()) continue;
      why = fmt::format("the worker said nothing for {} ms", options_.stall_ms);
      break;
    }
    if (!frame) why = frame.error().detail;
    if (!frame || !*frame) break;
    if (auto received = receive(**frame); !received) {
      why = received.error().detail;
      break;
    }
  }
  // A blocked send of the dispatcher returns.
  child.channel().shut_down();
  if (const auto end = child.wait(500)) {
    why += " (" + *end + ")";
  } else {
    child.kill();
  }
  worker_ended(why);
}

bool LocalEngine::is_stalled() {
  const std::lock_guard lock(mutex_);
  const std::int64_t silent_ms = clock_.steady_ms() - last_sign_ms_;
  if (begun_ == 0) return false;
  // It may wait for slow readers; then it has time to answer a ping.
  if (!pinged_ && silent_ms > options_.stall_ms / 2) {
    pinged_ = true;
    outbox_.push_back(small_frame(MessageType::kCount, kPingId, Json::object({{"texts", Json::array()}})));
    wake();
  }
  return silent_ms > options_.stall_ms;
}

Result<void> LocalEngine::receive(const Frame& frame) {
  if (static_cast<MessageType>(frame.type) == MessageType::kStats) {
    const auto json = Json::parse(frame.payload);
    if (!json) return fail(ErrorCode::kCorrupt, "the worker's numbers cannot be read");
    const std::lock_guard lock(mutex_);
    info_.threads = json->int_or("threads");
    return {};
  }
  Message message;
  {
    const std::lock_guard lock(mutex_);
    last_sign_ms_ = clock_.steady_ms();
    if (frame.id == kPingId) {  // Maybe late: another message answered for it meanwhile.
      pinged_ = false;
      return {};
    }
    const auto found = entries_.find(frame.id);
    if (found == entries_.end() || !found->second->begun) return fail(ErrorCode::kCorrupt, "the worker answers what nobody asked");
    message.entry = found->second;
  }
  auto event = event_of(message.entry->request, frame);
  if (!event) return fail(event.error());
  message.event = std::move(*event);
  {
    const std::lock_guard lock(mutex_);
    if (auto spent = spend_credit(*message.entry, message.event); !spent) return spent;
    if (is_last(message.event)) {
      ends_in_a_row_ = 0;
      if (takes_slot(message.entry->request)) {
        scheduler_.finish(frame.id, clock_.steady_ms() - message.entry->begun_ms, cost_of(message.event));
      }
      entries_.erase(frame.id);
      --begun_;
      wake();
    }
  }
  tell(message);
  return {};
}

Result<void> LocalEngine::spend_credit(Entry& entry, const Event& event) {
  const auto* token = std::get_if<Token>(&event);
  if (token == nullptr) return {};
  const auto* generate = std::get_if<GenerateRequest>(&entry.request.body);
  entry.credit_tokens -= token->tokens;
  entry.output_tokens += token->tokens;
  if (entry.credit_tokens < -kSlack_tokens) return fail(ErrorCode::kCorrupt, "the worker sends more than it has credit for");
  if (generate != nullptr && entry.output_tokens > generate->max_tokens + kSlack_tokens)
    return fail(ErrorCode::kCorrupt, "the worker sends more than was asked for");
  return {};
}

void LocalEngine::worker_ended(std::string_view why) {
  std::vector<Message> messages;
  std::int64_t pause_ms = 0;
  bool retired = false;
  {
    const std::lock_guard lock(mutex_);
    info_.ready = false;
    info_.threads = 0;
    child_.reset();
    subject_.reset();
    retired = std::exchange(retiring_, false);
    outbox_.clear();
    begun_ = 0;
    pinged_ = false;
    for (auto item = entries_.begin(); item != entries_.end();) {
      const EntryPtr entry = item->second;
      if (!entry->begun) {
        ++item;
        continue;
      }
      if (takes_slot(entry->request)) scheduler_.finish(entry->id, 0, 0);
      messages.push_back(
          {entry, Error{ErrorCode::kUnavailable, "the model's process ended while it worked on this; it is being restarted"}});
      item = entries_.erase(item);
    }
    info_.trouble = fmt::format("sekisho-model: {}", why);
    if (retired) info_.trouble.clear();
    if (!stopping_ && !retired) pause_ms = backoff_ms();
    wake();
  }
  if (pause_ms > 0)
    log_warning("model.worker_ended", {{"why", std::string(why)}, {"failed_requests", static_cast<std::int64_t>(messages.size())}});
  for (const Message& message : messages) tell(message);
  pause(pause_ms);
}

void LocalEngine::start_failed(const Error& error) {
  std::vector<Message> messages;
  std::int64_t pause_ms = 0;
  {
    const std::lock_guard lock(mutex_);
    child_.reset();
    if (stopping_) return;
    ++failed_starts_;
    given_up_ = !is_worth_trying_again(error.code);
    info_.trouble = error.detail;
    if (given_up_ || failed_starts_ >= kFailedStarts_max) {
      refusing_ = true;
      fail_all({ErrorCode::kUnavailable, error.detail}, messages);
    }
    pause_ms = given_up_ ? 0 : backoff_ms();
    supervisor_.notify_all();
  }
  log_error("model.start_failed", {{"why", error.detail}, {"given_up", pause_ms == 0}});
  for (const Message& message : messages) tell(message);
  pause(pause_ms);
}

std::int64_t LocalEngine::backoff_ms() {
  const std::int64_t doublings = std::min<std::int64_t>(ends_in_a_row_++, 20);
  return std::min(options_.backoff_max_ms, options_.backoff_first_ms << doublings);
}

void LocalEngine::pause(std::int64_t ms) {
  std::unique_lock lock(mutex_);
  supervisor_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
}

}  // namespace sekisho::model
