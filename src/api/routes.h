#pragma once

#include "api/context.h"
#include "http/router.h"
#include "http/static_files.h"

namespace sekisho::api {

/// Every route of the server; api/openapi.yaml says the same, and a test compares them.
/// `context` must outlive the router. `page` is nullptr where there is no page (tests).
[[nodiscard]] http::Router make_router(Context& context, const http::StaticFiles* page);

// One file a resource.
void add_session_routes(http::Router& router, Context& context);
void add_shelf_routes(http::Router& router, Context& context);
void add_document_routes(http::Router& router, Context& context);
void add_page_image_routes(http::Router& router, Context& context);
void add_search_routes(http::Router& router, Context& context);
void add_chat_routes(http::Router& router, Context& context);
void add_conversation_routes(http::Router& router, Context& context);
void add_export_routes(http::Router& router, Context& context);
void add_rating_routes(http::Router& router, Context& context);
void add_admin_routes(http::Router& router, Context& context);
void add_account_routes(http::Router& router, Context& context);
void add_audit_routes(http::Router& router, Context& context);
void add_opening_routes(http::Router& router, Context& context);
void add_openai_routes(http::Router& router, Context& context);

}  // namespace sekisho::api
