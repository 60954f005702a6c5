#pragma once

#include <cstdint>

namespace sekisho::worker {

/// How long one step took, by the wall clock and by the clocks of all this process's threads together.
struct StepTime {
  std::int64_t wall_ns = 0;
  std::int64_t cpu_ns = 0;
};

/// Chooses how many threads the next step runs on, so that other programs on the machine never stall it.
///
/// The engine's threads wait for each other hundreds of times a step, spinning. Where all have a core that is the
/// fastest way; where one has to share its core, each wait costs a time slice of the scheduler and a step takes a hundred
/// times as long. Threads that spin use all of their time, so the share of processor time that a step did not get,
/// 1 − cpu ÷ (wall × threads), says at once that somebody else wants the cores and how many of them.
///
/// A step on several threads that is being starved is given up (`starved`, asked from inside it) and done again on
/// fewer; now and then more are tried again, ever more rarely while that fails. Threads: one.
class ThreadControl {
 public:
  /// `threads_max` ≥ 1; `cores` ≥ 1 is what the process may run on.
  ThreadControl(int threads_max, int cores);

  /// For the next step.
  [[nodiscard]] int threads() const { return threads_; }
  /// The last step, or try, saw others on the cores.
  [[nodiscard]] bool preempted() const { return preempted_; }

  /// Whether a step that runs since `so_far.wall_ns` should be given up. Cheap; may be asked at any time within a step.
  [[nodiscard]] bool starved(StepTime so_far) const;

  /// After each step, also one that was given up: `now_ns` is the steady clock.
  void observe(StepTime step, std::int64_t now_ns);

 private:
  [[nodiscard]] bool share_is_bad(StepTime step) const;
  void step_down(StepTime step, std::int64_t now_ns);

  const int threads_max_;
  const int cores_;
  int threads_;
  bool preempted_ = false;
  StepTime window_;                    ///< Sum of the steps since the last verdict.
  std::int64_t raised_ns_ = 0;         ///< When the number of threads last went up.
  std::int64_t retry_ns_ = 0;          ///< When to try more threads.
  std::int64_t retry_after_ns_;        ///< Doubles with each failure.
};

/// Now, for the differences that StepTime holds.
[[nodiscard]] StepTime step_clock();

}  // namespace sekisho::worker
