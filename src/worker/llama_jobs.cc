#include "worker/llama_jobs.h"

#include <fmt/format.h>

#include "worker/llama_backend.h"

namespace sekisho::worker {
namespace {

namespace model = process::model;

Result<Prompt> read_prompt(const LlamaEngine& engine, std::string scope, const std::vector<model::Segment>& segments) {
  Prompt prompt{.scope = std::move(scope)};
  for (const model::Segment& segment : segments) {
    auto tokens = engine.tokenize(segment.text, {.special = segment.special, .first = &segment == segments.data()});
    if (!tokens) return fail(tokens.error());
    prompt.tokens.insert(prompt.tokens.end(), tokens->begin(), tokens->end());
    if (segment.keep && !prompt.scope.empty()) prompt.keep_after.push_back(prompt.tokens.size());
  }
  if (prompt.tokens.empty()) return fail(ErrorCode::kInvalid, "prompt: empty");
  if (prompt.tokens.size() >= static_cast<std::size_t>(engine.context_tokens())) {
    return fail(ErrorCode::kTooLarge, fmt::format("prompt: {} tokens do not fit the context of {} (one must be left for the answer)",
                                                  prompt.tokens.size(), engine.context_tokens()));
  }
  return prompt;
}

Result<std::unique_ptr<Grammar>> read_grammar(const LlamaEngine& engine, const model::GenerateRequest& request) {
  const MutedPrinting muted;
  if (!request.grammar.empty() && !request.json_schema.empty()) return fail(ErrorCode::kInvalid, "grammar and json_schema together");
  if (!request.json_schema.empty()) {
    auto gbnf = grammar_of_schema(request.json_schema);
    if (!gbnf) return fail(gbnf.error());
    return Grammar::parse(engine.native_vocabulary(), *gbnf);
  }
  if (request.grammar.empty()) return std::unique_ptr<Grammar>();
  return Grammar::parse(engine.native_vocabulary(), request.grammar);
}

std::string text_of(const std::vector<model::Segment>& segments) {
  std::string text;
  for (const model::Segment& segment : segments) text += segment.text;
  return text;
}

}  // namespace

Result<std::unique_ptr<Job>> make_job(const LlamaEngine& engine, std::uint64_t id, model::GenerateRequest request) {
  auto prompt = read_prompt(engine, request.scope, request.prompt);
  if (!prompt) return fail(prompt.error());
  auto grammar = read_grammar(engine, request);
  if (!grammar) return fail(grammar.error());
  std::unique_ptr<JapaneseMask> mask;
  if (request.japanese_only) mask = std::make_unique<JapaneseMask>(engine.vocabulary(), text_of(request.prompt));
  const ChoiceOptions options{.temperature = request.temperature, .top_p = request.top_p, .repeat_penalty = request.repeat_penalty, .seed = request.seed};
  Generation generation;
  generation.chooser = std::make_unique<TokenChooser>(engine.vocabulary(), options, std::move(mask), std::move(*grammar), prompt->tokens);
  generation.text = AnswerText(request.stop);
  generation.credit = request.credit;
  request.prompt.clear();
  generation.request = std::move(request);
  auto job = std::make_unique<Job>();
  job->id = id;
  job->prompt = std::move(*prompt);
  job->work = std::move(generation);
  return job;
}

Result<std::unique_ptr<Job>> make_job(const LlamaEngine& engine, std::uint64_t id, const model::ScoreRequest& request) {
  auto prompt = read_prompt(engine, request.scope, request.prompt);
  if (!prompt) return fail(prompt.error());
  Scoring scoring;
  for (const std::string& option : request.options) {
    auto tokens = engine.tokenize(option, {});
    if (!tokens) return fail(tokens.error());
    if (tokens->empty()) return fail(ErrorCode::kInvalid, "options: an empty one");
    if (prompt->tokens.size() + tokens->size() > static_cast<std::size_t>(engine.context_tokens())) {
      return fail(ErrorCode::kTooLarge, fmt::format("prompt and option: {} tokens do not fit the context of {}",
                                                    prompt->tokens.size() + tokens->size(), engine.context_tokens()));
    }
    scoring.options.push_back(std::move(*tokens));
  }
  if (scoring.options.empty()) return fail(ErrorCode::kInvalid, "options: none");
  scoring.log_probabilities.assign(scoring.options.size(), 0);
  auto job = std::make_unique<Job>();
  job->id = id;
  job->prompt = std::move(*prompt);
  job->work = std::move(scoring);
  return job;
}

}  // namespace sekisho::worker
