#include "worker/llama_worker.h"

#include <sched.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.h"
#include "process/channel.h"
#include "process/model_protocol.h"
#include "process/sandbox.h"
#include "process/spawn.h"
#include "worker/llama_backend.h"
#include "worker/llama_engine.h"
#include "worker/llama_session.h"

namespace sekisho::worker {
namespace {

namespace model = process::model;
using model::MessageType;

constexpr auto kRestAfter = std::chrono::seconds(2);

/// Frames from the server, read by a thread of their own so that Cancel is seen between steps.
class Inbox {
 public:
  explicit Inbox(process::Channel& channel) : channel_(channel), reader_([this] { read(); }) {}
  ~Inbox() {
    channel_.shut_down();
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    room_.notify_one();
    reader_.join();
  }

  enum class Wait { kNo, kYes };
  /// The next frame. Nothing where there is none yet (after kRestAfter, with Wait::kYes) or the server is gone.
  std::optional<process::Frame> take(Wait wait) {
    std::unique_lock lock(mutex_);
    if (wait == Wait::kYes) arrived_.wait_for(lock, kRestAfter, [this] { return closed_ || !frames_.empty(); });
    if (frames_.empty()) return std::nullopt;
    process::Frame frame = std::move(frames_.front());
    frames_.pop_front();
    room_.notify_one();
    return frame;
  }
  bool closed() {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  static constexpr std::size_t kFramesMax = 256;

  void read() {
    for (;;) {
      auto frame = channel_.receive();
      std::unique_lock lock(mutex_);
      if (!frame || !*frame) {
        closed_ = true;
        arrived_.notify_one();
        return;
      }
      room_.wait(lock, [this] { return closed_ || frames_.size() < kFramesMax; });
      frames_.push_back(std::move(**frame));
      arrived_.notify_one();
    }
  }

  process::Channel& channel_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable room_;
  std::deque<process::Frame> frames_;
  bool closed_ = false;
  std::thread reader_;
};

int available_cores() {
  cpu_set_t cores;
  return ::sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

bool send(process::Channel& channel, MessageType type, const Json& json) {
  return channel.send({.type = static_cast<std::uint16_t>(type), .id = 0, .payload = json.dump()}).has_value();
}

int refuse(process::Channel& channel, const Error& error) {
  log_error("model_not_loaded", {{"code", std::string(name_of(error.code))}, {"detail", error.detail}});
  (void)send(channel, MessageType::kFailed, Json::object({{"code", name_of(error.code)}, {"detail", error.detail}}));
  return 1;
}

Result<model::LoadRequest> receive_load(process::Channel& channel) {
  auto frame = channel.receive();
  if (!frame) return fail(frame.error());
  if (!*frame) return fail(ErrorCode::kCancelled, "the server closed before it asked for a model");
  if (static_cast<MessageType>((*frame)->type) != MessageType::kLoad) return fail(ErrorCode::kInvalid, "the first message is not a load request");
  auto json = Json::parse((*frame)->payload);
  if (!json) return fail(json.error());
  return model::load_request(*json);
}

void serve(LlamaSession& session, Inbox& inbox) {
  while (!inbox.closed()) {
    while (auto frame = inbox.take(Inbox::Wait::kNo)) session.handle(*frame);
    if (session.step()) continue;
    if (auto frame = inbox.take(Inbox::Wait::kYes)) {
      session.handle(*frame);
    } else {
      session.rest();
    }
  }
}

}  // namespace

int run_model_worker() {
  process::Channel channel(process::kChannelFd);
  auto variant = load_cpu_backend(program_folder());
  const int cores = available_cores();
  process::SealReport report = process::seal({.name = "model", .threads = true, .silent = true});
  process::probe_escape(report);
  if (!send(channel, MessageType::kSealed, report.to_json())) return 1;
  if (!variant) return refuse(channel, variant.error());
  auto load = receive_load(channel);
  if (!load) return load.error().code == ErrorCode::kCancelled ? 0 : refuse(channel, load.error());
  auto engine = LlamaEngine::load(process::kInputFd, {.load = *load, .cpu_variant = *variant, .cores = cores});
  if (!engine) return refuse(channel, engine.error());
  LlamaSession session(std::move(*engine), *load, [&channel](process::Frame frame) {
    // A server that is gone is noticed by the reader.
    (void)channel.send(frame);
  });
  if (!send(channel, MessageType::kReady, model::to_json(session.info()))) return 1;
  Inbox inbox(channel);
  serve(session, inbox);
  return 0;
}

}  // namespace sekisho::worker
