#pragma once

#include <functional>
#include <optional>

#include "api/context.h"
#include "gate/actor.h"
#include "gate/label.h"
#include "http/pipeline.h"
#include "http/request.h"
#include "identity/authorize.h"

namespace sekisho::api {

inline constexpr char kSessionCookie[] = "sekisho_session";
inline constexpr char kCsrfHeader[] = "X-Sekisho-CSRF";

/// What stands before every handler, in this order: who asks → may they use this route → does the page itself send it
/// (CSRF) → not too often; and after it the headers that every answer carries.
/// `context` must outlive the pipeline.
[[nodiscard]] http::Pipeline make_pipeline(Context& context);

/// For an answer that goes on after its request: who the credential of `request` belongs to now; nothing where it no longer holds or
/// no longer may use a route of that policy. Blocks: one read of the database. `context` must outlive the function.
using WhoStillAsks = std::function<std::optional<gate::Actor>()>;
[[nodiscard]] WhoStillAsks who_still_asks(Context& context, const http::Request& request, identity::RoutePolicy policy);
/// The same, and whether they may still read what bears that label.
using StillAllowed = std::function<bool(const gate::Label&)>;
[[nodiscard]] StillAllowed still_allowed(Context& context, const http::Request& request, identity::RoutePolicy policy);

/// The page's Content-Security-Policy: nothing but what this server itself serves, and no string becomes script.
[[nodiscard]] const char* page_security_policy();

}  // namespace sekisho::api
