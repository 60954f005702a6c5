#include "api/openai_engine.h"

#include <utility>

#include <fmt/format.h>

#include "base/id.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "text/utf8.h"

namespace sekisho::api {
namespace {

/// How often a request that waits looks whether its client is still there.
constexpr std::int64_t kLookEvery_ms = 200;
constexpr std::size_t kFingerprintHex = 10;

std::vector<gate::Destination> destinations_of(const gate::Actor& actor) {
  return {actor.credential == gate::Credential::kApiKey ? gate::Destination::api_key() : gate::Destination::screen()};
}

}  // namespace

OpenAiVoice::OpenAiVoice(const gate::Dlp& dlp, const gate::Actor& actor, const gate::Masks& masks)
    : masks_(masks), unmasker_(masks), guard_(dlp, destinations_of(actor), gate::Level{}) {}

std::string OpenAiVoice::rest() {
  std::string last = guard_.pass(unmasker_.rest());
  return last + guard_.rest();
}

std::string OpenAiVoice::whole(std::string_view text) {
  std::string said = pass(text);
  return said + rest();
}

AnswerHead::AnswerHead(const OpenAiParts& parts, std::string_view prefix)
    : id_(std::string(prefix) + random_id_text()), created_s_(parts.clock.wall_ms() / 1000), model_(parts.model) {
  const model::EngineInfo info = parts.engine.info();
  fingerprint_ = fmt::format("fp_{}_{}", info.model_sha256.substr(0, kFingerprintHex), info.model.cpu_variant);
}

Json AnswerHead::begin(std::string_view object) const {
  return Json::object({{"id", id_}, {"object", object}, {"created", created_s_}, {"model", model_}, {"system_fingerprint", fingerprint_}});
}

Json Usage::to_json() const {
  return Json::object({{"prompt_tokens", prompt_tokens},
                       {"completion_tokens", completion_tokens},
                       {"total_tokens", prompt_tokens + completion_tokens},
                       {"prompt_tokens_details", Json::object({{"cached_tokens", cached_tokens}})}});
}

Result<OpenAiRelease> OpenAiRelease::admit(const OpenAiParts& parts, const gate::Actor& actor, std::string what, std::string_view prompt) {
  const model::EngineInfo info = parts.engine.info();
  const gate::DlpVerdict personal = parts.gate.dlp().judge(gate::DlpPlace::kQuestion, {gate::Destination::local_engine()}, gate::Level{}, prompt);
  if (personal.action == gate::DlpAction::kBlock) {
    auto recorded = parts.gate.record(actor, "personal.stopped", {}, audit::Outcome::kDenied, personal.facts(gate::DlpPlace::kQuestion));
    if (!recorded) return fail(recorded.error());
    return fail(ErrorCode::kInvalid, "personal_data: " + personal.counts().dump());
  }
  gate::Purpose purpose{what, {}, Json::object({{"prompt_sha256", crypto::sha256(prompt).hex()},
                                                      {"prompt_characters", text::count_characters(prompt)},
                                                      {"model", parts.model},
                                                      {"model_sha256", info.model_sha256},
                                                      {"cpu_variant", info.model.cpu_variant}})};
  if (!personal.empty()) purpose.facts.set("personal", personal.facts(gate::DlpPlace::kQuestion));
  std::vector<gate::Destination> to = destinations_of(actor);
  to.insert(to.begin(), gate::Destination::local_engine());
  auto permit = parts.gate.admit(actor, gate::Label(), std::move(to), purpose);
  if (!permit) return fail(permit.error());
  return OpenAiRelease(parts.gate, actor, std::move(what), *std::move(permit));
}

OpenAiRelease::~OpenAiRelease() {
  if (permit_) close(fail(ErrorCode::kCancelled, "never begun"), "", {});
}

void OpenAiRelease::mask(std::vector<process::model::Segment>& prompt) { chat::mask_prompt(gate_.dlp(), gate::Level{}, prompt, *masks_); }

void OpenAiRelease::close(const Result<void>& outcome, std::string_view answer, const Usage& usage, Json personal) {
  Json facts = Json::object({{"answer_sha256", crypto::sha256(answer).hex()},
                             {"answer_characters", text::count_characters(answer)},
                             {"prompt_tokens", usage.prompt_tokens},
                             {"completion_tokens", usage.completion_tokens}});
  if (!personal.is_null()) facts.set("personal", std::move(personal));
  if (!outcome) facts.set("error", name_of(outcome.error().code));
  auto closed = gate_.close(actor_, *std::exchange(permit_, nullptr), {what_, {}, std::move(facts)}, outcome ? audit::Outcome::kDone : audit::Outcome::kFailed);
  if (!closed) log_error("openai.not_closed", {{"detail", closed.error().detail}});
}

Result<model::Event> run_request(model::Engine& engine, model::Request request, const OpenAiChannel& channel, const TakeToken& take) {
  if (channel.gone()) return fail(ErrorCode::kCancelled, "the client went away");
  auto stream = model::Stream::open(engine, std::move(request));
  if (!stream) return fail(stream.error());
  for (;;) {
    auto event = (*stream)->next(kLookEvery_ms);
    if (channel.gone()) return fail(ErrorCode::kCancelled, "the client went away");  // The stream's end stops the engine.
    if (!event && event.error().code == ErrorCode::kTimeout) continue;
    if (!event) return fail(event.error());
    if (!*event) return fail(ErrorCode::kInternal, "the engine ended a request without an answer");
    if (const auto* token = std::get_if<process::model::Token>(&**event)) take(*token);
    if (const auto* error = std::get_if<Error>(&**event)) return fail(*error);
    if (model::is_last(**event)) return **std::move(event);
  }
}

Result<process::model::Done> generate(model::Engine& engine, model::Request request, const OpenAiChannel& channel, const TakeToken& take) {
  auto last = run_request(engine, std::move(request), channel, take);
  if (!last) return fail(last.error());
  const auto* done = std::get_if<process::model::Done>(&*last);
  if (done == nullptr) return fail(ErrorCode::kInternal, "the engine answered with something else than a text");
  if (done->reason == "cancelled") return fail(ErrorCode::kCancelled, "the answer was stopped");
  return *done;
}

std::string_view finish_reason_of(const process::model::Done& done) {
  return done.reason == "length" || done.reason == "context" ? "length" : "stop";
}

std::string text_of(const std::vector<process::model::Segment>& prompt) {
  std::string text;
  for (const process::model::Segment& segment : prompt) text += segment.text;
  return text;
}

}  // namespace sekisho::api
