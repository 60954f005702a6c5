#include "chat/conversation_row.h"

#include <utility>

#include <fmt/format.h>

#include "gate/gate.h"
#include "store/stored_id.h"

namespace sekisho::chat {

using store::stored_id;

Result<ConversationHead> read_head(const gate::Policy& policy, const store::Row& row) {
  auto label = policy.label_from_text(row.text(2));
  if (!label) return fail(label.error());
  ConversationHead head;
  head.id = stored_id<ConversationId>(row.text(0));
  head.title = row.text(1);
  head.label = *std::move(label);
  head.created_ms = row.integer(3);
  head.updated_ms = row.integer(4);
  if (!row.is_null(5)) head.running = stored_id<TurnId>(row.text(5));
  head.pinned = row.integer(6) != 0;
  head.archived = row.integer(7) != 0;
  if (!row.is_null(8)) head.folder = stored_id<FolderId>(row.text(8));
  if (!row.is_null(9)) head.deleted_ms = row.integer(9);
  if (!row.is_null(10)) head.attachments = stored_id<ShelfId>(row.text(10));
  return head;
}

Result<ConversationHead> select_head(store::Connection& connection, const gate::Policy& policy, const gate::Actor& actor,
                                     const ConversationId& id, Deleted deleted) {
  auto rows = connection.query(fmt::format("SELECT {} FROM conversation c WHERE c.id = ? AND c.owner_id = ? AND c.deleted_ms IS {} NULL", kHeadColumns,
                                           deleted == Deleted::kYes ? "NOT" : ""),
                               {id.text(), actor.id.text()});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(ErrorCode::kDenied, "no such conversation");
  auto head = read_head(policy, rows->front());
  if (!head || !gate::may_read(actor, head->label)) return fail(ErrorCode::kDenied, "no such conversation");
  return head;
}

}  // namespace sekisho::chat
