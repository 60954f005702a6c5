#include "process/model_protocol.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace sekisho::process::model {
namespace {

constexpr std::size_t kSegments = 512;
constexpr std::size_t kTextCharacters = 4'000'000;
constexpr std::size_t kStops = 16;
constexpr std::size_t kStopCharacters = 256;
constexpr std::size_t kScopeCharacters = 512;
constexpr std::size_t kGrammarCharacters = 256 * 1024;
constexpr std::size_t kOptions = 64;
constexpr std::size_t kOptionCharacters = 1'000;
constexpr std::size_t kEmbedTexts = 1'024;
constexpr std::size_t kNameCharacters = 1'000;
constexpr std::int64_t kTokens_max = 16'000'000;
constexpr double kLogProbability_min = -1e9;  ///< Stands for "impossible", since JSON has no infinity.

double finite_log(double value) { return std::isnan(value) ? kLogProbability_min : std::clamp(value, kLogProbability_min, 0.0); }

Json texts_to_json(const std::vector<std::string>& texts) {
  Json::Array items;
  items.reserve(texts.size());
  for (const std::string& text : texts) items.emplace_back(text);
  return Json(std::move(items));
}

Json segments_to_json(const std::vector<Segment>& segments) {
  Json::Array items;
  items.reserve(segments.size());
  for (const Segment& segment : segments) {
    items.push_back(Json::object({{"text", segment.text}, {"special", segment.special}, {"keep", segment.keep}}));
  }
  return Json(std::move(items));
}

std::string text_or_empty(JsonReader& reader, std::string_view key, std::size_t max_characters) {
  return reader.text_if(key, {.max_characters = max_characters}).value_or("");
}

std::int64_t count_or(JsonReader& reader, std::string_view key, std::int64_t fallback, JsonIntRule rule = {0, kTokens_max}) {
  return reader.integer_if(key, rule).value_or(fallback);
}

double milliseconds(JsonReader& reader, std::string_view key) { return reader.number_if(key, {.min = 0, .max = 1e12}).value_or(0); }

std::vector<Segment> segments(JsonReader& reader, std::string_view key) {
  std::vector<Segment> result;
  const Json* raw = reader.raw_if(key);
  const Json::Array* items = raw == nullptr ? nullptr : raw->as_array();
  if (items == nullptr || items->empty()) {
    reader.reject(key, "must be a list with at least one segment");
    return result;
  }
  if (items->size() > kSegments) {
    reader.reject(key, fmt::format("{} segments, at most {}", items->size(), kSegments));
    return result;
  }
  result.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i) {
    JsonReader item((*items)[i], fmt::format("{}.{}[{}]", reader.path(), key, i));
    Segment segment;
    segment.text = item.text("text", {.max_characters = kTextCharacters});
    segment.special = item.boolean_if("special").value_or(false);
    segment.keep = item.boolean_if("keep").value_or(false);
    if (const auto done = item.finish(); !done) {
      reader.reject(key, done.error().detail);
      return {};
    }
    result.push_back(std::move(segment));
  }
  return result;
}

/// The reader's verdict, then the value.
template <typename T>
Result<T> finished(JsonReader& reader, T value) {
  if (auto done = reader.finish(); !done) return fail(done.error());
  return value;
}

}  // namespace

Json to_json(const LoadRequest& value) {
  return Json::object({{"context_tokens", value.context_tokens},
                       {"sequences", value.sequences},
                       {"kept_prefixes", value.kept_prefixes},
                       {"threads_max", value.threads_max},
                       {"exact", value.exact},
                       {"embedding", value.embedding}});
}

Json to_json(const GenerateRequest& value) {
  return Json::object({{"scope", value.scope},
                       {"prompt", segments_to_json(value.prompt)},
                       {"max_tokens", value.max_tokens},
                       {"temperature", value.temperature},
                       {"top_p", value.top_p},
                       {"seed", std::to_string(value.seed)},
                       {"stop", texts_to_json(value.stop)},
                       {"grammar", value.grammar},
                       {"json_schema", value.json_schema},
                       {"japanese_only", value.japanese_only},
                       {"credit", value.credit},
                       {"repeat_penalty", value.repeat_penalty}});
}

