#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "gate/policy.h"
#include "identity/account.h"
#include "library/shelf.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

constexpr std::size_t kBodyBytes = 16 * limits::kKiB;
constexpr std::size_t kReaderGroups = 32;

Json shelf_json(const library::Shelf& shelf) {
  return Json::object({{"id", shelf.id.text()},
                       {"name", shelf.name},
                       {"level", level_number(shelf.label.level())},
                       {"readers", readers_json(shelf.label)},
                       {"handling", texts_json(shelf.label.handling())},
                       {"documents", shelf.documents},
                       {"passages", shelf.passages},
                       {"reading", shelf.reading},
                       {"failed", shelf.failed},
                       {"created_ms", shelf.created_ms}});
}

Result<Json> list(Context& context, const gate::Actor& actor) {
  auto shelves = context.shelves.readable(actor);
  if (!shelves) return fail(shelves.error());
  Json::Array items;
  for (const library::Shelf& shelf : *shelves) items.push_back(shelf_json(shelf));
  return Json::object({{"items", Json::array(std::move(items))}});
}

/// A label as a request names it: `level`, `readers` (one reader set: a member of any of the groups may read) and, optional, `handling`.
struct WantedLabel {
  std::int64_t level = 0;
  std::vector<std::string> readers;
  gate::HandlingSet handling;
};
WantedLabel wanted_label(JsonReader& reader) {
  return {reader.integer("level"), reader.texts("readers", kReaderGroups, {.min_characters = 1, .max_characters = 64}),
          reader.texts_if("handling", kReaderGroups, {.min_characters = 1, .max_characters = 64}).value_or(gate::HandlingSet())};
}

/// Errors: kInvalid (a level, a group or a 取扱制限 that is not known).
Result<gate::Label> label_of(Context& context, WantedLabel wanted) {
  for (const std::string& name : wanted.handling) {
    const auto& known = context.policy.handling();
    if (std::none_of(known.begin(), known.end(), [&](const gate::HandlingRule& rule) { return rule.name == name; })) {
      return fail(ErrorCode::kInvalid, "handling: the policy knows no such: " + name);
    }
  }
  auto level = level_numbered(context, wanted.level);
  if (!level) return fail(level.error());
  auto known = context.accounts.groups();
  if (!known) return fail(known.error());
  for (const std::string& group : wanted.readers) {
    if (std::find(known->begin(), known->end(), group) == known->end()) return fail(ErrorCode::kInvalid, "readers: no such group: " + group);
  }
  return gate::Label(*level, {std::move(wanted.readers)}, std::move(wanted.handling));
}

Result<Json> create(Context& context, const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  JsonReader reader(*body);
  const std::string name = reader.text("name", {.min_characters = 1, .max_characters = 100});
  WantedLabel wanted = wanted_label(reader);
  if (auto done = reader.finish(); !done) return fail(done.error());
  auto label = label_of(context, std::move(wanted));
  if (!label) return fail(label.error());
  auto shelf = context.shelves.create(actor_of(request), name, *label);
  if (!shelf) return fail(shelf.error());
  return shelf_json(*shelf);
}

Result<Json> relabel(Context& context, const Request& request) {
  const auto id = id_of<ShelfId>(request);
  if (!id) return fail(id.error());
  auto body = body_of(request);
  if (!body) return fail(body.error());
  JsonReader reader(*body);
  const std::string reason = reader.text("reason", {.min_characters = 1, .max_characters = 1000});
  WantedLabel wanted = wanted_label(reader);
  if (auto done = reader.finish(); !done) return fail(done.error());
  auto label = label_of(context, std::move(wanted));
  if (!label) return fail(label.error());
  auto shelf = context.shelves.relabel(actor_of(request), *id, *label, reason);
  if (!shelf) return fail(shelf.error());
  return shelf_json(*shelf);
}

Result<Json> groups(Context& context) {
  auto groups = context.accounts.groups();
  if (!groups) return fail(groups.error());
  Json::Array items;
  for (const std::string& group : *groups) items.push_back(Json::object({{"name", group}}));
  return Json::object({{"items", Json::array(std::move(items))}});
}

}  // namespace

void add_shelf_routes(http::Router& router, Context& context) {
  router.add(Method::kGet, "/api/v1/groups", declared(identity::kSignedIn), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, groups(context)); });
  router.add(Method::kGet, "/api/v1/shelves", declared(identity::kSignedIn), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, list(context, actor_of(request))); });
  router.add(Method::kPost, "/api/v1/shelves", declared(identity::kAuthor), http::BodyRule::buffered(kBodyBytes),
             [&context](Request& request) { return answer(request, create(context, request), 201); });
  router.add(Method::kGet, "/api/v1/shelves/{id}", declared(identity::kSignedIn), http::BodyRule::none(), [&context](Request& request) {
    const auto id = id_of<ShelfId>(request);
    if (!id) return error_answer(request, id.error());
    const auto shelf = context.shelves.get(actor_of(request), *id);
    return shelf ? http::Response::json(shelf_json(*shelf)) : error_answer(request, shelf.error());
  });
  router.add(Method::kPost, "/api/v1/shelves/{id}/label", declared(identity::kSignedIn), http::BodyRule::buffered(kBodyBytes),
             [&context](Request& request) { return answer(request, relabel(context, request)); });
  router.add(Method::kDelete, "/api/v1/shelves/{id}", declared(identity::kAuthor), http::BodyRule::none(), [&context](Request& request) {
    const auto id = id_of<ShelfId>(request);
    if (!id) return error_answer(request, id.error());
    return answer_empty(request, context.shelves.remove(actor_of(request), *id));
  });
}

}  // namespace sekisho::api
