#include "worker/llama_threads.h"

#include <time.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace sekisho::worker {
namespace {

constexpr std::int64_t kMillisecond_ns = 1'000'000;
constexpr std::int64_t kWindow_ns = 12 * kMillisecond_ns;   ///< Less says nothing about a share: a time slice is 3 ms.
constexpr std::int64_t kTrial_ns = 70 * kMillisecond_ns;    ///< How long another number is tried.
constexpr std::int64_t kUnknown_ns = 100 * kMillisecond_ns; ///< A starved step is given up then if nothing else is known.
constexpr std::int64_t kRetryFirst_ns = 250 * kMillisecond_ns;
constexpr std::int64_t kRetryLast_ns = 2'000 * kMillisecond_ns;
constexpr double kStarved = 2.0;  ///< Times the usual cost.
constexpr double kNoGain = 1.3;   ///< Times the cost so far: more threads that take so long are not worth a trial's end.
constexpr int kTrialShare = 20;   ///< Trials that fail take at most one part in so many of the time.
constexpr double kFaster = 0.97;  ///< A trial has to be faster than this part of the cost so far.
constexpr double kRecent = 0.2;   ///< The weight of the newest step in the cost.

std::int64_t read_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

double share_of(StepTime step, int threads) { return static_cast<double>(step.cpu_ns) / (static_cast<double>(step.wall_ns) * threads); }

}  // namespace

StepTime step_clock() { return {.wall_ns = read_ns(CLOCK_MONOTONIC), .cpu_ns = read_ns(CLOCK_PROCESS_CPUTIME_ID)}; }

void ThreadControl::Retry::failed(std::int64_t now_ns, std::int64_t spent_ns) {
  wait_ns = wait_ns == 0 ? kRetryFirst_ns : std::min(wait_ns * 2, kRetryLast_ns);
  at_ns = now_ns + std::max(wait_ns, spent_ns * kTrialShare);
}

void ThreadControl::Retry::worked(std::int64_t now_ns) {
  wait_ns = kRetryFirst_ns;
  at_ns = now_ns + wait_ns;
}

ThreadControl::ThreadControl(int threads_max, int cores, Cost cost)
    : threads_max_(std::min(threads_max, cores)), cores_(cores), cost_kind_(cost), settled_(threads_max_) {
  CHECK(threads_max >= 1 && cores >= 1);
}

double ThreadControl::work_of(std::size_t rows) const { return cost_kind_ == Cost::kPerRow ? static_cast<double>(rows) : 1.0; }

bool ThreadControl::share_is_bad(StepTime step) const {
  // One neighbour takes half of one thread's core, 1 ÷ 2n of all; half of that is the bound. A wide step suffers less
  // and is dear to try on fewer threads, so it takes the whole.
  const double neighbour = 0.5 / threads();
  return 1.0 - share_of(step, threads()) > (cost_kind_ == Cost::kPerRow ? std::max(0.06, neighbour) : std::max(0.03, neighbour / 2));
}

int ThreadControl::fewer(StepTime step, int used) const {
  if (used == 1) return 1;
  // With k others that never rest, n threads on c cores get c ÷ (n + k) each.
  const double share = std::clamp(share_of(step, used), 0.01, 1.0);
  const int others = static_cast<int>(std::lround(cores_ / share)) - used;
  return std::clamp(cores_ - std::max(1, others), 1, used - 1);
}

bool ThreadControl::starved(StepTime so_far, std::size_t rows) const {
  if (threads() == 1) return false;
  const bool comparable = cost_ > 0 && (cost_kind_ == Cost::kPerRow || rows == rows_);
  const double times = trial_ > settled_ ? kNoGain : kStarved;
  // Where the cores are plainly taken, a trial need not wait for the comparison.
  const double plainly = 0.4 / threads();
  if (trial_ > settled_ && so_far.wall_ns >= kWindow_ns && 1.0 - share_of(so_far, threads()) > plainly) return true;
  const double bound_ns = comparable ? times * cost_ * work_of(rows) : static_cast<double>(kUnknown_ns);
  return so_far.wall_ns >= kWindow_ns && static_cast<double>(so_far.wall_ns) > bound_ns && share_is_bad(so_far);
}

void ThreadControl::settle(int threads, double cost) {
  settled_ = threads;
  trial_ = 0;
  cost_ = cost;
  sum_ = {};
}

void ThreadControl::observe(StepTime step, std::size_t rows, Outcome outcome, std::int64_t now_ns) {
  const int used = threads();  // Before a change of rows ends a trial.
  if (cost_kind_ == Cost::kPerStep && rows != rows_) settle(settled_, 0);
  rows_ = rows;
  if (outcome == Outcome::kGivenUp) {
    preempted_ = true;
    // Others came; that says nothing about how long they stay. A trial that starved is a failure like another.
    raise_.failed(now_ns, trial_ > settled_ ? step.wall_ns : 0);
    // A trial that starved is over; else whatever is left of the cores is the best that is known.
    settle(used > settled_ ? settled_ : fewer(step, used), used > settled_ ? cost_ : 0);
    return;
  }
  sum_.time.wall_ns += step.wall_ns;
  sum_.time.cpu_ns += step.cpu_ns;
  sum_.work += work_of(rows);
  if (trial_ > 0) {
    judge_trial(now_ns);
    return;
  }
  const double cost = static_cast<double>(step.wall_ns) / work_of(rows);
  cost_ = cost_ > 0 ? cost_ + kRecent * (cost - cost_) : cost;
  judge_settled(now_ns);
}

void ThreadControl::judge_trial(std::int64_t now_ns) {
  if (sum_.time.wall_ns < kTrial_ns) return;
  const bool faster = sum_.cost() < kFaster * cost_;
  Retry& retry = trial_ > settled_ ? raise_ : lower_;
  if (faster) {
    // What has just been left behind is not tried again at once.
    retry.worked(now_ns);
    (trial_ > settled_ ? lower_ : raise_).worked(now_ns);
    settle(trial_, sum_.cost());
  } else {
    retry.failed(now_ns, sum_.time.wall_ns);
    settle(settled_, cost_);
  }
}

void ThreadControl::judge_settled(std::int64_t now_ns) {
  if (sum_.time.wall_ns < kWindow_ns) return;
  preempted_ = share_is_bad(sum_.time);
  if (preempted_ && settled_ > 1 && now_ns >= lower_.at_ns) {
    trial_ = fewer(sum_.time, settled_);
  } else if (settled_ < threads_max_ && now_ns >= raise_.at_ns) {
    trial_ = threads_max_;
  }
  sum_ = {};
}

}  // namespace sekisho::worker
