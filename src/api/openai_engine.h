#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/openai_channel.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "chat/answer_guard.h"
#include "gate/actor.h"
#include "gate/dlp_mask.h"
#include "gate/gate.h"
#include "model/engine.h"
#include "model/prompt.h"

/// What every answer of OpenAI's API has in common: the gate around it, the engine behind it, its head and its usage.
namespace sekisho::api {

/// The model that answers; all outlive the answers.
struct OpenAiParts {
  const Clock& clock;
  gate::Gate& gate;
  model::Engine& engine;
  std::string model;  ///< Its name.
  model::Family family = model::Family::kChatMl;
};

/// The members that begin each answer and each chunk: id, object, created, model, system_fingerprint.
class AnswerHead {
 public:
  /// `prefix`: "chatcmpl-". The fingerprint is of the model file and of the way its numbers are computed.
  AnswerHead(const OpenAiParts& parts, std::string_view prefix);
  [[nodiscard]] const std::string& id() const { return id_; }
  /// An object that waits for its further members.
  [[nodiscard]] Json begin(std::string_view object) const;

 private:
  std::string id_;
  std::int64_t created_s_;
  std::string model_;
  std::string fingerprint_;
};

/// Tokens of all choices of an answer. A prompt counts once, however many choices it has.
struct Usage {
  std::int64_t prompt_tokens = 0;
  std::int64_t cached_tokens = 0;
  std::int64_t completion_tokens = 0;
  [[nodiscard]] Json to_json() const;
};

/// What one choice of an answer says: what was masked for the engine is put back, then nothing comes out that was not judged.
class OpenAiVoice {
 public:
  OpenAiVoice(const gate::Dlp& dlp, const gate::Actor& actor, const gate::Masks& masks);
  [[nodiscard]] std::string pass(std::string_view piece) { return guard_.pass(unmasker_.pass(piece)); }
  [[nodiscard]] std::string rest();
  /// Arguments of a tool call, masked. Empty where a rule stops them.
  [[nodiscard]] std::string whole(std::string_view text);
  [[nodiscard]] const chat::AnswerGuard& guard() const { return guard_; }
  /// Whether all that came out so far is what the engine wrote.
  [[nodiscard]] bool as_written() const { return masks_.empty() && guard_.action() < gate::DlpAction::kMask; }

 private:
  const gate::Masks& masks_;
  gate::Unmasker unmasker_;
  chat::AnswerGuard guard_;
};

/// A release of what was typed to the local engine and of what it says to the program that asked: the lowest label.
/// The Entry is durable when it exists; close() writes how it ended, and the destructor that it came to nothing.
class OpenAiRelease {
 public:
  ~OpenAiRelease();
  OpenAiRelease(OpenAiRelease&&) noexcept = default;
  OpenAiRelease& operator=(OpenAiRelease&&) = delete;
  /// `prompt` is only counted, hashed and looked through for personal data. Errors: as Gate::admit; kInvalid (a rule stops it; recorded).
  [[nodiscard]] static Result<OpenAiRelease> admit(const OpenAiParts& parts, const gate::Actor& actor, std::string what, std::string_view prompt);
  /// Replaces what a rule masks on its way to the engine.
  void mask(std::vector<process::model::Segment>& prompt);
  /// For one choice. The release must outlive it.
  [[nodiscard]] OpenAiVoice voice() const { return {gate_.dlp(), actor_, *masks_}; }
  /// `personal`: what the choices' guards found (AnswerGuard::facts), null for nothing.
  void close(const Result<void>& outcome, std::string_view answer, const Usage& usage, Json personal = Json());

 private:
  OpenAiRelease(gate::Gate& gate, gate::Actor actor, std::string what, gate::Permit permit)
      : gate_(gate), actor_(std::move(actor)), what_(std::move(what)), permit_(std::make_unique<gate::Permit>(std::move(permit))), masks_(std::make_unique<gate::Masks>()) {}
  gate::Gate& gate_;
  gate::Actor actor_;
  std::string what_;
  std::unique_ptr<gate::Permit> permit_;  ///< Empty once closed or moved from.
  std::unique_ptr<gate::Masks> masks_;    ///< Stays where it is while the release moves.
};

/// Runs one request of the engine to its last event, which it returns; `take` hears the tokens.
/// Errors: the engine's; kCancelled where the channel is gone, which stops the request.
using TakeToken = std::function<void(const process::model::Token&)>;
[[nodiscard]] Result<model::Event> run_request(model::Engine& engine, model::Request request, const OpenAiChannel& channel, const TakeToken& take);
/// As run_request, for a GenerateRequest.
[[nodiscard]] Result<process::model::Done> generate(model::Engine& engine, model::Request request, const OpenAiChannel& channel, const TakeToken& take);

/// OpenAI's finish_reason: "length" where the answer was cut, "stop" otherwise.
[[nodiscard]] std::string_view finish_reason_of(const process::model::Done& done);
/// All texts of a prompt in a row.
[[nodiscard]] std::string text_of(const std::vector<process::model::Segment>& prompt);

}  // namespace sekisho::api
