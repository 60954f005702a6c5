#pragma once

#include <string>

#include "api/openai_channel.h"
#include "api/openai_engine.h"
#include "api/openai_request.h"
#include "chat/event.h"
#include "chat/turn.h"

/// Answers for keys that are bound to shelves: the last message of the user is the question, the answer comes from those
/// shelves as any turn's does, and bears a member `sekisho` with its sources.
namespace sekisho::api {

/// What such an answer cannot follow is refused: tools, JSON, several choices, stop, log-probabilities. max_tokens,
/// temperature, top_p and seed are followed; where they are left out, a turn chooses its words as on the page.
/// Errors: kUnsupported, kInvalid, kTooLarge, with the path.
[[nodiscard]] Result<chat::TurnRequest> turn_of(const gate::Actor& actor, const ChatRequest& request);

/// Gathers a turn's events: the text in order, and what becomes `sekisho`.
/// A `text` event that overlaps the one before it gives only what is new. Threads: one.
class TurnGathering {
 public:
  /// What of the event is new text of the answer.
  [[nodiscard]] std::string add(const chat::Event& event);
  [[nodiscard]] const std::string& text() const { return text_; }
  /// {"turn_id","conversation_id","sources","claims","not_found","level","level_name"}
  [[nodiscard]] Json sekisho() const;
  [[nodiscard]] Usage usage() const;
  [[nodiscard]] std::string finish_reason() const;
  /// Why the turn failed or was cancelled.
  [[nodiscard]] Result<void> outcome() const;

 private:
  std::string text_;
  std::int64_t length_utf16_ = 0;
  Json started_;
  Json sources_ = Json::array();
  Json::Array claims_;
  Json label_;
  Json not_found_;
  Json done_;
  std::optional<Error> failed_;
};

/// Copies the turn `id` of `actor` into `channel` as chat.completion and ends it; stops the turn when the client goes.
void follow_turn(const OpenAiParts& parts, chat::Turns& turns, const gate::Actor& actor, const chat::StartedTurn& turn, const Choosing& choosing,
                 OpenAiChannel& channel);

}  // namespace sekisho::api
