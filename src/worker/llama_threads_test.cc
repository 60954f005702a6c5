#include "worker/llama_threads.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sekisho::worker {
namespace {

constexpr std::int64_t kMs = 1'000'000;

/// A machine of `cores` cores with `neighbours` programs that never rest, shared fairly.
struct Machine {
  int cores = 2;
  int neighbours = 0;
  std::int64_t now_ns = 1'000'000 * kMs;
  std::int64_t worst_step_ns = 0;

  /// One step of 20 ms of work a thread; gives it up when the control says so. Returns whether it was finished.
  bool step(ThreadControl& control) {
    const double share = std::min(1.0, static_cast<double>(cores) / (control.threads() + neighbours));
    const bool waits = control.threads() > 1 && share < 1.0;
    const std::int64_t full_ns = waits ? 1'600 * kMs : static_cast<std::int64_t>(20 * kMs / share);
    std::int64_t wall_ns = 0;
    bool finished = false;
    const auto so_far = [&] { return StepTime{.wall_ns = wall_ns, .cpu_ns = static_cast<std::int64_t>(static_cast<double>(wall_ns) * share * control.threads())}; };
    while (!finished && !control.starved(so_far())) {
      wall_ns += kMs;
      finished = wall_ns >= full_ns;
    }
    now_ns += wall_ns;
    worst_step_ns = std::max(worst_step_ns, wall_ns);
    control.observe(so_far(), now_ns);
    return finished;
  }
  void run(ThreadControl& control, int steps) {
    for (int i = 0; i < steps; ++i) step(control);
  }
};

TEST(ThreadControl, UsesEveryCoreOfAnIdleMachine) {
  ThreadControl control(4, 4);
  Machine machine{.cores = 4};
  machine.run(control, 100);
  EXPECT_EQ(control.threads(), 4);
  EXPECT_FALSE(control.preempted());
}

TEST(ThreadControl, GivesUpAStarvedStepWithinTwentyMillisecondsAndGoesDownToOneThread) {
  ThreadControl control(2, 2);
  Machine machine{.cores = 2, .neighbours = 2};
  EXPECT_FALSE(machine.step(control));
  EXPECT_LE(machine.worst_step_ns, 20 * kMs);
  EXPECT_EQ(control.threads(), 1);
  EXPECT_TRUE(machine.step(control));
}

TEST(ThreadControl, LeavesToNeighboursTheCoresThatTheyUse) {
  ThreadControl control(16, 16);
  Machine machine{.cores = 16, .neighbours = 3};
  machine.run(control, 3);
  EXPECT_EQ(control.threads(), 13);
}

TEST(ThreadControl, OneBusyNeighbourOnTwoCoresIsNoticed) {
  ThreadControl control(2, 2);
  Machine machine{.cores = 2, .neighbours = 1};
  machine.run(control, 2);
  EXPECT_EQ(control.threads(), 1);
}

TEST(ThreadControl, TakesTheCoresBackWhenTheNeighboursAreGone) {
  ThreadControl control(2, 2);
  Machine machine{.cores = 2, .neighbours = 2};
  machine.run(control, 400);
  ASSERT_LE(control.threads(), 2);
  machine.neighbours = 0;
  machine.run(control, 400);  // 8 seconds
  EXPECT_EQ(control.threads(), 2);
  EXPECT_FALSE(control.preempted());
}

TEST(ThreadControl, TryingMoreThreadsCostsLittleWhileNeighboursStay) {
  ThreadControl control(2, 2);
  Machine machine{.cores = 2, .neighbours = 2};
  machine.run(control, 20);
  int lost = 0;
  for (int i = 0; i < 1000; ++i) lost += machine.step(control) ? 0 : 1;
  EXPECT_LE(lost, 12);
  EXPECT_LE(machine.worst_step_ns, 40 * kMs);
}

TEST(ThreadControl, NeverExceedsWhatItWasAllowed) {
  ThreadControl control(3, 8);
  Machine machine{.cores = 8};
  machine.run(control, 50);
  EXPECT_EQ(control.threads(), 3);
  ThreadControl more_than_cores(8, 2);
  EXPECT_EQ(more_than_cores.threads(), 2);
}

TEST(StepClock, CountsTheTimeThatThisProcessWorks) {
  const StepTime begin = step_clock();
  volatile std::uint64_t sum = 0;
  while (step_clock().cpu_ns - begin.cpu_ns < 5 * kMs) sum = sum + 1;
  EXPECT_GE(step_clock().wall_ns - begin.wall_ns, 0);
}

}  // namespace
}  // namespace sekisho::worker
