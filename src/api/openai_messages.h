#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/openai_tools.h"
#include "base/json.h"
#include "base/result.h"
#include "model/prompt.h"

namespace sekisho::api {

/// The messages of a chat request, in the order that every chat format takes: at most one of the system, first, then user
/// and assistant in turns.
struct Conversation {
  std::string system;
  std::vector<model::Message> turns;  ///< Begins and ends with the user; never empty.
  std::string last_user;              ///< The last message of role "user" as it was typed.
};

/// Reads `messages` of a request. Messages of system and developer join into one; neighbours of one side join; calls and
/// answers of tools become text of the assistant and the user.
/// A last message of the assistant is refused: there is nothing to answer.
[[nodiscard]] Result<Conversation> decode_messages(JsonReader& reader);

/// The conversation with `instructions` after the system's own words. The end of the last message is kept in memory, so
/// that further choices and the next request of the same conversation start there.
[[nodiscard]] std::vector<model::Message> messages_of(const Conversation& conversation, std::string_view instructions);

/// Whether the answer to `text` is to be Japanese: it holds kana and asks for no other language.
[[nodiscard]] bool wants_japanese(std::string_view text);

}  // namespace sekisho::api
