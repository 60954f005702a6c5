#include "chat/event.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/limits.h"

namespace sekisho::chat {
namespace {

Json text(std::string words, std::int64_t at = 0) { return Json::object({{"at", at}, {"text", std::move(words)}}); }

std::string all_text(const EventLog& log) {
  std::string whole;
  for (std::int64_t after = 0;;) {
    const auto read = log.read(after);
    for (const Event& event : read.events) {
      after = event.number;
      if (event.name == "text") whole += Json::parse(event.data)->text_or("text");
    }
    if (read.events.empty()) return whole;
  }
}

TEST(EventLog, NumbersFromOneAndReadsOnByNumber) {
  EventLog log;
  log.append("started", Json::object());
  log.append("text", text("令和"));
  log.append("text", text("7年", 2));
  const auto all = log.read(0);
  ASSERT_EQ(all.events.size(), 3U);
  EXPECT_EQ(all.events[0].number, 1);
  const auto rest = log.read(2);
  ASSERT_EQ(rest.events.size(), 1U);
  EXPECT_EQ(rest.events[0].data, R"({"at":2,"text":"7年"})");
  EXPECT_FALSE(rest.closed);
}

TEST(EventLog, SaysWhenNothingFollows) {
  EventLog log;
  log.append("text", text("a"));
  log.close();
  log.append("text", text("b"));
  EXPECT_TRUE(log.read(0).closed);
  EXPECT_EQ(all_text(log), "a");
  EXPECT_FALSE(log.read(0, 0).closed);
}

TEST(EventLog, StaysBelowItsLimitAndLosesNoText) {
  EventLog log;
  std::string expected;
  const std::string piece(500, 'x');
  for (int i = 0; i < 1500; ++i) {
    log.append("reading", Json::object({{"percent", i % 100}}));
    log.append("text", text(std::to_string(i) + piece));
    expected += std::to_string(i) + piece;
  }
  EXPECT_LE(log.bytes(), static_cast<std::int64_t>(limits::kEventBufferBytes) + 4096);
  EXPECT_EQ(all_text(log), expected);
}

TEST(EventLog, WakesAWaitingReader) {
  EventLog log;
  std::thread writer([&] { log.append("text", text("着")); });
  const auto read = log.wait(0, 10'000);
  writer.join();
  ASSERT_EQ(read.events.size(), 1U);
}

TEST(EventLog, CallsListenersUntilTheyGo) {
  EventLog log;
  int calls = 0;
  auto token = log.listen([&] { ++calls; });
  log.append("text", text("a"));
  token.reset();
  log.append("text", text("b"));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace sekisho::chat
