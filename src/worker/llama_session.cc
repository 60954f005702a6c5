#include "worker/llama_session.h"

#include <algorithm>

#include <fmt/format.h>

namespace sekisho::worker {
namespace {

namespace model = process::model;
using model::MessageType;

std::int64_t as_int(std::size_t value) { return static_cast<std::int64_t>(value); }

KeptPrefixes::Bounds bounds_of(const model::LoadRequest& load) {
  return {.entries = static_cast<std::size_t>(load.kept_prefixes), .bytes = limits::kKeptPrefixBytes};
}

}  // namespace

LlamaSession::LlamaSession(std::unique_ptr<LlamaEngine> engine, const model::LoadRequest& load, Send send)
    : engine_(std::move(engine)), send_(std::move(send)), prefixes_(bounds_of(load)), sequence_used_(static_cast<std::size_t>(load.sequences)) {}

void LlamaSession::send_json(MessageType type, std::uint64_t id, const Json& json) {
  send_({.type = static_cast<std::uint16_t>(type), .id = id, .payload = json.dump()});
}

void LlamaSession::send_failed(std::uint64_t id, const Error& error) {
  send_json(MessageType::kFailed, id, Json::object({{"code", name_of(error.code)}, {"detail", error.detail}}));
}

void LlamaSession::handle(const process::Frame& frame) {
  if (static_cast<MessageType>(frame.type) == MessageType::kCancel) return cancel(frame.id);
  auto json = Json::parse(frame.payload, limits::kFrameBytes);
  auto accepted = json ? accept(frame, *json) : Result<void>(fail(json.error()));
  if (!accepted) send_failed(frame.id, accepted.error());
}

Result<void> LlamaSession::accept(const process::Frame& frame, const Json& json) {
  switch (static_cast<MessageType>(frame.type)) {
    case MessageType::kGenerate: {
      auto request = model::generate_request(json);
      if (!request) return fail(request.error());
      if (knows(frame.id)) return fail(ErrorCode::kInvalid, "the id is in use");
      return add_job(make_job(*engine_, frame.id, std::move(*request)));
    }
    case MessageType::kScore: {
      auto request = model::score_request(json);
      if (!request) return fail(request.error());
      if (knows(frame.id)) return fail(ErrorCode::kInvalid, "the id is in use");
      return add_job(make_job(*engine_, frame.id, *request));
    }
    case MessageType::kEmbed: return add_embedding(frame.id, json);
    case MessageType::kCount: return count(frame.id, json);
    case MessageType::kCredit: return add_credit(frame.id, json);
    case MessageType::kForget: return forget(json);
    default: return fail(ErrorCode::kUnsupported, fmt::format("message type {}", frame.type));
  }
}

bool LlamaSession::knows(std::uint64_t id) const {
  return std::any_of(jobs_.begin(), jobs_.end(), [&](const auto& job) { return job->id == id; }) ||
         std::any_of(embeddings_.begin(), embeddings_.end(), [&](const Embedding& each) { return each.id == id; });
}

Result<void> LlamaSession::add_job(Result<std::unique_ptr<Job>> job) {
  if (!job) return fail(job.error());
  if (engine_->embeds()) return fail(ErrorCode::kUnsupported, "this model was loaded for embeddings");
  if (jobs_.size() >= limits::kWorkerQueue) return fail(ErrorCode::kBusy, fmt::format("{} requests are waiting", jobs_.size()));
  jobs_.push_back(std::move(*job));
  return {};
}

Result<void> LlamaSession::add_embedding(std::uint64_t id, const Json& json) {
  auto request = model::embed_request(json);
  if (!request) return fail(request.error());
  if (!engine_->embeds()) return fail(ErrorCode::kUnsupported, "this model was not loaded for embeddings");
  if (knows(id)) return fail(ErrorCode::kInvalid, "the id is in use");
  const std::size_t bytes = request->texts.size() * static_cast<std::size_t>(engine_->info().width) * sizeof(float);
  if (bytes + 8 > limits::kFrameBytes) return fail(ErrorCode::kTooLarge, fmt::format("{} texts at once", request->texts.size()));
  if (embeddings_.size() >= limits::kWorkerQueue) return fail(ErrorCode::kBusy, fmt::format("{} requests are waiting", embeddings_.size()));
  embeddings_.push_back({.id = id, .texts = std::move(request->texts)});
  return {};
}

Result<void> LlamaSession::count(std::uint64_t id, const Json& json) {
  JsonReader reader(json);
  const std::vector<std::string> texts = reader.texts("texts", limits::kWorkerTexts, {.max_characters = limits::kFrameBytes});
  if (auto done = reader.finish(); !done) return fail(done.error());
  Json::Array counts;
  for (const std::string& text : texts) {
    auto tokens = engine_->tokenize(text, {});
    if (!tokens) return fail(tokens.error());
    counts.emplace_back(tokens->size());
  }
  send_json(MessageType::kCounted, id, Json::object({{"tokens", std::move(counts)}}));
  return {};
}

Result<void> LlamaSession::add_credit(std::uint64_t id, const Json& json) {
  JsonReader reader(json);
  const std::int64_t tokens = reader.integer("tokens", {.min = 1, .max = 1'000'000});
  if (auto done = reader.finish(); !done) return fail(done.error());
  for (const auto& job : jobs_) {
    if (Generation* answer = job->generation(); answer != nullptr && job->id == id) answer->credit += tokens;
  }
  return {};  // One that has just ended needs no credit.
}

Result<void> LlamaSession::forget(const Json& json) {
  JsonReader reader(json);
  const std::string scope = reader.text("scope");
  if (auto done = reader.finish(); !done) return fail(done.error());
  prefixes_.forget(scope);
  return {};
}

void LlamaSession::cancel(std::uint64_t id) {
  std::erase_if(embeddings_, [&](const Embedding& each) {
    if (each.id == id) send_failed(id, {ErrorCode::kCancelled, "cancelled"});
    return each.id == id;
  });
  for (const auto& job : jobs_) {
    if (job->id != id) continue;
    if (Generation* answer = job->generation()) {
      finish_answer(*job, *answer, "cancelled");
    } else {
      fail_job(*job, {ErrorCode::kCancelled, "cancelled"});
    }
  }
  std::erase_if(jobs_, [](const auto& job) { return job->ended; });
}

void LlamaSession::give_sequences() {
  for (const auto& job : jobs_) {
    if (job->sequence >= 0) continue;
    const auto free = std::find(sequence_used_.begin(), sequence_used_.end(), false);
    if (free == sequence_used_.end()) return;
    *free = true;
    job->sequence = static_cast<int>(free - sequence_used_.begin());
    engine_->clear(job->sequence);
    take_kept_prefix(*job);
  }
}

bool LlamaSession::step() {
  give_sequences();
  dirty_ = dirty_ || !jobs_.empty() || !embeddings_.empty();
  const bool decoded = decode_answers();
  const bool prefilled = prefill_one();
  const bool embedded = embed_one();
  std::erase_if(jobs_, [](const auto& job) { return job->ended; });
  if (decoded || prefilled || embedded) report_threads();
  return decoded || prefilled || embedded;
}

void LlamaSession::rest() {
  if (!dirty_ || !jobs_.empty() || !embeddings_.empty()) return;
  engine_->wipe();
  dirty_ = false;
}

void LlamaSession::report_threads() {
  if (engine_->threads() == reported_threads_) return;
  reported_threads_ = engine_->threads();
  const auto resident = std::count(sequence_used_.begin(), sequence_used_.end(), true);
  send_json(MessageType::kStats, 0,
            Json::object({{"threads", reported_threads_}, {"preempted", engine_->preempted()}, {"resident_sequences", resident}}));
}

void LlamaSession::finish_answer(Job& job, Generation& answer, std::string reason) {
  if (auto piece = answer.text.finish()) send_json(MessageType::kToken, job.id, model::to_json(*piece));
  const model::Done done{.reason = std::move(reason),
                         .prompt_tokens = as_int(job.prompt.tokens.size()),
                         .cached_tokens = as_int(job.cached_tokens),
                         .output_tokens = answer.output_tokens,
                         .prefill_ms = job.prefill_ms,
                         .decode_ms = answer.decode_ms};
  send_json(MessageType::kDone, job.id, model::to_json(done));
  end(job);
}

void LlamaSession::fail_job(Job& job, const Error& error) {
  send_failed(job.id, error);
  end(job);
}

void LlamaSession::end(Job& job) {
  job.ended = true;
  if (job.sequence < 0) return;
  engine_->clear(job.sequence);
  sequence_used_[static_cast<std::size_t>(job.sequence)] = false;
}

}  // namespace sekisho::worker
