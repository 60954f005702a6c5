#include "http/router.h"

#include <gtest/gtest.h>

namespace sekisho::http {
namespace {

constexpr RoutePolicy kAnyone{1};

Handler named(std::string name) {
  return [name = std::move(name)](Request&) -> Reply { return Response::text(name); };
}

std::string handled_by(const Router& router, Method method, const std::vector<std::string>& segments) {
  const Router::Match match = router.match(method, segments);
  if (match.route == nullptr) return match.allow.empty() ? "404" : "405 " + match.allow;
  Request request;
  return std::get<Response>((*match.handler)(request)).body;
}

Router office() {
  Router router;
  router.add(Method::kGet, "/api/v1/shelves", kAnyone, BodyRule::none(), named("list"));
  router.add(Method::kPost, "/api/v1/shelves", RoutePolicy(7), BodyRule::buffered(4096), named("create"));
  router.add(Method::kGet, "/api/v1/shelves/{id}", kAnyone, BodyRule::none(), named("one"));
  router.add(Method::kPost, "/api/v1/shelves/search", kAnyone, BodyRule::none(), named("search"));
  router.add(Method::kPut, "/api/v1/shelves/{id}/files/{name}", kAnyone, BodyRule::streamed(1 << 20), named("upload"));
  router.add(Method::kGet, "/{path...}", kAnyone, BodyRule::none(), named("page"));
  return router;
}

TEST(Router, GivesWhatThePatternMatchedDecoded) {
  const Router router = office();
  const Router::Match match = router.match(Method::kPut, {"api", "v1", "shelves", "書架1", "files", "予算/令和7年.pdf"});
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->pattern, "/api/v1/shelves/{id}/files/{name}");
  EXPECT_EQ(match.params, (std::vector<NamedValue>{{"id", "書架1"}, {"name", "予算/令和7年.pdf"}}));
}

TEST(Router, PrefersTheMoreExactPattern) {
  const Router router = office();
  EXPECT_EQ(handled_by(router, Method::kPost, {"api", "v1", "shelves", "search"}), "search");
  EXPECT_EQ(handled_by(router, Method::kGet, {"api", "v1", "shelves", "search"}), "one");
  EXPECT_EQ(handled_by(router, Method::kGet, {"assets", "app.js"}), "page");
  EXPECT_EQ(handled_by(router, Method::kGet, {""}), "page");
}

TEST(Router, ServesHeadByGet) {
  EXPECT_EQ(handled_by(office(), Method::kHead, {"api", "v1", "shelves"}), "list");
}

TEST(Router, TellsAnUnknownPathFromAnUnknownMethod) {
  const Router router = office();
  EXPECT_EQ(handled_by(router, Method::kDelete, {"api", "v1", "shelves"}), "405 GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(handled_by(router, Method::kPost, {"api", "v1", "nothing"}), "404");
}

TEST(Router, DoesNotLeaveAKnownPathToTheCatchAll) {
  EXPECT_EQ(handled_by(office(), Method::kGet, {"api", "v1", "shelves", "x", "files", "y"}), "405 PUT, OPTIONS");
}

TEST(Router, DoesNotMatchAnEmptyParameter) {
  Router router;
  router.add(Method::kGet, "/shelves/{id}", kAnyone, BodyRule::none(), named("one"));
  EXPECT_EQ(handled_by(router, Method::kGet, {"shelves", ""}), "404");
  EXPECT_EQ(handled_by(router, Method::kGet, {"shelves", "a", ""}), "404");
}

TEST(Router, ListsEveryRouteWithItsPolicy) {
  const Router router = office();
  ASSERT_EQ(router.routes().size(), 6U);
  EXPECT_EQ(router.routes()[1]->policy.value(), 7);
  EXPECT_EQ(router.routes()[1]->body.max_bytes, 4096U);
}

TEST(RouterDeathTest, RefusesTheSameRouteTwice) {
  Router router = office();
  EXPECT_DEATH(router.add(Method::kGet, "/api/v1/shelves", kAnyone, BodyRule::none(), named("again")), "");
}

static_assert(!std::is_default_constructible_v<RoutePolicy>, "a route without a policy must not compile");
static_assert(!std::is_convertible_v<int, RoutePolicy>, "a policy is named, never a stray number");

}  // namespace
}  // namespace sekisho::http
