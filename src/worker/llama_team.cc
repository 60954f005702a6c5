#include "worker/llama_team.h"

#include <algorithm>
#include <chrono>

namespace sekisho::worker {
namespace {

constexpr auto kSpin = std::chrono::microseconds(60);  ///< Longer than what stands between two products of an answer's step.
constexpr int kPausesBetweenLooks = 32;

void pause() {
#ifdef __x86_64__
  __builtin_ia32_pause();
#endif
}

/// Looks until `done` says so or the time is over.
template <typename Done>
bool spin_until(const Done& done) {
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < kPausesBetweenLooks; ++i) {
      if (done()) return true;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return done();
}

}  // namespace

Team::~Team() {
  call_ = 0;
  call_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Team::share(std::size_t count, std::size_t total, std::size_t at_once, Next next, const std::function<void(std::size_t, std::size_t)>& work) {
  std::atomic<std::size_t> begun = 0;
  run(count - 1, next, [&] {
    for (std::size_t first = begun.fetch_add(at_once); first < total; first = begun.fetch_add(at_once)) work(first, std::min(first + at_once, total));
  });
}

void Team::run(std::size_t helpers, Next next, const std::function<void()>& work) {
  if (helpers == 0) return work();
  while (threads_.size() < helpers) threads_.emplace_back([this, index = threads_.size()] { help(index); });
  work_ = &work;
  wanted_ = helpers;
  spin_ = next == Next::kSoon;
  ++call_;
  call_.notify_all();
  work();
  ++call_;
  // Who has not come yet finds the call closed; the others have at most a stretch to go.
  if (spin_until([this] { return inside_ == 0; })) return;
  for (std::uint32_t inside = inside_; inside != 0; inside = inside_) inside_.wait(inside);
}

void Team::help(std::size_t index) {
  std::uint64_t seen = 0;
  while ((seen = await_call(seen)) != 0) {
    ++inside_;
    if (call_ == seen && index < wanted_) (*work_)();
    if (--inside_ == 0) inside_.notify_one();
  }
}

std::uint64_t Team::await_call(std::uint64_t seen) const {
  std::uint64_t call = 0;
  const auto is_new = [&] {
    call = call_;
    return call == 0 || (call % 2 == 1 && call != seen);
  };
  while (!(spin_ ? spin_until(is_new) : is_new())) call_.wait(call);
  return call;
}

}  // namespace sekisho::worker
