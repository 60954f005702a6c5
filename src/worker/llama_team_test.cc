#include "worker/llama_team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace sekisho::worker {
namespace {

void expect_each_once(Team& team, std::size_t threads, std::size_t total, std::size_t at_once, Team::Next next) {
  std::vector<std::atomic<int>> done(total);
  team.share(threads, total, at_once, next, [&](std::size_t first, std::size_t last) {
    ASSERT_LE(last, total);
    ASSERT_LE(last - first, at_once);
    for (std::size_t i = first; i < last; ++i) ++done[i];
  });
  for (std::size_t i = 0; i < total; ++i) ASSERT_EQ(done[i], 1) << i << " of " << total;
}

TEST(Team, ComputesEachStretchOnce) {
  Team team;
  for (std::size_t round = 0; round < 2000; ++round) {
    expect_each_once(team, 1 + round % 4, round % 37, 1 + round % 5, round % 3 == 0 ? Team::Next::kLater : Team::Next::kSoon);
  }
}

TEST(Team, SeesWhatItsThreadsWrote) {
  Team team;
  std::vector<std::size_t> values(10'000);
  for (std::size_t round = 1; round <= 50; ++round) {
    team.share(3, values.size(), 64, Team::Next::kSoon, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) values[i] += i;
    });
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], i * round);
  }
}

TEST(Team, EndsWhileItsThreadsSleepAndWhileTheySpin) {
  for (const auto next : {Team::Next::kLater, Team::Next::kSoon}) {
    Team team;
    expect_each_once(team, 4, 8, 1, next);
  }
}

}  // namespace
}  // namespace sekisho::worker
