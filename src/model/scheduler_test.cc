#include "model/scheduler.h"

#include <numeric>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace sekisho::model {
namespace {

/// Starts and at once ends one request after the other; whose they were.
std::string order_of_service(Scheduler& scheduler) {
  std::string order;
  while (const auto ticket = scheduler.pop()) {
    order += ticket->actor;
    scheduler.finish(ticket->id, 100, ticket->cost_tokens);
  }
  return order;
}

TEST(Scheduler, ServesOneActorInTheOrderOfArrival) {
  Scheduler scheduler({.slots = 1});
  for (std::uint64_t id = 1; id <= 3; ++id) ASSERT_TRUE(scheduler.push({id, "山田", 100}));
  for (std::uint64_t id = 1; id <= 3; ++id) {
    const auto ticket = scheduler.pop();
    ASSERT_TRUE(ticket);
    EXPECT_EQ(ticket->id, id);
    EXPECT_FALSE(scheduler.pop()) << "the only slot is taken";
    scheduler.finish(id, 10, 100);
  }
  EXPECT_FALSE(scheduler.pop());
}

TEST(Scheduler, APersonWithManyRequestsDoesNotKeepOthersWaiting) {
  Scheduler scheduler({.slots = 1});
  std::uint64_t id = 0;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(scheduler.push({++id, "A", 1000}));
  ASSERT_TRUE(scheduler.push({++id, "B", 1000}));
  ASSERT_TRUE(scheduler.push({++id, "C", 1000}));
  EXPECT_EQ(order_of_service(scheduler), "ABCAAA");
}

TEST(Scheduler, CountsTokensAndNotRequests) {
  Scheduler scheduler({.slots = 1});
  std::uint64_t id = 0;
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(scheduler.push({++id, "L", 4000}));
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(scheduler.push({++id, "s", 1000}));
  // While L is served 4,000 tokens, s has four times 1,000; at a tie the one that came first goes first.
  EXPECT_EQ(order_of_service(scheduler), "LssssLssss");
}

TEST(Scheduler, RefusesWhatDoesNotFitWithTheNumbers) {
  Scheduler scheduler({.slots = 1, .queued = 3, .queued_per_actor = 2});
  ASSERT_TRUE(scheduler.push({1, "A", 1}));
  ASSERT_TRUE(scheduler.push({2, "A", 1}));
  const auto own = scheduler.push({3, "A", 1});
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().code, ErrorCode::kBusy);
  EXPECT_EQ(own.error().detail, "2 requests of this person wait already, at most 2");
  ASSERT_TRUE(scheduler.push({4, "B", 1}));
  const auto all = scheduler.push({5, "C", 1});
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().detail, "3 requests wait already, at most 3");
  EXPECT_TRUE(scheduler.push({5, "C", 1, true})) << "a turn that has begun goes on";
}

TEST(Scheduler, HasRoomAgainOnceOneWasStarted) {
  Scheduler scheduler({.slots = 1, .queued = 1});
  ASSERT_TRUE(scheduler.push({1, "A", 1}));
  ASSERT_FALSE(scheduler.push({2, "B", 1}));
  ASSERT_TRUE(scheduler.pop());
  EXPECT_TRUE(scheduler.push({2, "B", 1}));
}

TEST(Scheduler, LeavesASlotForANewcomer) {
  Scheduler scheduler({.slots = 3, .running_per_actor = 2});
  for (std::uint64_t id = 1; id <= 4; ++id) ASSERT_TRUE(scheduler.push({id, "A", 100}));
  EXPECT_TRUE(scheduler.pop());
  EXPECT_TRUE(scheduler.pop());
  EXPECT_FALSE(scheduler.pop()) << "a third one of the same person";
  ASSERT_TRUE(scheduler.push({9, "B", 100}));
  const auto newcomer = scheduler.pop();
  ASSERT_TRUE(newcomer);
  EXPECT_EQ(newcomer->actor, "B");
}

TEST(Scheduler, TheNextStepOfATurnThatHasBegunGoesFirstAndIsPaidLater) {
  Scheduler scheduler({.slots = 1});
  ASSERT_TRUE(scheduler.push({1, "A", 1000}));
  ASSERT_TRUE(scheduler.push({2, "B", 1000}));
  ASSERT_TRUE(scheduler.push({3, "A", 5000, true}));
  ASSERT_TRUE(scheduler.push({4, "C", 1000}));
  EXPECT_EQ(order_of_service(scheduler), "ABCA");
}

