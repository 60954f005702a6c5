#include <atomic>
#include <set>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/id.h"
#include "base/result.h"
#include "base/worker_pool.h"

namespace sekisho {
namespace {

TEST(ErrorCode, HasANameThatLeadsBack) {
  for (const ErrorCode code : {ErrorCode::kInvalid, ErrorCode::kDenied, ErrorCode::kUnavailable, ErrorCode::kInternal}) {
    EXPECT_EQ(error_code_named(name_of(code)), code);
  }
  EXPECT_EQ(error_code_named("nonsense"), ErrorCode::kInternal);
}

TEST(Id, IsRandomAndReadsBack) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(ShelfId::random().text());
  EXPECT_EQ(seen.size(), 1000U);
  const auto parsed = ShelfId::parse(*seen.begin());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->text(), *seen.begin());
}

TEST(Id, RefusesOtherText) {
  for (const char* text : {"", "../../etc/passwd", "0123456789abcdefghjkmnpqr", "0123456789ABCDEFGHJKMNPQRS"}) {
    EXPECT_FALSE(ShelfId::parse(text)) << text;
  }
}

TEST(WorkerPool, FinishesWhatItAccepted) {
  std::atomic<int> done = 0;
  {
    WorkerPool pool({.threads = 2, .queue = 100});
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.submit([&] { ++done; }));
  }
  EXPECT_EQ(done, 50);
}

TEST(WorkerPool, RefusesWhenFull) {
  std::mutex gate;
  gate.lock();
  WorkerPool pool({.threads = 1, .queue = 1});
  int refused = 0;
  for (int i = 0; i < 5; ++i) {
    if (!pool.submit([&] { const std::lock_guard wait(gate); })) ++refused;
  }
  gate.unlock();
  EXPECT_GE(refused, 3);
}

TEST(FakeClock, MovesOnlyWhenTold) {
  FakeClock clock(1000);
  EXPECT_EQ(clock.wall_ms(), 1000);
  clock.advance_ms(5);
  EXPECT_EQ(clock.steady_ms(), 1005);
}

TEST(Guarded, GivesTheValueUnderItsLock) {
  Guarded<int> value(1);
  value.with([](int& v) { v += 2; });
  EXPECT_EQ(value.with([](int& v) { return v; }), 3);
}

}  // namespace
}  // namespace sekisho
