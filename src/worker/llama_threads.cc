#include "worker/llama_threads.h"

#include <time.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace sekisho::worker {
namespace {

constexpr std::int64_t kMillisecond_ns = 1'000'000;
constexpr std::int64_t kWindow_ns = 12 * kMillisecond_ns;  ///< Less than this says nothing about a share: a time slice is 3 ms.
constexpr std::int64_t kRetryFirst_ns = 250 * kMillisecond_ns;
constexpr std::int64_t kRetryLast_ns = 4'000 * kMillisecond_ns;
constexpr std::int64_t kProven_ns = 2'000 * kMillisecond_ns;  ///< A rise that lasted so long was right.

std::int64_t read_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

StepTime step_clock() { return {.wall_ns = read_ns(CLOCK_MONOTONIC), .cpu_ns = read_ns(CLOCK_PROCESS_CPUTIME_ID)}; }

ThreadControl::ThreadControl(int threads_max, int cores)
    : threads_max_(threads_max), cores_(cores), threads_(std::min(threads_max, cores)), retry_after_ns_(kRetryFirst_ns) {
  CHECK(threads_max >= 1 && cores >= 1);
}

bool ThreadControl::share_is_bad(StepTime step) const {
  // One neighbour takes half of one thread's core, 1 ÷ 2n of all; half of that is the bound.
  const double missing = 1.0 - static_cast<double>(step.cpu_ns) / (static_cast<double>(step.wall_ns) * threads_);
  return missing > std::max(0.03, 0.25 / threads_);
}

bool ThreadControl::starved(StepTime so_far) const {
  return threads_ > 1 && so_far.wall_ns >= kWindow_ns && share_is_bad(so_far);
}

void ThreadControl::step_down(StepTime step, std::int64_t now_ns) {
  // With k others that never rest, n threads on c cores get c ÷ (n + k) each.
  const double share = std::max(0.01, static_cast<double>(step.cpu_ns) / (static_cast<double>(step.wall_ns) * threads_));
  const int others = static_cast<int>(std::lround(cores_ / std::min(1.0, share))) - threads_;
  threads_ = std::clamp(cores_ - std::max(1, others), 1, threads_ - 1);
  retry_after_ns_ = now_ns - raised_ns_ > kProven_ns ? kRetryFirst_ns : std::min(retry_after_ns_ * 2, kRetryLast_ns);
  retry_ns_ = now_ns + retry_after_ns_;
}

void ThreadControl::observe(StepTime step, std::int64_t now_ns) {
  window_.wall_ns += step.wall_ns;
  window_.cpu_ns += step.cpu_ns;
  if (window_.wall_ns >= kWindow_ns) {
    preempted_ = share_is_bad(window_);
    if (preempted_ && threads_ > 1) step_down(window_, now_ns);
    window_ = {};
  }
  if (threads_ < std::min(threads_max_, cores_) && now_ns >= retry_ns_) {
    threads_ = std::min(threads_max_, cores_);
    raised_ns_ = now_ns;
    window_ = {};
  }
}

}  // namespace sekisho::worker
