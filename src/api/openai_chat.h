#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/openai_channel.h"
#include "api/openai_engine.h"
#include "api/openai_request.h"

namespace sekisho::api {

/// One request to /v1/chat/completions on its way to its answer: the model alone, without papers.
/// Threads: one.
class OpenAiChat {
 public:
  /// Errors of the making: as Gate::admit; the release is recorded before anything is generated.
  [[nodiscard]] static Result<OpenAiChat> open(const OpenAiParts& parts, const gate::Actor& actor, ChatRequest request);

  /// Answers into `channel` and ends it.
  void run(OpenAiChannel& channel);

 private:
  struct Choice {
    OpenAiVoice voice;
    /// Log probabilities of what the voice still holds, with the byte at which their token ends.
    std::vector<std::pair<std::size_t, Json>> waiting;
    std::size_t heard_bytes = 0;
    std::string text;
    std::vector<ToolCall> calls;
    Json::Array log_probabilities;
    std::string finish_reason = "stop";
  };

  OpenAiChat(const OpenAiParts& parts, std::string actor, ChatRequest request, std::vector<process::model::Segment> prompt, OpenAiRelease release);

  [[nodiscard]] Result<void> answer(OpenAiChannel& channel);
  /// Words, perhaps with calls in them.
  [[nodiscard]] Result<void> speak(OpenAiChannel& channel, std::int64_t index);
  /// A call and nothing else, held to the schemas of the tools.
  [[nodiscard]] Result<void> call_tool(OpenAiChannel& channel, std::int64_t index);
  [[nodiscard]] Result<void> say_held(OpenAiChannel& channel, std::int64_t index, const ToolCallFilter& filter, const process::model::Done& done);
  void say(OpenAiChannel& channel, std::int64_t index, std::string_view text, const process::model::Token* token);
  /// What the voice has let out.
  void show(OpenAiChannel& channel, std::int64_t index, std::string_view text);
  /// Takes the calls that the model made, judged as its words are.
  void take_calls(Choice& choice, std::vector<ToolCall> calls);
  void count(std::int64_t index, const process::model::Done& done);
  [[nodiscard]] process::model::GenerateRequest request_for(std::int64_t index) const;
  [[nodiscard]] model::Request engine_request(process::model::GenerateRequest request);

  void send_delta(OpenAiChannel& channel, std::int64_t index, Json delta, Json log_probabilities, Json finish_reason) const;
  [[nodiscard]] Json whole() const;

  OpenAiParts parts_;
  std::string actor_;
  ChatRequest request_;
  std::vector<process::model::Segment> prompt_;
  OpenAiRelease release_;
  AnswerHead head_;
  std::uint64_t seed_;
  bool japanese_;
  bool served_ = false;  ///< A first request went through the queue.
  std::vector<Choice> choices_;
  Usage usage_;
};

/// {"id","type","function"}, with `index` where it is part of a chunk.
[[nodiscard]] Json tool_calls_json(const std::vector<ToolCall>& calls, bool with_index);
/// The seed that a request names, or a fresh one.
[[nodiscard]] std::uint64_t seed_of(const Choosing& choosing);
/// The engine's request without its prompt. `index` moves the seed.
[[nodiscard]] process::model::GenerateRequest generate_request_of(const OpenAiParts& parts, const Choosing& choosing, std::uint64_t seed, std::int64_t index);

}  // namespace sekisho::api
