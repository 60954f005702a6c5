#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/event_stream.h"
#include "http/pending_response.h"
#include "http/request.h"
#include "http/response.h"

namespace sekisho::http {

/// Who may use a route, as a number that the layer above gives meaning to. There is no default: a route without a
/// policy does not compile.
class RoutePolicy {
 public:
  explicit constexpr RoutePolicy(int value) : value_(value) {}
  [[nodiscard]] constexpr int value() const { return value_; }

 private:
  int value_;
};

/// What body a route takes. The steps of the pipeline run before a byte of it is read.
struct BodyRule {
  enum class Kind {
    kNone,      ///< Any body is refused with 413.
    kBuffered,  ///< Read whole into Request::body before the handler runs.
    kStreamed,  ///< The handler reads Request::upload while it arrives, on a pool of its own.
  };
  Kind kind = Kind::kNone;
  std::size_t max_bytes = 0;

  [[nodiscard]] static BodyRule none() { return {}; }
  [[nodiscard]] static BodyRule buffered(std::size_t max_bytes) { return {Kind::kBuffered, max_bytes}; }
  [[nodiscard]] static BodyRule streamed(std::size_t max_bytes) { return {Kind::kStreamed, max_bytes}; }
};

/// What a handler answers: now, event by event, or later.
using Reply = std::variant<Response, std::shared_ptr<EventStream>, std::shared_ptr<PendingResponse>>;
/// Runs on a worker thread and may block for a moment (disk); long work returns a stream or a PendingResponse.
using Handler = std::function<Reply(Request&)>;

struct RouteInfo {
  Method method;
  std::string pattern;
  RoutePolicy policy;
  BodyRule body;
};

/// Finds the handler of a request. Filled once, before the server starts.
///
/// A pattern is a path whose segments may be `{name}` (one segment, not empty) and whose last may be `{name...}` (all
/// the rest, also none). Literal beats `{name}` beats `{name...}`. HEAD is served by GET's handler.
///
/// Threads: const members safe from any.
class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// The pattern must be well-formed and not yet taken for that method.
  void add(Method method, std::string pattern, RoutePolicy policy, BodyRule body, Handler handler);

  struct Match {
    const RouteInfo* route = nullptr;    ///< nullptr: nothing serves this.
    const Handler* handler = nullptr;
    std::vector<NamedValue> params;
    std::string allow;                   ///< Where the path exists but not with this method: "GET, HEAD, OPTIONS".
  };
  /// A path that only a `{name...}` pattern of another method matches counts as not there.
  [[nodiscard]] Match match(Method method, const std::vector<std::string>& segments) const;

  /// In the order added.
  [[nodiscard]] std::vector<const RouteInfo*> routes() const;

 private:
  struct Node;
  struct Entry;
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace sekisho::http
