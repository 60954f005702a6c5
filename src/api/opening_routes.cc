#include <utility>

#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "identity/opening.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

constexpr std::size_t kBodyBytes = 16 * limits::kKiB;

Result<Json> list(Context& context, const Request& request) {
  auto openings = context.openings->list(actor_of(request));
  if (!openings) return fail(openings.error());
  Json::Array items;
  for (const identity::Opening& opening : *openings) {
    items.push_back(Json::object({{"id", opening.id.text()},
                                  {"sequence", opening.sequence},
                                  {"level", opening.level},
                                  {"reason", opening.reason},
                                  {"asked_by", opening.asked_by},
                                  {"asked_ms", opening.asked_ms},
                                  {"approved_by", opening.approved_by},
                                  {"ends_ms", opening.ends_ms ? Json(*opening.ends_ms) : Json()},
                                  {"own", opening.own}}));
  }
  return Json::object({{"items", Json::array(std::move(items))}, {"now_ms", context.clock.wall_ms()}});
}

Result<Json> ask(Context& context, const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  JsonReader reader(*body);
  const std::int64_t sequence = reader.integer("sequence", {.min = 1});
  const std::string reason = reader.text("reason", {.min_characters = 1, .max_characters = 1000});
  if (auto done = reader.finish(); !done) return fail(done.error());
  auto id = context.openings->ask(actor_of(request), sequence, reason);
  if (!id) return fail(id.error());
  return Json::object({{"id", id->text()}});
}

}  // namespace

void add_opening_routes(http::Router& router, Context& context) {
  const auto none = http::BodyRule::none();
  router.add(Method::kGet, "/api/v1/audit/openings", declared(identity::kSignedIn), none, [&context](Request& request) { return answer(request, list(context, request)); });
  router.add(Method::kPost, "/api/v1/audit/openings", declared(identity::kAuditor), http::BodyRule::buffered(kBodyBytes),
             [&context](Request& request) { return answer(request, ask(context, request), 201); });
  router.add(Method::kPost, "/api/v1/audit/openings/{id}/approve", declared(identity::kSignedIn), none, [&context](Request& request) {
    const auto id = id_of<identity::OpeningId>(request);
    const auto done = id ? context.openings->approve(actor_of(request), *id) : fail(id.error());
    return answer(request, done ? Result<Json>(Json::object({{"id", id->text()}})) : fail(done.error()));
  });
  router.add(Method::kPost, "/api/v1/audit/openings/{id}/read", declared(identity::kAuditor), none, [&context](Request& request) {
    const auto id = id_of<identity::OpeningId>(request);
    return answer(request, id ? context.openings->read(actor_of(request), *id) : fail(id.error()));
  });
}

}  // namespace sekisho::api
