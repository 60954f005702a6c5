#include "api/openai_request.h"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "api/openai_error.h"

namespace sekisho::api {
namespace {

constexpr std::int64_t kTokens_max = 1'000'000;
constexpr std::int64_t kChoices_max = 4;
constexpr std::size_t kStops = 4;
constexpr std::size_t kStopCharacters = 256;
constexpr std::size_t kPrompts = 16;
constexpr std::size_t kEmbedTexts = 1'024;
constexpr std::size_t kTextCharacters = 1'000'000;
constexpr std::size_t kSchemaCharacters = 100'000;
constexpr std::size_t kModelCharacters = 200;
constexpr std::string_view kAnyObject = R"({"type":"object"})";

/// Members that clients send and that change no answer.
constexpr std::array<std::string_view, 10> kHarmless = {"metadata", "store", "user", "service_tier", "safety_identifier", "prompt_cache_key",
                                                        "prompt_cache_retention", "reasoning_effort", "verbosity", "prediction"};

void forget_harmless(JsonReader& reader) {
  for (const std::string_view member : kHarmless) reader.ignore(member);
}

/// Members that would change the answer: only the value that changes nothing is accepted.
void refuse_changing(JsonReader& reader) {
  for (const std::string_view member : {"frequency_penalty", "presence_penalty"}) {
    if (reader.number_if(member).value_or(0) != 0) reader.reject(member, "only 0 is supported");
  }
  const Json* bias = reader.raw_if("logit_bias");
  if (bias != nullptr && (bias->as_object() == nullptr || !bias->as_object()->empty())) reader.reject("logit_bias", "is not supported");
}

std::vector<std::string> decode_stop(JsonReader& reader) {
  const Json* stop = reader.raw_if("stop");
  const JsonTextRule rule{.min_characters = 1, .max_characters = kStopCharacters};
  if (stop == nullptr) return {};
  if (stop->as_string() != nullptr) return {reader.text("stop", rule)};
  return reader.texts("stop", kStops, rule);
}

/// {"include_usage":true}; `include_obfuscation` pads chunks against eavesdroppers, which is for the transport here.
bool decode_include_usage(JsonReader& reader, bool stream) {
  const Json* options = reader.raw_if("stream_options");
  if (options == nullptr) return false;
  if (!stream) reader.reject("stream_options", "only together with stream: true");
  JsonReader inner(*options, "$.stream_options");
  const bool include = inner.boolean_if("include_usage").value_or(false);
  inner.ignore("include_obfuscation");
  if (auto done = inner.finish(); !done) reject_within(reader, "stream_options", done.error());
  return include;
}

Choosing decode_choosing(JsonReader& reader) {
  Choosing choosing;
  const JsonIntRule tokens{.min = 1, .max = kTokens_max};
  const auto max_tokens = reader.integer_if("max_tokens", tokens);
  const auto temperature = reader.number_if("temperature", {.min = 0, .max = 2});
  const auto top_p = reader.number_if("top_p", {.min = 0, .max = 1});
  choosing.max_tokens = max_tokens;
  if (temperature || top_p) {
    choosing.named = true;
    choosing.temperature = temperature.value_or(1);
    choosing.top_p = top_p.value_or(1);
  }
  choosing.seed = reader.integer_if("seed");
  choosing.stop = decode_stop(reader);
  choosing.choices = reader.integer_if("n", {.min = 1, .max = kChoices_max}).value_or(1);
  choosing.stream = reader.boolean_if("stream").value_or(false);
  choosing.include_usage = decode_include_usage(reader, choosing.stream);
  return choosing;
}

std::string decode_model(JsonReader& reader) { return reader.text("model", {.min_characters = 1, .max_characters = kModelCharacters}); }

/// The schema of {"type":"json_schema","json_schema":{"name","schema","strict"}}.
std::string decode_schema(JsonReader& reader, const Json* wrapped) {
  if (wrapped == nullptr) return reader.reject("response_format.json_schema", "is missing"), std::string();
  JsonReader inner(*wrapped, "$.response_format.json_schema");
  (void)inner.text("name", {.min_characters = 1, .max_characters = 64});
  inner.ignore("description");
  inner.ignore("strict");  // The answer always fulfils the schema.
  const Json* schema = inner.raw_if("schema");
  if (auto done = inner.finish(); !done) return reject_within(reader, "response_format", done.error()), std::string();
  if (schema == nullptr || schema->as_object() == nullptr) return reader.reject("response_format.json_schema.schema", "must be an object"), std::string();
  std::string text = schema->dump();
  if (text.size() > kSchemaCharacters) reader.reject("response_format.json_schema.schema", fmt::format("at most {} bytes", kSchemaCharacters));
  return text;
}

void decode_format(JsonReader& reader, ChatRequest& request) {
  const Json* format = reader.raw_if("response_format");
  if (format == nullptr) return;
  const std::string type = format->text_or("type");
  if (type == "json_schema") {
    request.json_schema = decode_schema(reader, format->find("json_schema"));
    request.schema_given = true;
  } else if (type == "json_object") {
    request.json_schema = kAnyObject;
  } else if (type != "text") {
    reader.reject("response_format", "type must be text, json_object or json_schema");
  }
}

/// `max_completion_tokens` is the newer name of `max_tokens`.
void decode_max_completion_tokens(JsonReader& reader, Choosing& choosing) {
  const auto tokens = reader.integer_if("max_completion_tokens", {.min = 1, .max = kTokens_max});
  if (tokens && choosing.max_tokens && *tokens != *choosing.max_tokens) reader.reject("max_completion_tokens", "is not what max_tokens says");
  if (tokens) choosing.max_tokens = tokens;
}

void decode_modalities(JsonReader& reader) {
  const auto modalities = reader.texts_if("modalities", 8);
  if (modalities && *modalities != std::vector<std::string>{"text"}) reader.reject("modalities", "only [\"text\"] is supported");
}

std::vector<std::string> decode_texts(JsonReader& reader, std::string_view key, std::size_t max_items) {
  const JsonTextRule rule{.min_characters = 1, .max_characters = kTextCharacters};
  const Json* raw = reader.raw_if(key);
  if (raw == nullptr) return reader.reject(key, "is missing"), std::vector<std::string>();
  if (raw->as_string() != nullptr) return {reader.text(key, rule)};
  const Json::Array* items = raw->as_array();
  if (items != nullptr && !items->empty() && (items->front().as_int() != nullptr || items->front().as_array() != nullptr)) {
    return reader.reject(key, "arrays of tokens are not read: send text"), std::vector<std::string>();
  }
  if (items != nullptr && items->empty()) return reader.reject(key, "is empty"), std::vector<std::string>();
  return reader.texts(key, max_items, rule);
}

}  // namespace

Result<ChatRequest> decode_chat(const Json& json) {
  ChatRequest request;
  JsonReader reader(json);
  request.model = decode_model(reader);
  request.choosing = decode_choosing(reader);
  decode_max_completion_tokens(reader, request.choosing);
  decode_format(reader, request);
  request.tools = decode_tools(reader);
  request.log_probabilities = reader.boolean_if("logprobs").value_or(false);
  if (reader.integer_if("top_logprobs", {.min = 0, .max = 20}).value_or(0) != 0) reader.reject("top_logprobs", "only 0 is supported");
  decode_modalities(reader);
  refuse_changing(reader);
  forget_harmless(reader);
  if (request.tools.choice != ToolChoice::kNone && !request.json_schema.empty()) {
    reader.reject("response_format", "JSON is not supported together with tools");
  }
  const bool given = reader.has("messages");
  if (auto done = reader.finish(); !done) return fail(done.error());
  if (!given) return fail(ErrorCode::kInvalid, "$.messages: is missing");
  auto conversation = decode_messages(reader);
  if (!conversation) return fail(conversation.error());
  request.conversation = *std::move(conversation);
  return request;
}

Result<CompletionRequest> decode_completion(const Json& json) {
  CompletionRequest request;
  JsonReader reader(json);
  request.model = decode_model(reader);
  request.prompts = decode_texts(reader, "prompt", kPrompts);
  request.choosing = decode_choosing(reader);
  if (reader.boolean_if("echo").value_or(false)) reader.reject("echo", "only false is supported");
  if (!reader.text_if("suffix").value_or("").empty()) reader.reject("suffix", "is not supported");
  if (reader.has("logprobs")) reader.reject("logprobs", "is not supported here; /v1/chat/completions has it");
  const auto best_of = reader.integer_if("best_of");
  if (best_of && *best_of != request.choosing.choices) reader.reject("best_of", "only the value of n is supported");
  refuse_changing(reader);
  forget_harmless(reader);
  if (auto done = reader.finish(); !done) return fail(done.error());
  return request;
}

Result<EmbeddingRequest> decode_embedding(const Json& json) {
  EmbeddingRequest request;
  JsonReader reader(json);
  request.model = decode_model(reader);
  request.texts = decode_texts(reader, "input", kEmbedTexts);
  const std::string format = reader.text_if("encoding_format", {.max_characters = 16}).value_or("float");
  if (format != "float" && format != "base64") reader.reject("encoding_format", "must be float or base64");
  request.base64 = format == "base64";
  if (reader.has("dimensions")) reader.reject("dimensions", "is not supported: vectors have the model's own length");
  reader.ignore("user");
  if (auto done = reader.finish(); !done) return fail(done.error());
  return request;
}

}  // namespace sekisho::api
