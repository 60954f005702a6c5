#pragma once

#include <string>
#include <vector>

#include "api/openai_channel.h"
#include "api/openai_engine.h"
#include "api/openai_request.h"

namespace sekisho::api {

/// One request to /v1/embeddings; `parts.engine` is one that embeds. Threads: one.
class OpenAiEmbedding {
 public:
  /// As OpenAiChat::open.
  [[nodiscard]] static Result<OpenAiEmbedding> open(const OpenAiParts& parts, const gate::Actor& actor, EmbeddingRequest request);

  /// Answers into `channel` and ends it.
  void run(OpenAiChannel& channel);

 private:
  OpenAiEmbedding(const OpenAiParts& parts, std::string actor, EmbeddingRequest request, OpenAiRelease release)
      : parts_(parts), actor_(std::move(actor)), request_(std::move(request)), release_(std::move(release)) {}
  [[nodiscard]] Result<Json> answer(const OpenAiChannel& channel);

  OpenAiParts parts_;
  std::string actor_;
  EmbeddingRequest request_;
  OpenAiRelease release_;
  Usage usage_;
};

/// The numbers as little-endian float32 in base 64 (RFC 4648 §4).
[[nodiscard]] std::string base64_of(const std::vector<float>& vector);

}  // namespace sekisho::api
