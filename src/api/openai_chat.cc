#include "api/openai_chat.h"

#include <algorithm>
#include <random>
#include <utility>

#include "base/log.h"

namespace sekisho::api {
namespace {

using process::model::Done;
using process::model::GenerateRequest;
using process::model::Segment;
using process::model::Token;

constexpr std::int64_t kContextUnknown_tokens = 4096;
constexpr std::string_view kToolCallEnd = "</tool_call>";

/// What the model has to be told besides the client's own messages.
std::string instructions_of(const ChatRequest& request) {
  if (request.schema_given) return "Answer with one JSON value that fulfils this JSON schema, and nothing else:\n" + request.json_schema;
  if (!request.json_schema.empty()) return "Answer with one JSON object and nothing else.";
  return tool_instructions(request.tools);
}

Json log_probability_json(const Token& token) {
  Json::Array bytes;
  for (const char byte : token.text) bytes.emplace_back(static_cast<int>(static_cast<unsigned char>(byte)));
  return Json::object({{"token", token.text}, {"logprob", token.log_probability}, {"bytes", Json::array(std::move(bytes))}, {"top_logprobs", Json::array()}});
}

Json log_probabilities_json(Json::Array content) {
  return Json::object({{"content", Json::array(std::move(content))}, {"refusal", Json()}});
}

}  // namespace

Json tool_calls_json(const std::vector<ToolCall>& calls, bool with_index) {
  Json::Array items;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    Json item = with_index ? Json::object({{"index", i}}) : Json::object();
    item.set("id", calls[i].id);
    item.set("type", "function");
    item.set("function", Json::object({{"name", calls[i].name}, {"arguments", calls[i].arguments}}));
    items.push_back(std::move(item));
  }
  return Json::array(std::move(items));
}

std::uint64_t seed_of(const Choosing& choosing) {
  return choosing.seed ? static_cast<std::uint64_t>(*choosing.seed) : std::random_device{}();
}

GenerateRequest generate_request_of(const OpenAiParts& parts, const Choosing& choosing, std::uint64_t seed, std::int64_t index) {
  const std::int64_t context = parts.engine.info().model.context_tokens;
  GenerateRequest request;
  request.max_tokens = choosing.max_tokens.value_or(context > 0 ? context : kContextUnknown_tokens);
  request.temperature = choosing.temperature;
  request.top_p = choosing.top_p;
  request.seed = seed + static_cast<std::uint64_t>(index);
  request.stop = choosing.stop;
  return request;
}

Result<OpenAiChat> OpenAiChat::open(const OpenAiParts& parts, const gate::Actor& actor, ChatRequest request) {
  std::vector<Segment> prompt = model::render(parts.family, messages_of(request.conversation, instructions_of(request)));
  auto release = OpenAiRelease::admit(parts, actor, "completion", text_of(prompt));
  if (!release) return fail(release.error());
  return OpenAiChat(parts, actor.id.text(), std::move(request), std::move(prompt), *std::move(release));
}

OpenAiChat::OpenAiChat(const OpenAiParts& parts, std::string actor, ChatRequest request, std::vector<Segment> prompt, OpenAiRelease release)
    : parts_(parts),
      actor_(std::move(actor)),
      request_(std::move(request)),
      prompt_(std::move(prompt)),
      release_(std::move(release)),
      head_(parts_, "chatcmpl-"),
      seed_(seed_of(request_.choosing)),
      japanese_(wants_japanese(request_.conversation.last_user)) {
  release_.mask(prompt_);
  for (std::int64_t i = 0; i < request_.choosing.choices; ++i) choices_.push_back({.voice = release_.voice(), .waiting = {}, .text = {}, .calls = {}, .log_probabilities = {}});
}

void OpenAiChat::run(OpenAiChannel& channel) {
  const Result<void> outcome = answer(channel);
  std::string text;
  Json personal;
  for (const Choice& choice : choices_) {
    text += choice.text;
    if (Json facts = choice.voice.guard().facts(); !facts.is_null()) personal = std::move(facts);
  }
  release_.close(outcome, text, usage_, std::move(personal));
  if (outcome) return channel.finish(whole());
  log_warning("openai.chat_failed", {{"code", std::string(name_of(outcome.error().code))}});  // The detail may be the model's words.
  channel.fail(outcome.error());
}

