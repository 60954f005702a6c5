#include "identity/rate_limit.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace sekisho::identity {
namespace {

constexpr std::string_view kTooMany = "too many; again in ";

}  // namespace

std::optional<std::int64_t> retry_after_s(const Error& error) {
  if (error.code != ErrorCode::kRateLimited || !error.detail.starts_with(kTooMany)) return std::nullopt;
  std::int64_t seconds = 0;
  const char* const begin = error.detail.data() + kTooMany.size();
  const auto [end, ec] = std::from_chars(begin, error.detail.data() + error.detail.size(), seconds);
  return ec == std::errc() && end != begin ? std::optional(seconds) : std::nullopt;
}

RateLimiter::RateLimiter(Rule rule, const Clock& clock, std::size_t max_keys) : rule_(std::move(rule)), clock_(clock), max_keys_(max_keys) {}

Result<void> RateLimiter::take(std::string_view key) {
  const gate::RateRule rule = rule_();
  const std::int64_t now_ms = clock_.steady_ms();
  const std::int64_t window = now_ms / rule.window_ms;
  const std::int64_t into_ms = now_ms % rule.window_ms;
  return state_.with([&](State& state) -> Result<void> {
    Count& count = touch(state, key);
    if (count.window != window) {
      count.before = count.window + 1 == window ? count.now : 0;
      count.now = 0;
      count.window = window;
    }
    // The part of the last window that the sliding one still covers, rounded up.
    const std::int64_t overlap = (count.before * (rule.window_ms - into_ms) + rule.window_ms - 1) / rule.window_ms;
    if (count.now + overlap >= rule.count) {
      return fail(ErrorCode::kRateLimited, fmt::format("{}{} s", kTooMany, (rule.window_ms - into_ms + 999) / 1000));
    }
    ++count.now;
    return {};
  });
}

RateLimiter::Count& RateLimiter::touch(State& state, std::string_view key) const {
  if (const auto found = state.by_key.find(key); found != state.by_key.end()) {
    state.recent.splice(state.recent.begin(), state.recent, found->second);
    return state.recent.front();
  }
  if (state.recent.size() >= max_keys_) {
    state.by_key.erase(state.recent.back().key);
    state.recent.pop_back();
  }
  state.recent.push_front(Count{.key = std::string(key)});
  state.by_key.emplace(state.recent.front().key, state.recent.begin());
  return state.recent.front();
}

void RateLimiter::refund(std::string_view key) {
  state_.with([&](State& state) {
    const auto found = state.by_key.find(key);
    if (found != state.by_key.end() && found->second->now > 0) --found->second->now;
  });
}

void RateLimiter::forget(std::string_view key) {
  state_.with([&](State& state) {
    const auto found = state.by_key.find(key);
    if (found == state.by_key.end()) return;
    const auto place = found->second;
    state.by_key.erase(found);
    state.recent.erase(place);
  });
}

std::size_t RateLimiter::keys() const {
  return state_.with([](const State& state) { return state.recent.size(); });
}

}  // namespace sekisho::identity
