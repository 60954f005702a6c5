#include <string>
#include <utility>

#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "chat/rating.h"
#include "gate/gate.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

constexpr std::size_t kBodyBytes = 8 * limits::kKiB;
constexpr std::size_t kNoteCharacters = 500;

Result<void> rate(Context& context, const Request& request) {
  const auto id = id_of<TurnId>(request);
  if (!id) return fail(id.error());
  auto body = body_of(request);
  if (!body) return fail(body.error());
  chat::Rating rating;
  JsonReader reader(*body);
  const auto good = reader.boolean_if("good");
  if (!good) reader.reject("good", "missing");
  rating.good = good.value_or(false);
  rating.reasons = reader.texts_if("reasons", 6, {.max_characters = 20}).value_or(std::vector<std::string>{});
  rating.note = reader.text_if("note", {.max_characters = kNoteCharacters}).value_or("");
  if (auto done = reader.finish(); !done) return fail(done.error());
  return context.ratings.set(actor_of(request), *id, rating);
}

Json rated_json(const chat::RatedTurn& rated) {
  return Json::object({{"turn_id", rated.turn.text()},
                       {"good", rated.rating.good},
                       {"reasons", texts_json(rated.rating.reasons)},
                       {"note", rated.rating.note},
                       {"mode", chat::name_of(rated.mode)},
                       {"state", rated.state},
                       {"model", rated.summary.text_or("model")},
                       {"supported", rated.summary.int_or("supported")},
                       {"needs_check", rated.summary.int_or("needs_check")},
                       {"not_found", rated.summary.bool_or("not_found")},
                       {"total_ms", rated.summary.int_or("total_ms")},
                       {"level", level_number(rated.label.level())},
                       {"created_ms", rated.created_ms}});
}

Result<Json> list(Context& context, const Request& request) {
  const auto limit = limit_of(request, 50, 200);
  if (!limit) return fail(limit.error());
  auto page = context.ratings.list(actor_of(request), request.query_value("after").value_or(""), *limit);
  if (!page) return fail(page.error());
  auto permit = context.gate.admit(actor_of(request), page->label(), gate::Destination::screen(), {"ratings", {}});
  if (!permit) return fail(permit.error());
  const chat::RatingPage& found = page->open(*permit);
  Json::Array items;
  for (const chat::RatedTurn& rated : found.items) items.push_back(rated_json(rated));
  return Json::object({{"items", Json::array(std::move(items))}, {"next", found.next.empty() ? Json() : Json(found.next)}});
}

}  // namespace

void add_rating_routes(http::Router& router, Context& context) {
  const auto official = declared(identity::kOfficial);
  router.add(Method::kPut, "/api/v1/turns/{id}/rating", official, http::BodyRule::buffered(kBodyBytes),
             [&context](Request& request) { return answer_empty(request, rate(context, request)); });
  router.add(Method::kDelete, "/api/v1/turns/{id}/rating", official, http::BodyRule::none(), [&context](Request& request) {
    const auto id = id_of<TurnId>(request);
    if (!id) return error_answer(request, id.error());
    return answer_empty(request, context.ratings.clear(actor_of(request), *id));
  });
  router.add(Method::kGet, "/api/v1/admin/ratings", declared(identity::kOperator), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, list(context, request)); });
}

}  // namespace sekisho::api
