#include "http/event_parser.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/limits.h"

namespace sekisho::http {
namespace {

std::vector<ReceivedEvent> all(EventParser& parser) {
  std::vector<ReceivedEvent> events;
  while (auto event = parser.next()) events.push_back(*std::move(event));
  return events;
}

TEST(EventParser, ReadsTheSameEventsHoweverTheBytesAreCut) {
  const std::string stream = "\xEF\xBB\xBFid: 7\nevent: text\ndata: 予算は\ndata: 三億円\n\n: 静か\r\n\r\nid: 8\r\nevent:done\r\ndata:{}\r\n\r\n";
  for (const std::size_t step : {1UL, 2UL, 3UL, 7UL, stream.size()}) {
    EventParser parser;
    for (std::size_t i = 0; i < stream.size(); i += step) ASSERT_TRUE(parser.feed(std::string_view(stream).substr(i, step)));
    const auto events = all(parser);
    ASSERT_EQ(events.size(), 2U) << step;
    EXPECT_EQ(events[0].id, 7U);
    EXPECT_EQ(events[0].name, "text");
    EXPECT_EQ(events[0].data, "予算は\n三億円");
    EXPECT_EQ(events[1].id, 8U);
    EXPECT_EQ(events[1].name, "done");
    EXPECT_EQ(events[1].data, "{}");
  }
}

TEST(EventParser, KeepsTheLastNumberAndPassesOverWhatIsNoEvent) {
  EventParser parser;
  ASSERT_TRUE(parser.feed("id: 3\n\nevent: text\n\nid: x\nretry: 10\ndata: a\n\ndata\n\n"));
  const auto events = all(parser);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].id, 3U);
  EXPECT_EQ(events[0].name, "message");
  EXPECT_EQ(events[0].data, "a");
  EXPECT_EQ(events[1].data, "");
}

TEST(EventParser, GivesNothingForAnEventThatIsNotWhole) {
  EventParser parser;
  ASSERT_TRUE(parser.feed("data: 途中\n"));
  EXPECT_FALSE(parser.next().has_value());
}

TEST(EventParser, RefusesAnEndlessEvent) {
  EventParser parser;
  ASSERT_TRUE(parser.feed("data: "));
  const auto fed = parser.feed(std::string(limits::kClientEventBytes + 1, 'x'));
  ASSERT_FALSE(fed.has_value());
  EXPECT_EQ(fed.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace sekisho::http
