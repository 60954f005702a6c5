#include "http/router.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/check.h"

namespace sekisho::http {

struct Router::Entry {
  RouteInfo info;
  Handler handler;
  std::vector<std::string> param_names;
};

/// One segment of the patterns' tree; the leaves' routes are in `by_method`.
struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> param;
  std::unique_ptr<Node> rest;
  std::map<Method, const Entry*> by_method;
};

namespace {

enum class PartKind { kLiteral, kParam, kRest };
struct Part {
  PartKind kind;
  std::string name;
};

std::vector<Part> parts_of(std::string_view pattern) {
  CHECK(pattern.starts_with('/'));
  std::vector<Part> parts;
  pattern.remove_prefix(1);
  while (true) {
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    const std::string_view segment = pattern.substr(0, end);
    CHECK(parts.empty() || parts.back().kind != PartKind::kRest);
    if (segment.starts_with('{')) {
      CHECK(segment.ends_with('}') && segment.size() > 2);
      const bool rest = segment.ends_with("...}");
      parts.push_back({rest ? PartKind::kRest : PartKind::kParam, std::string(segment.substr(1, segment.size() - (rest ? 5 : 2)))});
    } else {
      CHECK(segment.find_first_of("{}") == std::string_view::npos);
      parts.push_back({PartKind::kLiteral, std::string(segment)});
    }
    if (end == pattern.size()) return parts;
    pattern.remove_prefix(end + 1);
  }
}

std::string join(std::span<const std::string> segments) {
  std::string text;
  for (const std::string& segment : segments) text += (text.empty() ? "" : "/") + segment;
  return text;
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string pattern, RoutePolicy policy, BodyRule body, Handler handler) {
  CHECK(handler != nullptr);
  CHECK(method != Method::kHead && method != Method::kOptions);
  auto entry = std::make_unique<Entry>(Entry{{method, pattern, policy, body}, std::move(handler), {}});
  Node* node = root_.get();
  for (Part& part : parts_of(pattern)) {
    std::unique_ptr<Node>& next = part.kind == PartKind::kLiteral ? node->literals[part.name]
                                  : part.kind == PartKind::kParam ? node->param
                                                                  : node->rest;
    if (!next) next = std::make_unique<Node>();
    if (part.kind != PartKind::kLiteral) entry->param_names.push_back(std::move(part.name));
    node = next.get();
  }
  CHECK(node->by_method.emplace(method, entry.get()).second);
  entries_.push_back(std::move(entry));
}

namespace {

/// Every place in the tree that fits the path, the most specific first.
template <typename Node>
struct Candidate {
  const Node* node;
  std::vector<std::string> values;
  bool by_rest = false;
};

template <typename Node>
void collect(const Node& node, std::span<const std::string> segments, std::vector<std::string>& values,
             std::vector<Candidate<Node>>& found) {
  if (segments.empty()) {
    if (!node.by_method.empty()) found.push_back({&node, values});
    return;
  }
  if (const auto literal = node.literals.find(segments[0]); literal != node.literals.end()) {
    collect(*literal->second, segments.subspan(1), values, found);
  }
  if (node.param && !segments[0].empty()) {
    values.push_back(segments[0]);
    collect(*node.param, segments.subspan(1), values, found);
    values.pop_back();
  }
  if (node.rest) {
    values.push_back(join(segments));
    found.push_back({node.rest.get(), values, true});
    values.pop_back();
  }
}

template <typename Node>
std::string allowed_methods(const Node& node) {
  std::string allow;
  for (const auto& [method, entry] : node.by_method) {
    allow.append(name_of(method)).append(", ");
    if (method == Method::kGet) allow += "HEAD, ";
  }
  return allow + "OPTIONS";
}

}  // namespace

Router::Match Router::match(Method method, const std::vector<std::string>& segments) const {
  std::vector<Candidate<Node>> found;
  std::vector<std::string> values;
  collect(*root_, segments, values, found);
  const Method wanted = method == Method::kHead ? Method::kGet : method;
  Match match;
  for (Candidate<Node>& candidate : found) {
    const auto entry = candidate.node->by_method.find(wanted);
    if (entry == candidate.node->by_method.end()) {
      if (match.allow.empty() && !candidate.by_rest) match.allow = allowed_methods(*candidate.node);
      continue;
    }
    // A path that a more exact pattern names is not left to a catch-all of another method.
    if (candidate.by_rest && !match.allow.empty()) break;
    match.route = &entry->second->info;
    match.handler = &entry->second->handler;
    for (std::size_t i = 0; i < candidate.values.size(); ++i) {
      match.params.emplace_back(entry->second->param_names[i], std::move(candidate.values[i]));
    }
    match.allow.clear();
    return match;
  }
  return match;
}

std::vector<const RouteInfo*> Router::routes() const {
  std::vector<const RouteInfo*> routes;
  for (const auto& entry : entries_) routes.push_back(&entry->info);
  return routes;
}

}  // namespace sekisho::http
