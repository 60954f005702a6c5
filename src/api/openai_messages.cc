#include "api/openai_messages.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "text/utf8.h"

namespace sekisho::api {
namespace {

constexpr std::size_t kMessages = 200;
constexpr std::size_t kParts = 64;
constexpr std::size_t kContentCharacters = 1'000'000;
constexpr std::size_t kToolCallsPerMessage = 64;
constexpr std::size_t kIdCharacters = 128;

/// One message as sent.
struct Sent {
  std::string role;
  std::string text;
  std::string answers_call;          ///< tool_call_id, of role "tool".
  std::vector<std::string> call_ids;  ///< Of the calls that an assistant made.
};

Result<std::string> decode_part(const Json& json, const std::string& path) {
  JsonReader reader(json, path);
  const std::string type = reader.text("type", {.max_characters = 64});
  // What a part of another kind holds is of no interest: its kind is the error.
  if (!type.empty() && type != "text") return fail(ErrorCode::kUnsupported, fmt::format("{}.type: \"{}\": only parts of type \"text\" are read", path, type));
  std::string text = reader.text("text", {.max_characters = kContentCharacters});
  if (auto done = reader.finish(); !done) return fail(done.error());
  return text;
}

Result<std::string> decode_content(const Json* content, const std::string& path) {
  if (content == nullptr) return std::string();
  if (const std::string* text = content->as_string()) {
    if (text::count_characters(*text) > kContentCharacters) return fail(ErrorCode::kTooLarge, fmt::format("{}: at most {} characters", path, kContentCharacters));
    return *text;
  }
  const Json::Array* parts = content->as_array();
  if (parts == nullptr || parts->empty() || parts->size() > kParts) {
    return fail(ErrorCode::kInvalid, fmt::format("{}: must be a string or a list of 1 to {} text parts", path, kParts));
  }
  std::string joined;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    auto part = decode_part((*parts)[i], fmt::format("{}[{}]", path, i));
    if (!part) return part;
    joined += (i > 0 ? "\n" : "") + *part;
  }
  return joined;
}

struct SentCall {
  std::string id;
  std::string text;
};

Result<SentCall> decode_call(const Json& json, const std::string& path) {
  JsonReader reader(json, path);
  SentCall call;
  call.id = reader.text("id", {.min_characters = 1, .max_characters = kIdCharacters});
  reader.ignore("type");
  reader.ignore("index");
  const Json* function = reader.raw_if("function");
  if (function == nullptr) reader.reject("function", "is missing");
  if (auto done = reader.finish(); !done) return fail(done.error());
  JsonReader inner(*function, path + ".function");
  const std::string name = inner.text("name", {.min_characters = 1, .max_characters = kIdCharacters});
  const std::string arguments = inner.text("arguments", {.max_characters = kContentCharacters});
  if (auto done = inner.finish(); !done) return fail(done.error());
  call.text = tool_call_text(name, arguments.empty() ? "{}" : arguments);
  return call;
}

Result<void> decode_calls(const Json* calls, const std::string& path, Sent& message) {
  if (calls == nullptr) return {};
  const Json::Array* items = calls->as_array();
  if (items == nullptr || items->size() > kToolCallsPerMessage) {
    return fail(ErrorCode::kInvalid, fmt::format("{}: must be a list of at most {} calls", path, kToolCallsPerMessage));
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto call = decode_call((*items)[i], fmt::format("{}[{}]", path, i));
    if (!call) return fail(call.error());
    message.call_ids.push_back(std::move(call->id));
    message.text += (message.text.empty() ? "" : "\n") + call->text;
  }
  return {};
}

bool is_role(std::string_view role) {
  constexpr std::array<std::string_view, 5> kRoles = {"system", "developer", "user", "assistant", "tool"};
  return std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end();
}

Result<Sent> decode_message(const Json& json, const std::string& path) {
  JsonReader reader(json, path);
  Sent message;
  message.role = reader.text("role", {.max_characters = 32});
  const Json* content = reader.raw_if("content");
  const Json* calls = reader.raw_if("tool_calls");
  const auto answers = reader.text_if("tool_call_id", {.min_characters = 1, .max_characters = kIdCharacters});
  // Clients send an answer back as they got it, with members that say nothing new.
  for (const std::string_view member : {"name", "refusal", "annotations", "audio", "function_call", "sekisho", "parsed", "reasoning_content"}) {
    reader.ignore(member);
  }
  if (!message.role.empty() && !is_role(message.role)) reader.reject("role", "must be system, developer, user, assistant or tool");
  if (content == nullptr && (message.role != "assistant" || calls == nullptr)) reader.reject("content", "is missing");
  if (message.role == "tool" && !answers) reader.reject("tool_call_id", "is missing");
  if (message.role != "tool" && answers) reader.reject("tool_call_id", "belongs to role \"tool\"");
  if (message.role != "assistant" && calls != nullptr) reader.reject("tool_calls", "belongs to role \"assistant\"");
  if (auto done = reader.finish(); !done) return fail(done.error());
  auto text = decode_content(content, path + ".content");
  if (!text) return fail(text.error());
  message.text = *std::move(text);
  message.answers_call = answers.value_or("");
  if (auto decoded = decode_calls(calls, path + ".tool_calls", message); !decoded) return fail(decoded.error());
  return message;
}

void join(std::string& to, std::string_view text) {
  if (!to.empty() && !text.empty()) to += "\n\n";
  to += text;
}

/// Puts messages into turns, the sides alternating.
class Arrangement {
 public:
  void add(const Sent& message) {
    if (message.role == "system" || message.role == "developer") return join(conversation_.system, message.text);
    if (message.role == "user") conversation_.last_user = message.text;
    const bool assistant = message.role == "assistant";
    std::vector<model::Message>& turns = conversation_.turns;
    // Some clients begin with the assistant's greeting; every format wants the user first.
    if (turns.empty() && assistant) turns.push_back({model::Role::kUser, {{"", false}}});
    const model::Role role = assistant ? model::Role::kAssistant : model::Role::kUser;
    const std::string text = message.role == "tool" ? tool_response_text(message.text) : message.text;
    if (!turns.empty() && turns.back().role == role) {
      join(turns.back().pieces.front().text, text);
    } else {
      turns.push_back({role, {{text, false}}});
    }
  }
  [[nodiscard]] Conversation take() { return std::move(conversation_); }