TEST(Scheduler, StoppingWhileQueuedFreesThePlaceAndCostsNothing) {
  Scheduler scheduler({.slots = 1});
  ASSERT_TRUE(scheduler.push({1, "A", 9000}));
  ASSERT_TRUE(scheduler.push({2, "A", 100}));
  ASSERT_TRUE(scheduler.push({3, "B", 5000}));
  ASSERT_TRUE(scheduler.push({4, "B", 100}));
  EXPECT_TRUE(scheduler.remove(1));
  EXPECT_FALSE(scheduler.remove(1));
  EXPECT_FALSE(scheduler.remove(77));
  EXPECT_EQ(scheduler.waiting(), 3U);
  EXPECT_EQ(order_of_service(scheduler), "ABB");
}

TEST(Scheduler, UnusedTokensAreGivenBack) {
  Scheduler scheduler({.slots = 1});
  for (std::uint64_t id = 1; id <= 4; ++id) ASSERT_TRUE(scheduler.push({id, id <= 2 ? "A" : "B", 1000}));
  const auto first = scheduler.pop();
  ASSERT_TRUE(first && first->actor == "A");
  scheduler.finish(first->id, 100, 10);
  const auto second = scheduler.pop();
  ASSERT_TRUE(second && second->actor == "B");
  scheduler.finish(second->id, 100, 1000);
  const auto third = scheduler.pop();
  ASSERT_TRUE(third);
  EXPECT_EQ(third->actor, "A") << "A has used 10 tokens, B 1,000";
}

TEST(Scheduler, PlacesAndWaitingTimesGrowAlongTheQueue) {
  Scheduler scheduler({.slots = 1});
  ASSERT_TRUE(scheduler.push({1, "A", 1000}));
  ASSERT_TRUE(scheduler.pop());
  scheduler.finish(1, 10'000, 1000);  // 100 tokens a second
  ASSERT_TRUE(scheduler.push({2, "A", 1000}));
  ASSERT_TRUE(scheduler.push({3, "B", 1000}));
  ASSERT_TRUE(scheduler.push({4, "C", 1000}));
  ASSERT_TRUE(scheduler.pop());
  const auto places = scheduler.places();
  ASSERT_EQ(places.size(), 2U);
  EXPECT_EQ(places[0].id, 3U);
  EXPECT_EQ(places[0].ahead, 0U);
  EXPECT_DOUBLE_EQ(places[0].estimate_s, 5);
  EXPECT_EQ(places[1].ahead, 1U);
  EXPECT_DOUBLE_EQ(places[1].estimate_s, 15);
}

TEST(Scheduler, EveryRequestIsServedOnceAndNobodyIsAheadByMoreThanOneRequest) {
  rc::check([] {
    const auto people = *rc::gen::inRange<std::size_t>(1, 6);
    Scheduler scheduler({.slots = 1, .queued = 1000, .queued_per_actor = 1000});
    const auto costs = *rc::gen::container<std::vector<std::int64_t>>(60, rc::gen::inRange<std::int64_t>(1, 3000));
    std::vector<std::size_t> waiting(people, 0);
    for (std::size_t i = 0; i < costs.size(); ++i) {
      RC_ASSERT(scheduler.push({i + 1, fmt::format("{}", i % people), costs[i]}).has_value());
      ++waiting[i % people];
    }
    std::vector<std::int64_t> served(people, 0);
    const auto expected_places = scheduler.places();
    std::size_t position = 0;
    while (const auto ticket = scheduler.pop()) {
      RC_ASSERT(ticket->id == expected_places[position++].id);
      const std::size_t person = std::stoul(ticket->actor);
      served[person] += ticket->cost_tokens;
      --waiting[person];
      scheduler.finish(ticket->id, 1, ticket->cost_tokens);
      for (std::size_t other = 0; other < people; ++other) {
        if (waiting[other] > 0) RC_ASSERT(served[person] - served[other] <= 3000);
      }
    }
    RC_ASSERT(position == costs.size());
  });
}

}  // namespace
}  // namespace sekisho::model
