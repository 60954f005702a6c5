#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/limits.h"
#include "base/result.h"
#include "gate/policy.h"

namespace sekisho::identity {

/// How long to wait after a kRateLimited error of a RateLimiter; nothing for any other error.
[[nodiscard]] std::optional<std::int64_t> retry_after_s(const Error& error);

/// Counts events a key over a sliding window: this fixed window's count plus the share of the last one's that the
/// window still overlaps. Memory is bounded: past `max_keys`, the key that was longest quiet is forgotten.
///
/// Threads: safe from any.
class RateLimiter {
 public:
  using Rule = std::function<gate::RateRule()>;
  /// `rule` is asked at each event, from any thread: policies change. `clock` must outlive this.
  RateLimiter(Rule rule, const Clock& clock, std::size_t max_keys = limits::kRateKeys);

  /// Counts one event. Errors: kRateLimited, where the event is not counted; `detail` says in how many seconds.
  [[nodiscard]] Result<void> take(std::string_view key);
  /// Takes the last counted event of `key` back.
  void refund(std::string_view key);
  /// Forgets what `key` did.
  void forget(std::string_view key);
  [[nodiscard]] std::size_t keys() const;

 private:
  struct Count {
    std::string key;
    std::int64_t window = 0;  ///< steady_ms / window_ms.
    std::int64_t now = 0;
    std::int64_t before = 0;
  };
  struct State {
    std::list<Count> recent;  ///< The last used first.
    std::unordered_map<std::string_view, std::list<Count>::iterator> by_key;
  };

  [[nodiscard]] Count& touch(State& state, std::string_view key) const;

  const Rule rule_;
  const Clock& clock_;
  std::size_t max_keys_;
  Guarded<State> state_;
};

}  // namespace sekisho::identity
