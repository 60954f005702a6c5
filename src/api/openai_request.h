#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/openai_messages.h"
#include "api/openai_tools.h"
#include "base/json.h"
#include "base/result.h"

/// The bodies of OpenAI's API, as far as they mean something here. What would change an answer and is not done is refused
/// by name ("$.logit_bias: …"); what changes nothing (metadata, store, user, …) is accepted and forgotten.
namespace sekisho::api {

/// How an answer is chosen and sent. Where a request names neither temperature nor top_p, both are the ones that small
/// models do well with, not OpenAI's 1 and 1.
struct Choosing {
  std::optional<std::int64_t> max_tokens;  ///< Nothing: as many as fit.
  bool named = false;  ///< Whether the request names temperature or top_p.
  double temperature = 0.7;
  double top_p = 0.8;
  std::optional<std::int64_t> seed;
  std::vector<std::string> stop;
  std::int64_t choices = 1;    ///< 1 to 4.
  bool stream = false;
  bool include_usage = false;  ///< A last chunk with the usage.
};

struct ChatRequest {
  std::string model;
  Conversation conversation;
  Choosing choosing;
  std::string json_schema;  ///< What the answer must fulfil, as text; empty: free text.
  bool schema_given = false;  ///< By the client; otherwise any object ("json_object").
  ToolRequest tools;
  bool log_probabilities = false;
};

struct CompletionRequest {
  std::string model;
  std::vector<std::string> prompts;  ///< 1 to 16.
  Choosing choosing;
};

struct EmbeddingRequest {
  std::string model;
  std::vector<std::string> texts;  ///< 1 to limits of the engine.
  bool base64 = false;             ///< Little-endian float32 in base 64 instead of numbers.
};

/// Errors: kInvalid, kUnsupported, kTooLarge, each with the path of the parameter in front.
[[nodiscard]] Result<ChatRequest> decode_chat(const Json& json);
[[nodiscard]] Result<CompletionRequest> decode_completion(const Json& json);
[[nodiscard]] Result<EmbeddingRequest> decode_embedding(const Json& json);

}  // namespace sekisho::api
