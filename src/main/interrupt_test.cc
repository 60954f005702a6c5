#include "main/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <semaphore>

#include "main/outcome.h"

namespace sekisho::main {
namespace {

TEST(InterruptWatch, CallsInsteadOfEndingTheProcess) {
  std::binary_semaphore called(0);
  const InterruptWatch watch([&] { called.release(); });
  EXPECT_FALSE(watch.interrupted());
  ASSERT_EQ(kill(getpid(), SIGINT), 0);
  ASSERT_TRUE(called.try_acquire_for(std::chrono::seconds(20)));
  EXPECT_TRUE(watch.interrupted());
}

TEST(InterruptWatchDeathTest, EndsTheProcessTheSecondTime) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        std::binary_semaphore called(0);
        const InterruptWatch watch([&] { called.release(); });
        kill(getpid(), SIGINT);
        called.acquire();
        kill(getpid(), SIGINT);
        sleep(20);
      },
      testing::ExitedWithCode(kExitFailed), "");
}

}  // namespace
}  // namespace sekisho::main