Result<void> OpenAiChat::answer(OpenAiChannel& channel) {
  for (std::int64_t index = 0; index < request_.choosing.choices; ++index) {
    const bool must_call = request_.tools.choice == ToolChoice::kRequired;
    auto said = must_call ? call_tool(channel, index) : speak(channel, index);
    if (!said) return said;
    Choice& choice = choices_[static_cast<std::size_t>(index)];
    show(channel, index, choice.voice.rest());
    if (choice.voice.guard().blocked()) choice.finish_reason = "content_filter";
    send_delta(channel, index, Json::object(), Json(), choice.finish_reason);
  }
  if (!request_.choosing.include_usage) return {};
  Json last = head_.begin("chat.completion.chunk");
  last.set("choices", Json::array());
  last.set("usage", usage_.to_json());
  channel.send(last);
  return {};
}

GenerateRequest OpenAiChat::request_for(std::int64_t index) const {
  GenerateRequest request = generate_request_of(parts_, request_.choosing, seed_, index);
  request.scope = actor_;
  request.prompt = prompt_;
  request.json_schema = request_.json_schema;
  request.japanese_only = japanese_;
  for (std::string& stop : model::stops_of(parts_.family)) request.stop.push_back(std::move(stop));
  return request;
}

model::Request OpenAiChat::engine_request(GenerateRequest request) {
  return {.actor = actor_, .body = std::move(request), .follow_up = std::exchange(served_, true)};
}

void OpenAiChat::count(std::int64_t index, const Done& done) {
  if (index == 0 && usage_.prompt_tokens == 0) {
    usage_.prompt_tokens = done.prompt_tokens;
    usage_.cached_tokens = done.cached_tokens;
  }
  usage_.completion_tokens += done.output_tokens;
}

Result<void> OpenAiChat::speak(OpenAiChannel& channel, std::int64_t index) {
  send_delta(channel, index, Json::object({{"role", "assistant"}, {"content", ""}}), Json(), Json());
  const bool may_call = request_.tools.choice == ToolChoice::kAuto;
  ToolCallFilter filter;
  auto done = generate(parts_.engine, engine_request(request_for(index)), channel, [&](const Token& token) {
    say(channel, index, may_call ? filter.pass(token.text) : token.text, &token);
  });
  if (!done) return fail(done.error());
  count(index, *done);
  choices_[static_cast<std::size_t>(index)].finish_reason = finish_reason_of(*done);
  return may_call ? say_held(channel, index, filter, *done) : Result<void>();
}

Result<void> OpenAiChat::say_held(OpenAiChannel& channel, std::int64_t index, const ToolCallFilter& filter, const Done& done) {
  Choice& choice = choices_[static_cast<std::size_t>(index)];
  if (filter.in_call()) {
    take_calls(choice, find_tool_calls(filter.held(), request_.tools.tools));
    const bool meant = filter.held().starts_with(kToolCallBegin);
    // A call that was begun and is none: asked again, held to the schemas this time.
    if (choice.calls.empty() && meant && finish_reason_of(done) == "stop") return call_tool(channel, index);
  }
  if (choice.calls.empty()) {
    say(channel, index, filter.held(), nullptr);
    return {};
  }
  if (!request_.tools.parallel) choice.calls.resize(1);
  choice.finish_reason = "tool_calls";
  send_delta(channel, index, Json::object({{"tool_calls", tool_calls_json(choice.calls, true)}}), Json(), Json());
  return {};
}

