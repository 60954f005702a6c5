#include "api/conversation_json.h"

#include <string_view>

#include "api/respond.h"

namespace sekisho::api {

Json head_json(const chat::ConversationHead& head) {
  return Json::object({{"id", head.id.text()},
                       {"title", head.title},
                       {"level", level_number(head.label.level())},
                       {"created_ms", head.created_ms},
                       {"updated_ms", head.updated_ms},
                       {"running_turn_id", head.running ? Json(head.running->text()) : Json()},
                       {"pinned", head.pinned},
                       {"archived", head.archived},
                       {"folder_id", head.folder ? Json(head.folder->text()) : Json()},
                       {"deleted_ms", head.deleted_ms ? Json(*head.deleted_ms) : Json()},
                       {"attachments", head.attachments ? Json(head.attachments->text()) : Json()}});
}

Json turn_json(const chat::StoredTurn& turn) {
  const auto member = [&](std::string_view key) {
    const Json* found = turn.summary.find(key);
    return found != nullptr ? *found : Json();
  };
  return Json::object({{"id", turn.id.text()},
                       {"parent_id", turn.parent ? Json(turn.parent->text()) : Json()},
                       {"question", turn.question},
                       {"mode", chat::name_of(turn.mode)},
                       {"shelves", texts_json(turn.shelves)},
                       {"state", turn.state},
                       {"answer", turn.answer},
                       {"claims", turn.claims},
                       {"sources", turn.sources},
                       {"not_found", member("found_nothing")},
                       {"because_source", member("because_source")},
                       {"notices", member("notices").as_array() != nullptr ? member("notices") : Json::array()},
                       {"reason", turn.summary.text_or("reason")},
                       {"rating", turn.rating ? Json::object({{"good", turn.rating->good}, {"reasons", texts_json(turn.rating->reasons)}, {"note", turn.rating->note}}) : Json()},
                       {"model", turn.summary.text_or("model")},
                       {"created_ms", turn.created_ms},
                       {"level", level_number(turn.label.level())},
                       {"handling", texts_json(turn.label.handling())},
                       {"error", turn.state == "failed" ? Json::object({{"code", turn.summary.text_or("code")}, {"detail", turn.summary.text_or("detail")}}) : Json()}});
}

}  // namespace sekisho::api
