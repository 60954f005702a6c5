#pragma once

#include "api/context.h"
#include "http/pipeline.h"

namespace sekisho::api {

inline constexpr char kSessionCookie[] = "sekisho_session";
inline constexpr char kCsrfHeader[] = "X-Sekisho-CSRF";

/// What stands before every handler, in this order: who asks → may they use this route → does the page itself send it
/// (CSRF) → not too often; and after it the headers that every answer carries.
/// `context` must outlive the pipeline.
[[nodiscard]] http::Pipeline make_pipeline(Context& context);

/// The page's Content-Security-Policy: nothing but what this server itself serves, and no string becomes script.
[[nodiscard]] const char* page_security_policy();

}  // namespace sekisho::api