Json to_json(const ScoreRequest& value) {
  return Json::object({{"scope", value.scope}, {"prompt", segments_to_json(value.prompt)}, {"options", texts_to_json(value.options)}});
}

Json to_json(const EmbedRequest& value) { return Json::object({{"texts", texts_to_json(value.texts)}}); }

Json to_json(const ModelInfo& value) {
  return Json::object({{"architecture", value.architecture},
                       {"name", value.name},
                       {"context_tokens", value.context_tokens},
                       {"vocabulary", value.vocabulary},
                       {"parameters", value.parameters},
                       {"width", value.width},
                       {"cpu_variant", value.cpu_variant},
                       {"engine", value.engine}});
}

Json to_json(const Progress& value) { return Json::object({{"done_tokens", value.done_tokens}, {"total_tokens", value.total_tokens}}); }

Json to_json(const Token& value) {
  return Json::object({{"text", value.text}, {"log_probability", finite_log(value.log_probability)}, {"tokens", value.tokens}});
}

Json to_json(const Done& value) {
  return Json::object({{"reason", value.reason},
                       {"prompt_tokens", value.prompt_tokens},
                       {"cached_tokens", value.cached_tokens},
                       {"output_tokens", value.output_tokens},
                       {"prefill_ms", value.prefill_ms},
                       {"decode_ms", value.decode_ms}});
}

Json to_json(const Scored& value) {
  Json::Array items;
  items.reserve(value.log_probabilities.size());
  for (const double log_probability : value.log_probabilities) items.emplace_back(finite_log(log_probability));
  return Json::object(
      {{"log_probabilities", Json(std::move(items))}, {"prompt_tokens", value.prompt_tokens}, {"cached_tokens", value.cached_tokens}});
}

Result<LoadRequest> load_request(const Json& json) {
  JsonReader reader(json);
  LoadRequest value;
  value.context_tokens = count_or(reader, "context_tokens", value.context_tokens, {.min = 64, .max = kTokens_max});
  value.sequences = count_or(reader, "sequences", value.sequences, {.min = 1, .max = 64});
  value.kept_prefixes = count_or(reader, "kept_prefixes", value.kept_prefixes, {.min = 0, .max = 192});
  value.threads_max = count_or(reader, "threads_max", value.threads_max, {.min = 0, .max = 512});
  value.exact = reader.boolean_if("exact").value_or(value.exact);
  value.embedding = reader.boolean_if("embedding").value_or(value.embedding);
  return finished(reader, value);
}

Result<GenerateRequest> generate_request(const Json& json) {
  JsonReader reader(json);
  GenerateRequest value;
  value.scope = text_or_empty(reader, "scope", kScopeCharacters);
  value.prompt = segments(reader, "prompt");
  value.max_tokens = count_or(reader, "max_tokens", value.max_tokens, {.min = 1, .max = kTokens_max});
  value.temperature = reader.number_if("temperature", {.min = 0, .max = 10}).value_or(value.temperature);
  value.top_p = reader.number_if("top_p", {.min = 0, .max = 1}).value_or(value.top_p);
  // A seed has 64 bits, which a JSON number does not hold: it travels as decimal text.
  if (const auto seed = reader.text_if("seed", {.min_characters = 1, .max_characters = 20})) {
    const bool digits = seed->find_first_not_of("0123456789") == std::string::npos;
    const bool fits = seed->size() < 20 || *seed <= "18446744073709551615";
    if (digits && fits) {
      value.seed = std::stoull(*seed);
    } else {
      reader.reject("seed", "must be an unsigned 64-bit number as decimal text");
    }
  }
  value.stop = reader.texts_if("stop", kStops, {.min_characters = 1, .max_characters = kStopCharacters}).value_or(value.stop);
  value.grammar = text_or_empty(reader, "grammar", kGrammarCharacters);
  value.json_schema = text_or_empty(reader, "json_schema", kGrammarCharacters);
  if (!value.grammar.empty() && !value.json_schema.empty()) reader.reject("json_schema", "not together with grammar");
  value.japanese_only = reader.boolean_if("japanese_only").value_or(value.japanese_only);
  value.credit = count_or(reader, "credit", value.credit, {.min = 1, .max = kTokens_max});
  value.repeat_penalty = reader.number_if("repeat_penalty", {.min = 0.1, .max = 10}).value_or(value.repeat_penalty);
  return finished(reader, std::move(value));
}

