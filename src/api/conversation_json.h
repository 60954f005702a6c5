#pragma once

#include "base/json.h"
#include "chat/conversation.h"

namespace sekisho::api {

/// A conversation in a list, and a turn of one, as api/openapi.yaml has them.
[[nodiscard]] Json head_json(const chat::ConversationHead& head);
[[nodiscard]] Json turn_json(const chat::StoredTurn& turn);

}  // namespace sekisho::api
