#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"
#include "http/response.h"
#include "http/router.h"

namespace sekisho::http {

/// One thing done before every handler, and why it stands where it stands.
struct Step {
  std::string name;
  std::string reason;
  /// An answer ends the request there; nothing lets it go on. Runs on a worker thread before the body is read.
  std::function<std::optional<Response>(Request&, const RouteInfo&)> run;
};

/// One thing done to every answer's head, errors and event streams included; for an answer to a request that could
/// not be parsed `Request` is nearly empty. Must not block: it may run on a network thread.
struct AfterStep {
  std::string name;
  std::string reason;
  std::function<void(const Request&, Response&)> run;
};

/// The visible, ordered list of what happens around every handler. Threads: const members safe from any.
class Pipeline {
 public:
  Pipeline() = default;
  Pipeline(std::vector<Step> before, std::vector<AfterStep> after) : before_(std::move(before)), after_(std::move(after)) {}

  /// The first answer that a step gives.
  [[nodiscard]] std::optional<Response> run_before(Request& request, const RouteInfo& route) const;
  void run_after(const Request& request, Response& response) const;

  [[nodiscard]] const std::vector<Step>& before() const { return before_; }
  [[nodiscard]] const std::vector<AfterStep>& after() const { return after_; }

 private:
  std::vector<Step> before_;
  std::vector<AfterStep> after_;
};

/// Headers that every answer carries unless the handler set its own: Content-Security-Policy (`default-src 'none'` and no
/// framing), X-Content-Type-Options, Referrer-Policy, Cross-Origin-Opener-Policy, Cross-Origin-Resource-Policy,
/// Permissions-Policy, Cache-Control: no-store, and over TLS Strict-Transport-Security.
[[nodiscard]] AfterStep security_headers();

}  // namespace sekisho::http