Result<void> OpenAiChat::call_tool(OpenAiChannel& channel, std::int64_t index) {
  auto schema = tool_call_schema(request_.tools.tools);
  if (!schema) return fail(schema.error());
  GenerateRequest request = request_for(index);
  request.prompt.push_back({std::string(kToolCallBegin) + "\n", false, false});
  request.json_schema = *std::move(schema);
  request.stop.emplace_back(kToolCallEnd);
  std::string text;
  auto done = generate(parts_.engine, engine_request(std::move(request)), channel, [&](const Token& token) { text += token.text; });
  if (!done) return fail(done.error());
  count(index, *done);
  Choice& choice = choices_[static_cast<std::size_t>(index)];
  take_calls(choice, find_tool_calls(text, request_.tools.tools));
  // Without a call the answer was cut; a grammar leaves no other way.
  choice.finish_reason = choice.calls.empty() ? "length" : "tool_calls";
  send_delta(channel, index,
             Json::object({{"role", "assistant"}, {"content", Json()}, {"tool_calls", tool_calls_json(choice.calls, true)}}), Json(), Json());
  return {};
}

void OpenAiChat::say(OpenAiChannel& channel, std::int64_t index, std::string_view text, const Token* token) {
  Choice& choice = choices_[static_cast<std::size_t>(index)];
  choice.heard_bytes += text.size();
  if (request_.log_probabilities && token != nullptr) choice.waiting.emplace_back(choice.heard_bytes, log_probability_json(*token));
  show(channel, index, choice.voice.pass(text));
}

void OpenAiChat::show(OpenAiChannel& channel, std::int64_t index, std::string_view text) {
  Choice& choice = choices_[static_cast<std::size_t>(index)];
  choice.text += text;
  Json::Array shown;
  // Tokens of masked words are told by no probability either.
  if (!choice.voice.as_written()) choice.waiting.clear();
  const auto judged = std::find_if(choice.waiting.begin(), choice.waiting.end(), [&](const auto& one) { return one.first > choice.voice.guard().judged_bytes(); });
  for (auto one = choice.waiting.begin(); one != judged; ++one) shown.push_back(std::move(one->second));
  choice.waiting.erase(choice.waiting.begin(), judged);
  choice.log_probabilities.insert(choice.log_probabilities.end(), shown.begin(), shown.end());
  if (text.empty() && shown.empty()) return;
  Json log_probabilities = shown.empty() ? Json() : log_probabilities_json(std::move(shown));
  send_delta(channel, index, Json::object({{"content", text}}), std::move(log_probabilities), Json());
}

void OpenAiChat::take_calls(Choice& choice, std::vector<ToolCall> calls) {
  for (ToolCall& call : calls) call.arguments = choice.voice.whole(call.arguments);
  if (choice.voice.guard().blocked()) calls.clear();
  choice.calls = std::move(calls);
}

void OpenAiChat::send_delta(OpenAiChannel& channel, std::int64_t index, Json delta, Json log_probabilities, Json finish_reason) const {
  if (!channel.in_chunks()) return;
  Json chunk = head_.begin("chat.completion.chunk");
  chunk.set("choices", Json::array({Json::object({{"index", index},
                                                  {"delta", std::move(delta)},
                                                  {"logprobs", std::move(log_probabilities)},
                                                  {"finish_reason", std::move(finish_reason)}})}));
  if (request_.choosing.include_usage) chunk.set("usage", Json());
  channel.send(chunk);
}

Json OpenAiChat::whole() const {
  Json::Array items;
  for (const Choice& choice : choices_) {
    const bool called = !choice.calls.empty();
    Json message = Json::object({{"role", "assistant"}, {"content", called && choice.text.empty() ? Json() : Json(choice.text)}, {"refusal", Json()}});
    if (called) message.set("tool_calls", tool_calls_json(choice.calls, false));
    items.push_back(Json::object({{"index", items.size()},
                                  {"message", std::move(message)},
                                  {"logprobs", request_.log_probabilities ? log_probabilities_json(choice.log_probabilities) : Json()},
                                  {"finish_reason", choice.finish_reason}}));
  }
  Json answer = head_.begin("chat.completion");
  answer.set("choices", Json::array(std::move(items)));
  answer.set("usage", usage_.to_json());
  return answer;
}

}  // namespace sekisho::api
