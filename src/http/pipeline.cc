#include "http/pipeline.h"

namespace sekisho::http {

std::optional<Response> Pipeline::run_before(Request& request, const RouteInfo& route) const {
  for (const Step& step : before_) {
    if (auto response = step.run(request, route)) return response;
  }
  return std::nullopt;
}

void Pipeline::run_after(const Request& request, Response& response) const {
  for (const AfterStep& step : after_) step.run(request, response);
}

AfterStep security_headers() {
  return {.name = "security headers",
          .reason = "Every answer, errors too, forbids by default what a browser would otherwise allow.",
          .run = [](const Request& request, Response& response) {
            Headers& headers = response.headers;
            headers.set_default("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
            headers.set_default("X-Content-Type-Options", "nosniff");
            headers.set_default("X-Frame-Options", "DENY");
            headers.set_default("Referrer-Policy", "no-referrer");
            headers.set_default("Cross-Origin-Opener-Policy", "same-origin");
            headers.set_default("Cross-Origin-Resource-Policy", "same-origin");
            headers.set_default("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
            headers.set_default("Cache-Control", "no-store");
            if (request.encrypted) headers.set_default("Strict-Transport-Security", "max-age=31536000");
          }};
}

}  // namespace sekisho::http
