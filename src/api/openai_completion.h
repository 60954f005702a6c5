#pragma once

#include <string>
#include <vector>

#include "api/openai_channel.h"
#include "api/openai_engine.h"
#include "api/openai_request.h"

namespace sekisho::api {

/// One request to /v1/completions on its way to its answer: the model goes on where a text ends, without a chat format.
/// Threads: one.
class OpenAiCompletion {
 public:
  /// As OpenAiChat::open.
  [[nodiscard]] static Result<OpenAiCompletion> open(const OpenAiParts& parts, const gate::Actor& actor, CompletionRequest request);

  /// Answers into `channel` and ends it.
  void run(OpenAiChannel& channel);

 private:
  struct Choice {
    OpenAiVoice voice;
    std::string text;
    std::string finish_reason;
  };

  OpenAiCompletion(const OpenAiParts& parts, std::string actor, CompletionRequest request, OpenAiRelease release);
  [[nodiscard]] Result<void> answer(OpenAiChannel& channel);
  [[nodiscard]] Result<void> go_on(OpenAiChannel& channel, const std::string& prompt, std::int64_t number);
  void send_text(OpenAiChannel& channel, std::string_view text, Json finish_reason) const;
  [[nodiscard]] Json choice_json(std::size_t index, std::string_view text, Json finish_reason) const;
  [[nodiscard]] Json whole() const;

  OpenAiParts parts_;
  std::string actor_;
  CompletionRequest request_;
  OpenAiRelease release_;
  AnswerHead head_;
  std::uint64_t seed_;
  bool served_ = false;
  std::vector<Choice> choices_;  ///< All of the first prompt, then all of the next.
  Usage usage_;
};

}  // namespace sekisho::api
