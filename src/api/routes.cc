#include "api/routes.h"

#include "api/respond.h"
#include "identity/authorize.h"

namespace sekisho::api {

http::Router make_router(Context& context, const http::StaticFiles* page) {
  http::Router router;
  router.add(http::Method::kGet, "/healthz", declared(identity::kPublic), http::BodyRule::none(), [&context](http::Request&) {
    const bool ready = context.engine != nullptr;
    return http::Response::json(Json::object({{"ready", ready}, {"model", context.model_name}}), ready ? 200 : 503);
  });
  add_session_routes(router, context);
  add_shelf_routes(router, context);
  add_document_routes(router, context);
  add_page_image_routes(router, context);
  add_search_routes(router, context);
  add_chat_routes(router, context);
  add_conversation_routes(router, context);
  add_export_routes(router, context);
  add_rating_routes(router, context);
  add_admin_routes(router, context);
  add_account_routes(router, context);
  add_audit_routes(router, context);
  add_opening_routes(router, context);
  add_openai_routes(router, context);
  if (page != nullptr) {
    router.add(http::Method::kGet, "/{path...}", declared(identity::kPublic), http::BodyRule::none(),
               [page](http::Request& request) { return page->serve(request); });
  }
  return router;
}

}  // namespace sekisho::api
