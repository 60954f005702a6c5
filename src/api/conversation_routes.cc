#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "api/conversation_json.h"
#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "chat/conversation.h"
#include "chat/conversation_list.h"
#include "chat/conversation_search.h"
#include "gate/gate.h"

namespace sekisho::api {
namespace {

using chat::FolderId;
using http::Method;
using http::Request;

constexpr std::size_t kBodyBytes = 8 * limits::kKiB;
constexpr std::size_t kTitleCharacters = 100;
constexpr std::size_t kFolderCharacters = 50;
constexpr std::size_t kQueryCharacters = 200;
constexpr std::size_t kTurnsShown = 40;
constexpr std::size_t kTurnsShown_max = 200;

Json next_json(const std::string& next) { return next.empty() ? Json() : Json(next); }

Json folder_json(const chat::Folder& folder) {
  return Json::object({{"id", folder.id.text()}, {"name", folder.name}, {"conversations", folder.conversations}});
}

Result<Json> list(Context& context, const Request& request) {
  chat::ListRequest wanted;
  const auto limit = limit_of(request, 50, 500);
  if (!limit) return fail(limit.error());
  wanted.limit = *limit;
  wanted.after = request.query_value("after").value_or("");
  const auto view = chat::view_named(request.query_value("view").value_or("open"));
  if (!view) return fail(view.error());
  wanted.view = *view;
  if (const auto folder = request.query_value("folder")) {
    auto id = FolderId::parse(*folder);
    if (!id) return fail(ErrorCode::kDenied, "no such folder");
    wanted.folder = *std::move(id);
  }
  auto page = context.conversation_list.list(actor_of(request), wanted);
  if (!page) return fail(page.error());
  Json::Array items, folders;
  for (const chat::ConversationHead& head : page->items) items.push_back(head_json(head));
  for (const chat::Folder& folder : page->folders) folders.push_back(folder_json(folder));
  Json answer = Json::object({{"items", Json::array(std::move(items))}, {"next", next_json(page->next)}});
  if (wanted.after.empty()) answer.set("folders", Json::array(std::move(folders)));
  return answer;
}

/// The turns of a stretch, released to the screen with one Entry.
Result<Json> release_turns(Context& context, const gate::Actor& actor, const ConversationId& id, const chat::TurnRange& range) {
  auto turns = context.conversations.turns(actor, id, range);
  if (!turns) return fail(turns.error());
  auto permit = context.gate.admit(actor, turns->label(), gate::Destination::screen(), {"conversation", {id.text()}});
  if (!permit) return fail(permit.error());
  Json::Array items;
  for (const chat::StoredTurn& turn : turns->open(*permit)) items.push_back(turn_json(turn));
  return Json::array(std::move(items));
}

/// The tree of all turns, and what was said in the last of them.
Result<Json> show(Context& context, const Request& request) {
  const auto id = id_of<ConversationId>(request);
  if (!id) return fail(id.error());
  const auto limit = limit_of(request, kTurnsShown, kTurnsShown_max);
  if (!limit) return fail(limit.error());
  const gate::Actor& actor = actor_of(request);
  auto head = context.conversations.get(actor, *id);
  if (!head) return fail(head.error());
  auto places = context.conversations.places(actor, *id);
  if (!places) return fail(places.error());
  const auto after = static_cast<std::int64_t>(places->size() - std::min(places->size(), *limit));
  auto turns = release_turns(context, actor, *id, {.after = after});
  if (!turns) return fail(turns.error());
  Json::Array tree;
  for (const chat::TurnPlace& place : *places) tree.push_back(Json::array({place.id.text(), place.parent ? Json(*place.parent) : Json()}));
  Json result = head_json(*head);
  result.set("places", Json::array(std::move(tree)));
  result.set("after", after);
  result.set("turns", *std::move(turns));
  return result;
}

Result<Json> show_turns(Context& context, const Request& request) {
  const auto id = id_of<ConversationId>(request);
  if (!id) return fail(id.error());
  const auto limit = limit_of(request, kTurnsShown, kTurnsShown_max);
  if (!limit) return fail(limit.error());
  const auto after = number_of(request, "after", 0);
  if (!after) return fail(after.error());
  auto items = release_turns(context, actor_of(request), *id, {.after = *after, .count = static_cast<std::int64_t>(*limit)});
  if (!items) return fail(items.error());
  const std::size_t count = items->as_array()->size();
  const std::string next = count == *limit ? std::to_string(*after + static_cast<std::int64_t>(count)) : "";
  return Json::object({{"items", *std::move(items)}, {"next", next_json(next)}});
}

Result<chat::ConversationChange> decode_change(const Json& body) {
  chat::ConversationChange change;
  JsonReader reader(body);
  change.title = reader.text_if("title", {.min_characters = 1, .max_characters = kTitleCharacters});
  change.pinned = reader.boolean_if("pinned");
  change.archived = reader.boolean_if("archived");
  const auto folder = reader.text_if("folder_id");
  if (auto done = reader.finish(); !done) return fail(done.error());
  if (folder) {
    auto id = FolderId::parse(*folder);
    if (!id) return fail(ErrorCode::kDenied, "no such folder");
    change.folder = *std::move(id);
  } else if (body.find("folder_id") != nullptr) {
    change.folder.emplace();
  }
  return change;
}

Result<Json> change(Context& context, const Request& request) {
  const auto id = id_of<ConversationId>(request);
  if (!id) return fail(id.error());
  auto body = body_of(request);
  if (!body) return fail(body.error());
  auto wanted = decode_change(*body);
  if (!wanted) return fail(wanted.error());
  auto head = context.conversation_list.change(actor_of(request), *id, *wanted);
  if (!head) return fail(head.error());
  return head_json(*head);
}

Result<void> remove(Context& context, const Request& request) {
  const auto id = id_of<ConversationId>(request);
  if (!id) return fail(id.error());
  const bool forever = request.query_value("forever") == "true";
  return forever ? context.conversation_list.purge(actor_of(request), *id) : context.conversation_list.remove(actor_of(request), *id);
}

Result<Json> restore(Context& context, const Request& request) {
  const auto id = id_of<ConversationId>(request);
  if (!id) return fail(id.error());
  auto head = context.conversation_list.restore(actor_of(request), *id);
  if (!head) return fail(head.error());
  return head_json(*head);
}

Json found_json(const chat::FoundConversation& found) {
  Json::Array hits;
  for (const chat::SaidHit& hit : found.hits) {
    Json::Array pieces;
    for (const chat::Piece& piece : hit.snippet) pieces.push_back(Json::object({{"text", piece.text}, {"hit", piece.hit}}));
    hits.push_back(Json::object({{"turn_id", hit.turn ? Json(hit.turn->text()) : Json()},
                                 {"where", !hit.turn ? "title" : hit.in_answer ? "answer" : "question"},
                                 {"snippet", Json::array(std::move(pieces))}}));
  }
  return Json::object({{"conversation", head_json(found.head)}, {"hits", Json::array(std::move(hits))}});
}

Result<Json> find(Context& context, const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  JsonReader reader(*body);
  const std::string query = reader.text("query", {.min_characters = 1, .max_characters = kQueryCharacters});
  const std::string after = reader.text_if("after", {.max_characters = 100}).value_or("");
  const auto limit = static_cast<std::size_t>(reader.integer_if("limit", {.min = 1, .max = 100}).value_or(20));
  if (auto done = reader.finish(); !done) return fail(done.error());
  auto found = context.conversation_search.find(actor_of(request), query, after, limit);
  if (!found) return fail(found.error());
  std::vector<std::string> subjects;
  for (const ConversationId& id : found->ids) subjects.push_back(id.text());
  auto permit = context.gate.admit(actor_of(request), found->items.label(), gate::Destination::screen(), {"conversations", std::move(subjects)});
  if (!permit) return fail(permit.error());
  Json::Array items;
  for (const chat::FoundConversation& one : found->items.open(*permit)) items.push_back(found_json(one));
  return Json::object({{"items", Json::array(std::move(items))}, {"next", next_json(found->next)}});
}

Result<std::string> folder_name(const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  JsonReader reader(*body);
  std::string name = reader.text("name", {.min_characters = 1, .max_characters = kFolderCharacters});
  if (auto done = reader.finish(); !done) return fail(done.error());
  return name;
}

Result<Json> make_folder(Context& context, const Request& request) {
  auto name = folder_name(request);
  if (!name) return fail(name.error());
  auto folder = context.conversation_list.make_folder(actor_of(request), *name);
  if (!folder) return fail(folder.error());
  return folder_json(*folder);
}

Result<Json> rename_folder(Context& context, const Request& request) {
  const auto id = id_of<FolderId>(request);
  if (!id) return fail(id.error());
  auto name = folder_name(request);
  if (!name) return fail(name.error());
  auto folder = context.conversation_list.rename_folder(actor_of(request), *id, *name);
  if (!folder) return fail(folder.error());
  return folder_json(*folder);
}

}  // namespace

void add_conversation_routes(http::Router& router, Context& context) {
  const auto none = http::BodyRule::none();
  const auto small = http::BodyRule::buffered(kBodyBytes);
  const auto official = declared(identity::kOfficial);
  router.add(Method::kGet, "/api/v1/conversations", official, none, [&context](Request& request) { return answer(request, list(context, request)); });
  router.add(Method::kPost, "/api/v1/conversations/search", official, small,
             [&context](Request& request) { return answer(request, find(context, request)); });
  router.add(Method::kGet, "/api/v1/conversations/{id}", official, none, [&context](Request& request) { return answer(request, show(context, request)); });
  router.add(Method::kGet, "/api/v1/conversations/{id}/turns", official, none,
             [&context](Request& request) { return answer(request, show_turns(context, request)); });
  router.add(Method::kPatch, "/api/v1/conversations/{id}", official, small,
             [&context](Request& request) { return answer(request, change(context, request)); });
  router.add(Method::kDelete, "/api/v1/conversations/{id}", official, none,
             [&context](Request& request) { return answer_empty(request, remove(context, request)); });
  router.add(Method::kPost, "/api/v1/conversations/{id}/restore", official, none,
             [&context](Request& request) { return answer(request, restore(context, request)); });
  router.add(Method::kPost, "/api/v1/folders", official, small, [&context](Request& request) { return answer(request, make_folder(context, request), 201); });
  router.add(Method::kPatch, "/api/v1/folders/{id}", official, small,
             [&context](Request& request) { return answer(request, rename_folder(context, request)); });
  router.add(Method::kDelete, "/api/v1/folders/{id}", official, none, [&context](Request& request) {
    const auto id = id_of<FolderId>(request);
    if (!id) return error_answer(request, id.error());
    return answer_empty(request, context.conversation_list.remove_folder(actor_of(request), *id));
  });
}

}  // namespace sekisho::api