 private:
  Conversation conversation_;
};

}  // namespace

Result<Conversation> decode_messages(JsonReader& reader) {
  const Json* raw = reader.raw_if("messages");
  const Json::Array* items = raw == nullptr ? nullptr : raw->as_array();
  if (items == nullptr || items->empty() || items->size() > kMessages) {
    return fail(ErrorCode::kInvalid, fmt::format("$.messages: must be a list of 1 to {} messages", kMessages));
  }
  Arrangement arrangement;
  std::vector<std::string> call_ids;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string path = fmt::format("$.messages[{}]", i);
    auto message = decode_message((*items)[i], path);
    if (!message) return fail(message.error());
    if (message->role == "tool" && std::find(call_ids.begin(), call_ids.end(), message->answers_call) == call_ids.end()) {
      return fail(ErrorCode::kInvalid, path + ".tool_call_id: no earlier message made that call");
    }
    call_ids.insert(call_ids.end(), message->call_ids.begin(), message->call_ids.end());
    arrangement.add(*message);
  }
  Conversation conversation = arrangement.take();
  if (conversation.turns.empty() || conversation.turns.back().role != model::Role::kUser) {
    return fail(ErrorCode::kInvalid, "$.messages: the last one must come from the user or from a tool");
  }
  return conversation;
}

std::vector<model::Message> messages_of(const Conversation& conversation, std::string_view instructions) {
  std::string system = conversation.system;
  join(system, instructions);
  std::vector<model::Message> messages;
  if (!system.empty()) messages.push_back({model::Role::kSystem, {{std::move(system), true}}});
  messages.insert(messages.end(), conversation.turns.begin(), conversation.turns.end());
  messages.back().pieces.back().keep = true;
  return messages;
}

bool wants_japanese(std::string_view text) {
  bool kana = false;
  text::for_each_character(text, [&](const text::Character& character) {
    kana = kana || text::is_hiragana(character.value) || text::is_katakana(character.value);
  });
  constexpr std::array<std::string_view, 8> kOtherScripts = {"中国語", "簡体", "繁体", "韓国語", "ハングル", "ロシア語", "アラビア語", "絵文字"};
  return kana && std::none_of(kOtherScripts.begin(), kOtherScripts.end(), [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace sekisho::api
