#include "api/openai_embedding.h"

#include <bit>
#include <cstdint>
#include <numeric>
#include <utility>

namespace sekisho::api {
namespace {

Json numbers_json(const std::vector<float>& vector) {
  Json::Array numbers;
  numbers.reserve(vector.size());
  for (const float number : vector) numbers.emplace_back(static_cast<double>(number));
  return Json::array(std::move(numbers));
}

}  // namespace

std::string base64_of(const std::vector<float>& vector) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> bytes;
  bytes.reserve(vector.size() * 4 + 2);
  for (const float number : vector) {
    const auto bits = std::bit_cast<std::uint32_t>(number);
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(bits >> shift));
  }
  const std::size_t padding = (3 - bytes.size() % 3) % 3;
  bytes.resize(bytes.size() + padding);
  std::string text;
  text.reserve(bytes.size() / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16 | static_cast<std::uint32_t>(bytes[i + 1]) << 8 | bytes[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) text += kDigits[group >> shift & 63];
  }
  text.replace(text.size() - padding, padding, padding, '=');
  return text;
}

Result<OpenAiEmbedding> OpenAiEmbedding::open(const OpenAiParts& parts, const gate::Actor& actor, EmbeddingRequest request) {
  std::string texts;
  for (const std::string& text : request.texts) texts += text;
  auto release = OpenAiRelease::admit(parts, actor, "embedding", texts);
  if (!release) return fail(release.error());
  return OpenAiEmbedding(parts, actor.id.text(), std::move(request), *std::move(release));
}

void OpenAiEmbedding::run(OpenAiChannel& channel) {
  auto answered = answer(channel);
  release_.close(answered ? Result<void>() : fail(answered.error()), "", usage_);
  if (answered) return channel.finish(*answered);
  channel.fail(answered.error());
}

Result<Json> OpenAiEmbedding::answer(const OpenAiChannel& channel) {
  const auto no_tokens = [](const process::model::Token&) {};
  auto counted = run_request(parts_.engine, {.actor = actor_, .body = model::CountRequest{request_.texts}}, channel, no_tokens);
  if (!counted) return fail(counted.error());
  if (const auto* tokens = std::get_if<model::Counted>(&*counted)) {
    usage_.prompt_tokens = std::accumulate(tokens->tokens.begin(), tokens->tokens.end(), std::int64_t{0});
  }
  auto last = run_request(parts_.engine, {.actor = actor_, .body = process::model::EmbedRequest{request_.texts}, .follow_up = true}, channel, no_tokens);
  if (!last) return fail(last.error());
  const auto* vectors = std::get_if<model::Vectors>(&*last);
  if (vectors == nullptr || vectors->rows.size() != request_.texts.size()) return fail(ErrorCode::kInternal, "the engine gave other vectors than asked for");
  Json::Array items;
  for (const std::vector<float>& row : vectors->rows) {
    items.push_back(Json::object({{"object", "embedding"},
                                  {"index", items.size()},
                                  {"embedding", request_.base64 ? Json(base64_of(row)) : numbers_json(row)}}));
  }
  return Json::object({{"object", "list"},
                       {"data", Json::array(std::move(items))},
                       {"model", parts_.model},
                       {"usage", Json::object({{"prompt_tokens", usage_.prompt_tokens}, {"total_tokens", usage_.prompt_tokens}})}});
}

}  // namespace sekisho::api
