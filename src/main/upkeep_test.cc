#include "main/upkeep.h"

#include <gtest/gtest.h>

#include <latch>

namespace sekisho::main {
namespace {

TEST(Upkeep, DoesEachDutyAgainAndAgain) {
  int often = 0;
  int seldom = 0;
  std::latch done(2);
  {
    const Upkeep upkeep({{1, [&] { if (++often == 3) done.count_down(); }}, {2, [&] { if (++seldom == 2) done.count_down(); }}});
    done.wait();
  }
  EXPECT_GE(often, 3);
  EXPECT_GE(seldom, 2);
}

TEST(Upkeep, EndsWithoutWaitingForWhatIsNotDue) {
  bool worked = false;
  { const Upkeep upkeep({{3'600'000, [&] { worked = true; }}}); }
  EXPECT_FALSE(worked);
}

TEST(Upkeep, MayHaveNothingToDo) { const Upkeep upkeep({}); }

}  // namespace
}  // namespace sekisho::main
