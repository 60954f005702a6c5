#include <string>
#include <utility>
#include <vector>

#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "gate/gate.h"
#include "search/passage_search.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

constexpr std::size_t kBodyBytes = 64 * limits::kKiB;

struct SearchRequest {
  std::string query;
  search::SearchScope scope;
  search::RankOptions options;
};

Result<SearchRequest> decode(const Json& json) {
  SearchRequest request;
  JsonReader reader(json);
  request.query = reader.text("query", {.min_characters = 1, .max_characters = limits::kQuestionCharacters});
  const auto shelves = reader.texts_if("shelves", 1000, {.max_characters = 26});
  request.options.limit = static_cast<std::size_t>(reader.integer_if("limit", {.min = 1, .max = 100}).value_or(10));
  request.options.explain = reader.boolean_if("explain").value_or(false);
  if (auto done = reader.finish(); !done) return fail(done.error());
  if (shelves) {
    request.scope.shelves.emplace();
    for (const std::string& text : *shelves) {
      auto id = ShelfId::parse(text);
      if (!id) return fail(ErrorCode::kDenied, "no such shelf");
      request.scope.shelves->push_back(*std::move(id));
    }
  }
  return request;
}

Json passage_json(const search::FoundPassage& passage, bool explain) {
  Json item = search::to_json(passage);
  item.set("score", passage.score);
  if (explain) {
    item.set("shares", Json::object({{"words", passage.shares[0]}, {"bigrams", passage.shares[1]}, {"pairs", passage.shares[2]}}));
    if (passage.cosine) item.set("cosine", *passage.cosine);
    item.set("matched", texts_json(passage.matched));
  }
  return item;
}

std::vector<std::string> ids_of(const std::vector<PassageId>& passages) {
  std::vector<std::string> ids;
  for (const PassageId& passage : passages) ids.push_back(passage.text());
  return ids;
}

Result<Json> find(Context& context, const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  auto wanted = decode(*body);
  if (!wanted) return fail(wanted.error());
  auto found = context.search.find(actor_of(request), wanted->query, wanted->scope, wanted->options);
  if (!found) return fail(found.error());
  auto permit = context.gate.admit(actor_of(request), found->passages.label(), gate::Destination::screen(), {"passages", ids_of(found->ids)});
  if (!permit) return fail(permit.error());
  Json::Array items;
  for (const search::FoundPassage& passage : found->passages.open(*permit)) items.push_back(passage_json(passage, wanted->options.explain));
  return Json::object({{"items", Json::array(std::move(items))},
                       {"shelves", texts_json(found->searched.shelf_names)},
                       {"documents", found->searched.documents}});
}

}  // namespace

void add_search_routes(http::Router& router, Context& context) {
  router.add(Method::kPost, "/api/v1/search", declared(identity::kSignedIn), http::BodyRule::buffered(kBodyBytes),
             [&context](Request& request) { return answer(request, find(context, request)); });
}

}  // namespace sekisho::api
