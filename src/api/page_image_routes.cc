#include <charconv>
#include <optional>
#include <string>

#include "api/respond.h"
#include "api/routes.h"
#include "gate/gate.h"
#include "identity/authorize.h"
#include "library/page_image.h"

namespace sekisho::api {
namespace {

using http::Request;

Result<http::Response> image(Context& context, const Request& request) {
  const auto id = id_of<DocumentId>(request);
  if (!id) return fail(id.error());
  const std::string_view digits = request.param("page");
  std::int64_t page = 0;
  if (const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), page); error != std::errc() || end != digits.data() + digits.size()) {
    return fail(ErrorCode::kDenied, "no such page");
  }
  std::optional<PassageId> marked;
  if (const auto wanted = request.query_value("passage")) {
    auto passage = PassageId::parse(*wanted);
    if (!passage) return fail(ErrorCode::kDenied, "no such passage");
    marked = *passage;
  }
  const auto found = context.page_images.get(actor_of(request), *id, page, marked);
  if (!found) return fail(found.error());
  const auto permit = context.gate.admit(actor_of(request), found->label(), gate::Destination::screen(), {"document", {id->text()}});
  if (!permit) return fail(permit.error());
  http::Response response;
  response.headers.set("Content-Type", "image/png");
  response.shared_body = found->open(*permit);
  return response;
}

}  // namespace

void add_page_image_routes(http::Router& router, Context& context) {
  router.add(http::Method::kGet, "/api/v1/documents/{id}/pages/{page}/image", declared(identity::kSignedIn), http::BodyRule::none(), [&context](Request& request) {
    auto response = image(context, request);
    return response ? std::move(*response) : error_answer(request, response.error());
  });
}

}  // namespace sekisho::api
