#pragma once

#include <string_view>

#include "base/result.h"
#include "chat/conversation.h"
#include "gate/actor.h"
#include "gate/policy.h"
#include "store/database.h"

/// How a conversation's row is read, for those of this room who ask for one.
namespace sekisho::chat {

/// Columns of `conversation c` in the order of read_head.
inline constexpr std::string_view kHeadColumns =
    "c.id, c.title, c.label, c.created_ms, c.updated_ms, "
    "(SELECT t.id FROM turn t WHERE t.conversation_id = c.id AND t.state = 'running' ORDER BY t.sequence DESC LIMIT 1), "
    "c.pinned, c.archived, c.folder_id, c.deleted_ms, c.attachments";

/// Errors: kUnsupported (a label of an earlier policy).
[[nodiscard]] Result<ConversationHead> read_head(const gate::Policy& policy, const store::Row& row);

enum class Deleted { kNo, kYes };
/// A conversation of `actor` whose label they may read. Errors: kDenied.
[[nodiscard]] Result<ConversationHead> select_head(store::Connection& connection, const gate::Policy& policy, const gate::Actor& actor,
                                                   const ConversationId& id, Deleted deleted = Deleted::kNo);

}  // namespace sekisho::chat
