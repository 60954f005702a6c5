#include "api/openai_shelves.h"

#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"
#include "text/utf8.h"

namespace sekisho::api {
namespace {

/// How long a wait for the next event lasts before the client is looked for.
constexpr std::int64_t kLookEvery_ms = 200;

std::int64_t utf16_of(char32_t character) { return character > 0xFFFF ? 2 : 1; }

/// The rest of `text` after `skip` UTF-16 units, and how long it is.
std::pair<std::string, std::int64_t> after_utf16(std::string_view text, std::int64_t skip) {
  std::string rest;
  std::int64_t at = 0;
  std::int64_t length = 0;
  text::for_each_character(text, [&](const text::Character& character) {
    const std::int64_t units = utf16_of(character.value);
    if (at >= skip) {
      rest += text.substr(character.begin, character.size);
      length += units;
    }
    at += units;
  });
  return {std::move(rest), length};
}

Json member(const Json& json, std::string_view key) {
  const Json* found = json.find(key);
  return found == nullptr ? Json() : *found;
}

Json chunk_of(const AnswerHead& head, Json delta, Json finish_reason) {
  Json chunk = head.begin("chat.completion.chunk");
  chunk.set("choices", Json::array({Json::object({{"index", 0}, {"delta", std::move(delta)}, {"logprobs", Json()}, {"finish_reason", std::move(finish_reason)}})}));
  return chunk;
}

Json whole_of(const AnswerHead& head, const TurnGathering& gathered) {
  Json answer = head.begin("chat.completion");
  answer.set("choices", Json::array({Json::object({{"index", 0},
                                                   {"message", Json::object({{"role", "assistant"}, {"content", gathered.text()}, {"refusal", Json()}})},
                                                   {"logprobs", Json()},
                                                   {"finish_reason", gathered.finish_reason()}})}));
  answer.set("usage", gathered.usage().to_json());
  answer.set("sekisho", gathered.sekisho());
  return answer;
}

}  // namespace

Result<chat::TurnRequest> turn_of(const gate::Actor& actor, const ChatRequest& request) {
  const auto refuse = [](std::string_view param) {
    return fail(ErrorCode::kUnsupported, fmt::format("$.{}: is not supported with a key that is bound to shelves", param));
  };
  if (request.tools.choice != ToolChoice::kNone) return refuse("tools");
  if (!request.json_schema.empty()) return refuse("response_format");
  if (request.choosing.choices != 1) return refuse("n");
  if (!request.choosing.stop.empty()) return refuse("stop");
  if (request.log_probabilities) return refuse("logprobs");
  const std::string& question = request.conversation.last_user;
  const std::size_t characters = text::count_characters(question);
  if (characters == 0) return fail(ErrorCode::kInvalid, "$.messages: the last message of the user is empty");
  if (characters > limits::kQuestionCharacters) {
    return fail(ErrorCode::kTooLarge, fmt::format("$.messages: a question of {} characters, at most {}", characters, limits::kQuestionCharacters));
  }
  const Choosing& choosing = request.choosing;
  chat::Sampling sampling{.max_tokens = choosing.max_tokens};
  if (choosing.named) {
    sampling.temperature = choosing.temperature;
    sampling.top_p = choosing.top_p;
  }
  if (choosing.seed) sampling.seed = static_cast<std::uint64_t>(*choosing.seed);
  return chat::TurnRequest{.conversation = {}, .question = question, .mode = chat::Mode::kShelves, .shelves = actor.bound_shelves, .sampling = sampling};
}

std::string TurnGathering::add(const chat::Event& event) {
  auto parsed = Json::parse(event.data, limits::kEventBufferBytes);
  if (!parsed) return "";
  const Json& data = *parsed;
  if (event.name == "text") {
    auto [fresh, length] = after_utf16(data.text_or("text"), length_utf16_ - data.int_or("at"));
    text_ += fresh;
    length_utf16_ += length;
    return std::move(fresh);
  }
  if (event.name == "started") started_ = data;
  if (event.name == "sources") sources_ = member(data, "items");
  if (event.name == "claim") claims_.push_back(data);
  if (event.name == "label") label_ = data;
  if (event.name == "not_found") not_found_ = data;
  if (event.name == "done") done_ = data;
  if (event.name == "failed") failed_ = Error{error_code_named(data.text_or("code")), data.text_or("detail")};
  return "";
}

Json TurnGathering::sekisho() const {
  return Json::object({{"turn_id", started_.text_or("turn_id")},
                       {"conversation_id", started_.text_or("conversation_id")},
                       {"sources", sources_},
                       {"claims", Json::array(claims_)},
                       {"not_found", not_found_},
                       {"level", member(label_, "level")},
                       {"level_name", member(label_, "name")}});
}

Usage TurnGathering::usage() const {
  return {done_.int_or("prompt_tokens"), done_.int_or("cached_tokens"), done_.int_or("output_tokens")};
}

std::string TurnGathering::finish_reason() const {
  const std::string reason = done_.text_or("reason");
  return reason == "length" || reason == "context" ? "length" : "stop";
}

Result<void> TurnGathering::outcome() const {
  if (failed_) return fail(*failed_);
  if (done_.is_null()) return fail(ErrorCode::kInternal, "the turn ended without saying how");
  if (done_.text_or("reason") == "cancelled") return fail(ErrorCode::kCancelled, "the answer was stopped");
  return {};
}

void follow_turn(const OpenAiParts& parts, chat::Turns& turns, const gate::Actor& actor, const chat::StartedTurn& turn, const Choosing& choosing,
                 OpenAiChannel& channel) {
  const AnswerHead head(parts, "chatcmpl-");
  const auto send = [&](Json chunk) {
    if (choosing.include_usage) chunk.set("usage", Json());
    channel.send(chunk);
  };
  TurnGathering gathered;
  send(chunk_of(head, Json::object({{"role", "assistant"}, {"content", ""}}), Json()));
  std::int64_t seen = 0;
  for (bool over = false; !over;) {
    if (channel.gone()) {
      if (auto stopped = turns.stop(actor, turn.id); !stopped) log_warning("openai.not_stopped", {{"detail", stopped.error().detail}});
      return channel.fail({ErrorCode::kCancelled, "the client went away"});
    }
    const chat::EventLog::Read read = turn.events->wait(seen, kLookEvery_ms);
    for (const chat::Event& event : read.events) {
      seen = event.number;
      const std::string fresh = gathered.add(event);
      if (!fresh.empty()) send(chunk_of(head, Json::object({{"content", fresh}}), Json()));
    }
    over = read.closed;
  }
  if (auto outcome = gathered.outcome(); !outcome) return channel.fail(outcome.error());
  Json last = chunk_of(head, Json::object(), gathered.finish_reason());
  last.set("sekisho", gathered.sekisho());
  send(std::move(last));
  if (choosing.include_usage) {
    Json usage = head.begin("chat.completion.chunk");
    usage.set("choices", Json::array());
    usage.set("usage", gathered.usage().to_json());
    channel.send(usage);
  }
  channel.finish(whole_of(head, gathered));
}

}  // namespace sekisho::api
