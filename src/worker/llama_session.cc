#include "worker/llama_session.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/log.h"
#include "worker/llama_threads.h"

namespace sekisho::worker {
namespace {

namespace model = process::model;
using model::MessageType;

constexpr double kPortionBeside_s = 0.2;  ///< Of a prompt, while others read their answers.
constexpr double kPortionAlone_s = 1.0;   ///< So that Stop and progress are not late.
constexpr std::size_t kPortionMin = 16;

double elapsed_ms(StepTime begin) { return static_cast<double>(step_clock().wall_ns - begin.wall_ns) / 1e6; }

std::string vectors_payload(std::uint32_t count, std::span<const float> values) {
  const auto width = static_cast<std::uint32_t>(count == 0 ? 0 : values.size() / count);
  std::string payload(8 + values.size() * sizeof(float), '\0');
  std::memcpy(payload.data(), &count, 4);
  std::memcpy(payload.data() + 4, &width, 4);
  if (!values.empty()) std::memcpy(payload.data() + 8, values.data(), values.size() * sizeof(float));
  return payload;
}

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
  send_json(MessageType::kStats, 0, Json::object({{"threads", reported_threads_}, {"preempted", engine_->preempted()}, {"resident_sequences", resident}}));
}

bool LlamaSession::decode_answers() {
  std::vector<Row> rows;
  std::vector<Job*> owners;
  for (const auto& job : jobs_) {
    if (job->sequence < 0 || job->ended || !job->next || !job->has_credit()) continue;
    rows.push_back({.sequence = job->sequence, .position = job->position, .token = *job->next, .logits = true});
    owners.push_back(job.get());
  }
  if (rows.empty()) return false;
  // Neighbouring sequences are computed together.
  const StepTime begin = step_clock();
  const Result<void> decoded = engine_->decode(rows);
  const double took_ms = elapsed_ms(begin);
  for (std::size_t i = 0; i < owners.size(); ++i) {
    Job& job = *owners[i];
    if (!decoded) {
      fail_job(job, decoded.error());
      continue;
    }
    if (Generation* answer = job.generation()) answer->decode_ms += took_ms;
    ++job.position;
    job.next.reset();
    advance(job, i);
  }
  return true;
}

std::size_t LlamaSession::portion(const Job& job) const {
  const bool others_read = std::any_of(jobs_.begin(), jobs_.end(), [&](const auto& each) { return each.get() != &job && each->next.has_value() && each->has_credit(); });
  const double wanted = prefill_rate_ * (others_read ? kPortionBeside_s : kPortionAlone_s);
  std::size_t tokens = std::clamp(static_cast<std::size_t>(wanted), kPortionMin, engine_->rows_max());
  tokens = std::min(tokens, job.prompt.tokens.size() - job.done_tokens);
  for (const std::size_t keep : job.prompt.keep_after) {
    if (keep > job.done_tokens) tokens = std::min(tokens, keep - job.done_tokens);
  }
  return tokens;
}

bool LlamaSession::prefill_one() {
  std::vector<Job*> waiting;
  for (const auto& job : jobs_) {
    if (job->sequence >= 0 && !job->ended && job->in_prefill() && job->has_credit()) waiting.push_back(job.get());
  }
  if (waiting.empty()) return false;
  Job& job = *waiting[turn_++ % waiting.size()];
  std::vector<Row> rows;
  for (const std::size_t end = job.done_tokens + portion(job); job.done_tokens + rows.size() < end;) {
    const std::size_t at = job.done_tokens + rows.size();
    rows.push_back({.sequence = job.sequence, .position = static_cast<std::int32_t>(at), .token = job.prompt.tokens[at], .logits = at + 1 == job.prompt.tokens.size()});
  }
  const StepTime begin = step_clock();
  if (auto decoded = engine_->decode(rows); !decoded) {
    fail_job(job, decoded.error());
    return true;
  }
  const double took_ms = elapsed_ms(begin);
  job.prefill_ms += took_ms;
  if (rows.size() >= kPortionMin) prefill_rate_ += 0.3 * (1000.0 * static_cast<double>(rows.size()) / std::max(took_ms, 0.1) - prefill_rate_);
  job.done_tokens += rows.size();
  job.position = static_cast<std::int32_t>(job.done_tokens);
  keep_prefix(job);
  send_json(MessageType::kProgress, job.id, model::to_json(model::Progress{.done_tokens = static_cast<std::int64_t>(job.done_tokens), .total_tokens = static_cast<std::int64_t>(job.prompt.tokens.size())}));
  if (!job.in_prefill()) advance(job, rows.size() - 1);
  return true;
}

void LlamaSession::take_kept_prefix(Job& job) {
  const KeptPrefixes::Entry* kept = prefixes_.longest(job.prompt.scope, job.prompt.tokens);
  if (kept == nullptr) return;
  if (!engine_->restore(job.sequence, kept->state.bytes())) {
    engine_->clear(job.sequence);
    return;
  }
  job.cached_tokens = job.done_tokens = kept->tokens.size();
  job.position = static_cast<std::int32_t>(job.done_tokens);
}

void LlamaSession::keep_prefix(const Job& job) {
  if (std::find(job.prompt.keep_after.begin(), job.prompt.keep_after.end(), job.done_tokens) == job.prompt.keep_after.end()) return;
  const std::span<const TokenId> tokens = std::span(job.prompt.tokens).first(job.done_tokens);
  if (!prefixes_.holds(job.prompt.scope, tokens)) prefixes_.keep(job.prompt.scope, tokens, KeptState(engine_->save(job.sequence)));
}

void LlamaSession::advance(Job& job, std::size_t row) {
  if (Generation* answer = job.generation()) {
    advance_answer(job, *answer, row);
  } else {
    advance_scores(job, *job.scoring(), row);
  }
}

void LlamaSession::advance_answer(Job& job, Generation& answer, std::size_t row) {
  const auto choice = answer.chooser->choose(engine_->logits(row));
  if (!choice) return fail_job(job, choice.error());
  if (engine_->vocabulary().ends(choice->token)) return finish_answer(job, answer, "stop");
  ++answer.output_tokens;
  --answer.credit;
  answer.text.add(engine_->vocabulary().piece(choice->token), choice->log_probability);
  if (answer.text.stopped()) return finish_answer(job, answer, "stop");
  if (answer.output_tokens >= answer.request.max_tokens) return finish_answer(job, answer, "length");
  if (job.position >= engine_->context_tokens()) return finish_answer(job, answer, "context");
  if (auto piece = answer.text.take()) send_json(MessageType::kToken, job.id, model::to_json(*piece));
  job.next = choice->token;
}

void LlamaSession::advance_scores(Job& job, Scoring& scoring, std::size_t row) {
  const std::span<const float> logits = engine_->logits(row);
  const double total = log_sum_exp(logits);
  const auto log_probability = [&](TokenId token) { return static_cast<double>(logits[static_cast<std::size_t>(token)]) - total; };
  if (job.position == static_cast<std::int32_t>(job.prompt.tokens.size())) {
    // Right after the prompt: the first token of every option.
    for (std::size_t i = 0; i < scoring.options.size(); ++i) scoring.log_probabilities[i] = log_probability(scoring.options[i][0]);
  } else {
    scoring.log_probabilities[scoring.option] += log_probability(scoring.options[scoring.option][scoring.token + 1]);
    ++scoring.token;
  }
  // The tokens of an option that are followed by another of its own have to be computed.
  while (scoring.option < scoring.options.size() && scoring.token + 1 >= scoring.options[scoring.option].size()) {
    ++scoring.option;
    scoring.token = 0;
    if (!engine_->trim(job.sequence, static_cast<std::int32_t>(job.prompt.tokens.size()))) return fail_job(job, {ErrorCode::kUnsupported, "this model cannot score options of several tokens"});
    job.position = static_cast<std::int32_t>(job.prompt.tokens.size());
  }
  if (scoring.option < scoring.options.size()) {
    job.next = scoring.options[scoring.option][scoring.token];
    return;
  }
  send_json(MessageType::kScored, job.id, model::to_json(model::Scored{.log_probabilities = scoring.log_probabilities, .prompt_tokens = static_cast<std::int64_t>(job.prompt.tokens.size()), .cached_tokens = static_cast<std::int64_t>(job.cached_tokens)}));
  end(job);
}

void LlamaSession::finish_answer(Job& job, Generation& answer, std::string reason) {
  if (auto piece = answer.text.finish()) send_json(MessageType::kToken, job.id, model::to_json(*piece));
  send_json(MessageType::kDone, job.id, model::to_json(model::Done{.reason = std::move(reason),
                                                                   .prompt_tokens = static_cast<std::int64_t>(job.prompt.tokens.size()),
                                                                   .cached_tokens = static_cast<std::int64_t>(job.cached_tokens),
                                                                   .output_tokens = answer.output_tokens,
                                                                   .prefill_ms = job.prefill_ms,
                                                                   .decode_ms = answer.decode_ms}));
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

bool LlamaSession::embed_one() {
  if (embeddings_.empty()) return false;
  Embedding& embedding = embeddings_.front();
  if (embedding.done < embedding.texts.size()) {
    if (auto done = embed_next(embedding); !done) {
      send_failed(embedding.id, done.error());
      embeddings_.pop_front();
      return true;
    }
  }
  if (embedding.done == embedding.texts.size()) {
    send_({.type = static_cast<std::uint16_t>(MessageType::kVectors), .id = embedding.id, .payload = vectors_payload(static_cast<std::uint32_t>(embedding.done), embedding.vectors)});
    embeddings_.pop_front();
  }
  return true;
}

Result<void> LlamaSession::embed_next(Embedding& embedding) {
  auto tokens = engine_->tokenize(embedding.texts[embedding.done], {.special = false, .first = true});
  if (!tokens) return fail(tokens.error());
  if (tokens->empty()) return fail(ErrorCode::kInvalid, "texts: an empty one");
  const auto most = static_cast<std::size_t>(engine_->context_tokens());
  if (tokens->size() > most) {
    // What the model puts behind a text stays behind what is left of it.
    (*tokens)[most - 1] = tokens->back();
    tokens->resize(most);
  }
  auto vector = engine_->embed(*tokens);
  if (!vector) return fail(vector.error());
  embedding.vectors.insert(embedding.vectors.end(), vector->begin(), vector->end());
  ++embedding.done;
  return {};
}

}  // namespace sekisho::worker
