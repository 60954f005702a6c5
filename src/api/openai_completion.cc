#include "api/openai_completion.h"

#include <utility>

#include "api/openai_chat.h"
#include "base/log.h"

namespace sekisho::api {

using process::model::GenerateRequest;
using process::model::Token;

Result<OpenAiCompletion> OpenAiCompletion::open(const OpenAiParts& parts, const gate::Actor& actor, CompletionRequest request) {
  std::string prompts;
  for (const std::string& prompt : request.prompts) prompts += prompt;
  auto release = OpenAiRelease::admit(parts, actor, "completion", prompts);
  if (!release) return fail(release.error());
  return OpenAiCompletion(parts, actor.id.text(), std::move(request), *std::move(release));
}

OpenAiCompletion::OpenAiCompletion(const OpenAiParts& parts, std::string actor, CompletionRequest request, OpenAiRelease release)
    : parts_(parts),
      actor_(std::move(actor)),
      request_(std::move(request)),
      release_(std::move(release)),
      head_(parts_, "cmpl-"),
      seed_(seed_of(request_.choosing)) {}

void OpenAiCompletion::run(OpenAiChannel& channel) {
  const Result<void> outcome = answer(channel);
  std::string text;
  Json personal;
  for (const Choice& choice : choices_) {
    text += choice.text;
    if (Json facts = choice.voice.guard().facts(); !facts.is_null()) personal = std::move(facts);
  }
  release_.close(outcome, text, usage_, std::move(personal));
  if (outcome) return channel.finish(whole());
  log_warning("openai.completion_failed", {{"code", std::string(name_of(outcome.error().code))}});  // The detail may be the model's words.
  channel.fail(outcome.error());
}

Result<void> OpenAiCompletion::answer(OpenAiChannel& channel) {
  for (const std::string& prompt : request_.prompts) {
    for (std::int64_t number = 0; number < request_.choosing.choices; ++number) {
      if (auto said = go_on(channel, prompt, number); !said) return said;
    }
  }
  if (!request_.choosing.include_usage) return {};
  Json last = head_.begin("text_completion");
  last.set("choices", Json::array());
  last.set("usage", usage_.to_json());
  channel.send(last);
  return {};
}

Result<void> OpenAiCompletion::go_on(OpenAiChannel& channel, const std::string& prompt, std::int64_t number) {
  GenerateRequest request = generate_request_of(parts_, request_.choosing, seed_, number);
  request.scope = actor_;
  request.prompt = {{prompt, false, true}};
  request.japanese_only = wants_japanese(prompt);
  release_.mask(request.prompt);
  choices_.push_back({release_.voice(), {}, {}});
  const auto say = [&](const std::string& text) {
    choices_.back().text += text;
    if (!text.empty()) send_text(channel, text, Json());
  };
  auto done = generate(parts_.engine, {.actor = actor_, .body = std::move(request), .follow_up = std::exchange(served_, true)}, channel,
                       [&](const Token& token) { say(choices_.back().voice.pass(token.text)); });
  if (!done) return fail(done.error());
  say(choices_.back().voice.rest());
  if (number == 0) {
    usage_.prompt_tokens += done->prompt_tokens;
    usage_.cached_tokens += done->cached_tokens;
  }
  usage_.completion_tokens += done->output_tokens;
  choices_.back().finish_reason = choices_.back().voice.guard().blocked() ? "content_filter" : finish_reason_of(*done);
  send_text(channel, "", choices_.back().finish_reason);
  return {};
}

Json OpenAiCompletion::choice_json(std::size_t index, std::string_view text, Json finish_reason) const {
  return Json::object({{"index", index}, {"text", text}, {"logprobs", Json()}, {"finish_reason", std::move(finish_reason)}});
}

/// A piece of the newest choice.
void OpenAiCompletion::send_text(OpenAiChannel& channel, std::string_view text, Json finish_reason) const {
  if (!channel.in_chunks()) return;
  Json chunk = head_.begin("text_completion");
  chunk.set("choices", Json::array({choice_json(choices_.size() - 1, text, std::move(finish_reason))}));
  if (request_.choosing.include_usage) chunk.set("usage", Json());
  channel.send(chunk);
}

Json OpenAiCompletion::whole() const {
  Json::Array items;
  for (const Choice& choice : choices_) items.push_back(choice_json(items.size(), choice.text, choice.finish_reason));
  Json answer = head_.begin("text_completion");
  answer.set("choices", Json::array(std::move(items)));
  answer.set("usage", usage_.to_json());
  return answer;
}

}  // namespace sekisho::api
