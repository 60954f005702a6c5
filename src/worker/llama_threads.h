#pragma once

#include <cstddef>
#include <cstdint>

namespace sekisho::worker {

/// How long one step took, by the wall clock and by the clocks of all this process's threads together.
struct StepTime {
  std::int64_t wall_ns = 0;
  std::int64_t cpu_ns = 0;
};

/// Now, for the differences that StepTime holds.
[[nodiscard]] StepTime step_clock();

/// Chooses on how many threads steps of one kind run, so that other programs on the machine never stall them.
///
/// The engine's threads wait for each other hundreds of times a step, spinning. Where all have a core that is the
/// fastest way; where one has to share its core each wait costs a time slice of the scheduler and a step can take a
/// hundred times as long. Threads that spin use all of their time, so the processor time that a step did not get,
/// 1 − cpu ÷ (wall × threads), says at once that others want the cores, and how many they are. That only raises the
/// suspicion: fewer threads are then tried for a moment, and kept where they are faster. In the same way more threads
/// are tried again from time to time. A step that is being starved is given up and done again on fewer (`starved`).
/// Threads: one.
class ThreadControl {
 public:
  /// What one row more costs: the whole step again (kPerRow, wide steps) or an unknown part of it (kPerStep: only steps
  /// of as many rows are compared with each other).
  enum class Cost { kPerStep, kPerRow };

  /// `threads_max` ≥ 1 is used up to `cores` ≥ 1, what the process may run on.
  ThreadControl(int threads_max, int cores, Cost cost);

  /// For the next step.
  [[nodiscard]] int threads() const { return trial_ > 0 ? trial_ : settled_; }
  /// Others took a part of the cores of late.
  [[nodiscard]] bool preempted() const { return preempted_; }

  /// Whether a step of `rows` rows that has taken `so_far` should be given up. May be asked at any time within a step.
  [[nodiscard]] bool starved(StepTime so_far, std::size_t rows) const;

  enum class Outcome { kDone, kGivenUp };
  /// After each step. `now_ns`: the steady clock.
  void observe(StepTime step, std::size_t rows, Outcome outcome, std::int64_t now_ns);

 private:
  /// Steps of one number of threads, summed.
  struct Sum {
    StepTime time;
    double work = 0;  ///< Steps or rows.
    [[nodiscard]] double cost() const { return static_cast<double>(time.wall_ns) / work; }
  };
  /// When to try another number again: later and later while that fails.
  struct Retry {
    std::int64_t at_ns = 0;
    std::int64_t wait_ns = 0;
    void failed(std::int64_t now_ns, std::int64_t spent_ns);
    void worked(std::int64_t now_ns);
  };

  [[nodiscard]] double work_of(std::size_t rows) const;
  [[nodiscard]] bool share_is_bad(StepTime step) const;
  [[nodiscard]] int fewer(StepTime step, int used) const;
  void judge_trial(std::int64_t now_ns);
  void judge_settled(std::int64_t now_ns);
  void settle(int threads, double cost);

  const int threads_max_;
  const int cores_;
  const Cost cost_kind_;
  int settled_;
  int trial_ = 0;          ///< 0: none.
  double cost_ = 0;        ///< Of `settled_`, of late; 0: unknown.
  std::size_t rows_ = 0;   ///< Of the last step.
  bool preempted_ = false;
  Sum sum_;                ///< Since the last judgement.
  Retry lower_;
  Retry raise_;
};

}  // namespace sekisho::worker