Result<ScoreRequest> score_request(const Json& json) {
  JsonReader reader(json);
  ScoreRequest value;
  value.scope = text_or_empty(reader, "scope", kScopeCharacters);
  value.prompt = segments(reader, "prompt");
  value.options = reader.texts("options", kOptions, {.min_characters = 1, .max_characters = kOptionCharacters});
  if (value.options.empty()) reader.reject("options", "must have at least one text");
  return finished(reader, std::move(value));
}

Result<EmbedRequest> embed_request(const Json& json) {
  JsonReader reader(json);
  EmbedRequest value;
  value.texts = reader.texts("texts", kEmbedTexts, {.max_characters = kTextCharacters});
  return finished(reader, std::move(value));
}

Result<ModelInfo> model_info(const Json& json) {
  JsonReader reader(json);
  ModelInfo value;
  value.architecture = text_or_empty(reader, "architecture", kNameCharacters);
  value.name = text_or_empty(reader, "name", kNameCharacters);
  value.context_tokens = count_or(reader, "context_tokens", 0);
  value.vocabulary = count_or(reader, "vocabulary", 0);
  value.parameters = count_or(reader, "parameters", 0, {.min = 0, .max = INT64_MAX});
  value.width = count_or(reader, "width", 0);
  value.cpu_variant = text_or_empty(reader, "cpu_variant", kNameCharacters);
  value.engine = text_or_empty(reader, "engine", kNameCharacters);
  return finished(reader, std::move(value));
}

Result<Progress> progress(const Json& json) {
  JsonReader reader(json);
  Progress value;
  value.done_tokens = reader.integer("done_tokens", {.min = 0, .max = kTokens_max});
  value.total_tokens = reader.integer("total_tokens", {.min = 0, .max = kTokens_max});
  return finished(reader, value);
}

Result<Token> token(const Json& json) {
  JsonReader reader(json);
  Token value;
  value.text = reader.text("text");
  value.log_probability = reader.number_if("log_probability", {.min = kLogProbability_min, .max = 0}).value_or(0);
  value.tokens = count_or(reader, "tokens", 1, {.min = 1, .max = kTokens_max});
  return finished(reader, std::move(value));
}

Result<Done> done(const Json& json) {
  JsonReader reader(json);
  Done value;
  value.reason = reader.text("reason", {.max_characters = 32});
  if (value.reason != "stop" && value.reason != "length" && value.reason != "cancelled" && value.reason != "context") {
    reader.reject("reason", "must be stop, length, cancelled or context");
  }
  value.prompt_tokens = count_or(reader, "prompt_tokens", 0);
  value.cached_tokens = count_or(reader, "cached_tokens", 0);
  value.output_tokens = count_or(reader, "output_tokens", 0);
  value.prefill_ms = milliseconds(reader, "prefill_ms");
  value.decode_ms = milliseconds(reader, "decode_ms");
  return finished(reader, std::move(value));
}

Result<Scored> scored(const Json& json) {
  JsonReader reader(json);
  Scored value;
  const Json* raw = reader.raw_if("log_probabilities");
  const Json::Array* items = raw == nullptr ? nullptr : raw->as_array();
  if (items == nullptr || items->size() > kOptions) {
    reader.reject("log_probabilities", fmt::format("must be a list of at most {} numbers", kOptions));
  } else {
    for (const Json& item : *items) {
      const std::optional<double> number = item.as_number();
      if (!number || *number > 0 || *number < kLogProbability_min) {
        reader.reject("log_probabilities", "must hold numbers that are at most 0");
        break;
      }
      value.log_probabilities.push_back(*number);
    }
  }
  value.prompt_tokens = count_or(reader, "prompt_tokens", 0);
  value.cached_tokens = count_or(reader, "cached_tokens", 0);
  return finished(reader, std::move(value));
}

}  // namespace sekisho::process::model
