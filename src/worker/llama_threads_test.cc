#include "worker/llama_threads.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sekisho::worker {
namespace {

constexpr std::int64_t kMs = 1'000'000;

/// A machine of `cores` cores with `neighbours` programs that never rest, shared fairly. A step is 40 ms of work.
struct Machine {
  int cores = 2;
  int neighbours = 0;
  double stolen = 0;  ///< Part of the time that somebody takes in small pieces: no wait gets long.
  std::int64_t now_ns = 1'000'000 * kMs;
  std::int64_t worst_step_ns = 0;

  [[nodiscard]] double share(int threads) const {
    return std::min(1.0, static_cast<double>(cores) / (threads + neighbours)) * (1.0 - (threads == cores ? stolen : 0));
  }
  [[nodiscard]] std::int64_t full_ns(int threads) const {
    if (threads > 1 && threads + neighbours > cores) return 1'600 * kMs;
    return static_cast<std::int64_t>(static_cast<double>(40 * kMs) / threads / (1.0 - (threads == cores ? stolen : 0)));
  }

  /// One step; gives it up when the control says so. Returns whether it was finished.
  bool step(ThreadControl& control, std::size_t rows = 1) {
    const int threads = control.threads();
    StepTime time;
    bool finished = false;
    while (!finished && !control.starved(time, rows)) {
      time.wall_ns += kMs;
      time.cpu_ns = static_cast<std::int64_t>(static_cast<double>(time.wall_ns) * share(threads) * threads);
      finished = time.wall_ns >= full_ns(threads);
    }
    now_ns += time.wall_ns;
    worst_step_ns = std::max(worst_step_ns, time.wall_ns);
    control.observe(time, rows, finished ? ThreadControl::Outcome::kDone : ThreadControl::Outcome::kGivenUp, now_ns);
    return finished;
  }
  /// Finished steps a second, over `seconds`.
  double speed(ThreadControl& control, int seconds) {
    const std::int64_t begin_ns = now_ns;
    int finished = 0;
    while (now_ns - begin_ns < seconds * 1000 * kMs) finished += step(control) ? 1 : 0;
    return finished / (static_cast<double>(now_ns - begin_ns) / 1e9);
  }
};

ThreadControl control_for(const Machine& machine) { return {machine.cores, machine.cores, ThreadControl::Cost::kPerStep}; }

TEST(ThreadControl, UsesEveryCoreOfAnIdleMachine) {
  Machine machine{.cores = 4};
  ThreadControl control = control_for(machine);
  EXPECT_NEAR(machine.speed(control, 5), 100, 1);
  EXPECT_EQ(control.threads(), 4);
  EXPECT_FALSE(control.preempted());
}

TEST(ThreadControl, KeepsTheSpeedOfOneThreadBesideTwoBusyNeighbours) {
  Machine machine{.cores = 2, .neighbours = 2};
  ThreadControl control = control_for(machine);
  machine.speed(control, 1);
  EXPECT_GE(machine.speed(control, 20), 0.9 * 25);
}

TEST(ThreadControl, GivesUpAStarvedStepSoonAfterItsUsualTime) {
  Machine machine{.cores = 2};
  ThreadControl control = control_for(machine);
  machine.speed(control, 1);
  machine.neighbours = 2;
  machine.worst_step_ns = 0;
  machine.speed(control, 10);
  EXPECT_LE(machine.worst_step_ns, 110 * kMs);
}

TEST(ThreadControl, LeavesToNeighboursTheCoresThatTheyUse) {
  Machine machine{.cores = 16, .neighbours = 3};
  ThreadControl control = control_for(machine);
  machine.step(control);
  EXPECT_EQ(control.threads(), 13);
}

TEST(ThreadControl, OneBusyNeighbourOnTwoCoresIsNoticed) {
  Machine machine{.cores = 2, .neighbours = 1};
  ThreadControl control = control_for(machine);
  machine.step(control);
  EXPECT_EQ(control.threads(), 1);
  EXPECT_TRUE(control.preempted());
}

TEST(ThreadControl, TakesTheCoresBackWhenTheNeighboursAreGone) {
  Machine machine{.cores = 2, .neighbours = 2};
  ThreadControl control = control_for(machine);
  machine.speed(control, 20);
  machine.neighbours = 0;
  machine.speed(control, 5);
  EXPECT_NEAR(machine.speed(control, 5), 50, 1);
  EXPECT_FALSE(control.preempted());
}

TEST(ThreadControl, StaysOnAllCoresWhereThatIsFasterThoughTimeIsStolen) {
  Machine machine{.cores = 2, .stolen = 0.3};
  ThreadControl control = control_for(machine);
  EXPECT_GE(machine.speed(control, 30), 0.9 * 35);
}

TEST(ThreadControl, StepsOfOtherSizesAreNotMistakenForSlowness) {
  Machine machine{.cores = 2};
  ThreadControl control = control_for(machine);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(machine.step(control, i % 2 == 0 ? 1 : 4));
  EXPECT_EQ(control.threads(), 2);
}

TEST(ThreadControl, AStarvedTrialWhoseStepHasOtherRowsLeavesOneThread) {
  ThreadControl control(2, 2, ThreadControl::Cost::kPerStep);
  // Half of the time is taken: one thread from here on, and two are tried again later.
  const StepTime bad{.wall_ns = 200 * kMs, .cpu_ns = 200 * kMs};
  control.observe(bad, 1, ThreadControl::Outcome::kGivenUp, 1'000 * kMs);
  ASSERT_EQ(control.threads(), 1);
  std::int64_t now_ns = 1'000 * kMs;
  while (control.threads() == 1) {
    now_ns += 40 * kMs;
    control.observe({.wall_ns = 40 * kMs, .cpu_ns = 40 * kMs}, 1, ThreadControl::Outcome::kDone, now_ns);
  }
  control.observe(bad, 4, ThreadControl::Outcome::kGivenUp, now_ns + 200 * kMs);
  EXPECT_EQ(control.threads(), 1);
}

TEST(ThreadControl, NeverExceedsWhatItWasAllowed) {
  EXPECT_EQ(ThreadControl(3, 8, ThreadControl::Cost::kPerRow).threads(), 3);
  EXPECT_EQ(ThreadControl(8, 2, ThreadControl::Cost::kPerRow).threads(), 2);
}

TEST(StepClock, CountsTheTimeThatThisProcessWorks) {
  const StepTime begin = step_clock();
  volatile std::uint64_t sum = 0;
  while (step_clock().cpu_ns - begin.cpu_ns < 5 * kMs) sum = sum + 1;
  EXPECT_GT(step_clock().wall_ns, begin.wall_ns);
}

}  // namespace
}  // namespace sekisho::worker
