#include <algorithm>
#include <cmath>
#include <cstring>

#include "worker/llama_session.h"
#include "worker/llama_threads.h"

// The steps of LlamaSession: what is computed, and what its results mean for the requests.
namespace sekisho::worker {
namespace {

namespace model = process::model;
using model::MessageType;

constexpr double kPortionBeside_s = 0.2;  ///< Of a prompt, while others read their answers.
constexpr double kPortionAlone_s = 1.0;   ///< So that Stop and progress are not late.
constexpr std::size_t kPortionMin = 16;
constexpr double kRecent = 0.3;  ///< The weight of the newest portion in the rate.

double elapsed_ms(StepTime begin) { return static_cast<double>(step_clock().wall_ns - begin.wall_ns) / 1e6; }

std::int64_t as_int(std::size_t value) { return static_cast<std::int64_t>(value); }

std::string vectors_payload(std::uint32_t count, std::span<const float> values) {
  const auto width = static_cast<std::uint32_t>(count == 0 ? 0 : values.size() / count);
  std::string payload(8 + values.size() * sizeof(float), '\0');
  std::memcpy(payload.data(), &count, 4);
  std::memcpy(payload.data() + 4, &width, 4);
  if (!values.empty()) std::memcpy(payload.data() + 8, values.data(), values.size() * sizeof(float));
  return payload;
}

}  // namespace

bool LlamaSession::decode_answers() {
  std::vector<Job*> owners;
  for (const auto& job : jobs_) {
    if (job->sequence >= 0 && !job->ended && job->next && job->has_credit()) owners.push_back(job.get());
  }
  // In equal groups: four answers go two by two where three is the most.
  const std::size_t groups = (owners.size() + engine_->rows_max() - 1) / engine_->rows_max();
  for (std::size_t group = 0; group < groups; ++group) {
    const std::size_t begin = owners.size() * group / groups;
    const std::size_t end = owners.size() * (group + 1) / groups;
    decode_together(std::span(owners).subspan(begin, end - begin));
  }
  return !owners.empty();
}

void LlamaSession::decode_together(std::span<Job* const> owners) {
  std::vector<Row> rows;
  for (const Job* job : owners) rows.push_back({.sequence = job->sequence, .position = job->position, .token = *job->next});
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
}

std::size_t LlamaSession::portion(const Job& job) const {
  const bool others_read = std::any_of(jobs_.begin(), jobs_.end(), [&](const auto& each) {
    return each.get() != &job && each->next.has_value() && each->has_credit();
  });
  const double wanted = prefill_rate_ * (others_read ? kPortionBeside_s : kPortionAlone_s);
  // In equal portions, up to half as long again as wanted: a small rest would cost nearly as much as a whole one.
  const std::size_t left = job.prompt.tokens.size() - job.done_tokens;
  const auto portions = static_cast<std::size_t>(std::max(1.0, std::round(static_cast<double>(left) / std::max(wanted, static_cast<double>(kPortionMin)))));
  std::size_t tokens = std::min((left + portions - 1) / portions, engine_->portion_max());
  for (const std::size_t keep : job.prompt.keep_after) {
    if (!keeps_at_end(job) && keep > job.done_tokens) tokens = std::min(tokens, keep - job.done_tokens);
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
  const std::size_t count = portion(job);
  const bool last = job.done_tokens + count == job.prompt.tokens.size();
  const StepTime begin = step_clock();
  auto done = engine_->prefill({.sequence = job.sequence,
                                .position = static_cast<std::int32_t>(job.done_tokens),
                                .tokens = std::span(job.prompt.tokens).subspan(job.done_tokens, count),
                                .logits = last});
  if (!done) {
    fail_job(job, done.error());
    return true;
  }
  const double took_ms = elapsed_ms(begin);
  job.prefill_ms += took_ms;
  if (count >= kPortionMin) prefill_rate_ += kRecent * (1000.0 * static_cast<double>(count) / std::max(took_ms, 0.1) - prefill_rate_);
  job.done_tokens += count;
  job.position = static_cast<std::int32_t>(job.done_tokens);
  keep_prefix(job);
  const model::Progress progress{.done_tokens = as_int(job.done_tokens), .total_tokens = as_int(job.prompt.tokens.size())};
  send_json(MessageType::kProgress, job.id, model::to_json(progress));
  if (last) advance(job, 0);
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

bool LlamaSession::keeps_at_end(const Job& job) const { return std::holds_alternative<Scoring>(job.work) && engine_->can_trim(); }

void LlamaSession::keep_prefixes_at_end(const Job& job) {
  if (!keeps_at_end(job)) return;
  for (auto keep = job.prompt.keep_after.rbegin(); keep != job.prompt.keep_after.rend(); ++keep) {
    const std::span<const TokenId> tokens = std::span(job.prompt.tokens).first(*keep);
    if (prefixes_.holds(job.prompt.scope, tokens)) continue;
    if (engine_->trim(job.sequence, static_cast<std::int32_t>(*keep))) prefixes_.keep(job.prompt.scope, tokens, KeptState(engine_->save(job.sequence)));
  }
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
    job.position = static_cast<std::int32_t>(job.prompt.tokens.size());
    if (!engine_->trim(job.sequence, job.position)) {
      return fail_job(job, {ErrorCode::kUnsupported, "this model cannot score options of several tokens"});
    }
  }
  if (scoring.option < scoring.options.size()) {
    job.next = scoring.options[scoring.option][scoring.token];
    return;
  }
  const model::Scored scored{.log_probabilities = scoring.log_probabilities,
                             .prompt_tokens = as_int(job.prompt.tokens.size()),
                             .cached_tokens = as_int(job.cached_tokens)};
  keep_prefixes_at_end(job);
  send_json(MessageType::kScored, job.id, model::to_json(scored));
  end(job);
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
    std::string payload = vectors_payload(static_cast<std::uint32_t>(embedding.done), embedding.vectors);
    send_({.type = static_cast<std::uint16_t>(MessageType::kVectors), .id = embedding.id, .payload = std::move(payload)});
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
