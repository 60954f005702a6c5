#include "worker/extract_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"

namespace sekisho::worker {
namespace {

using ::testing::ElementsAre;

struct Received {
  std::vector<Page> pages;
  std::vector<Note> notes;
  std::size_t bytes = 0;
  bool listens = true;

  ExtractOutput output() {
    return ExtractOutput({.page =
                              [this](const Page& page) {
                                bytes += page.text.size();
                                if (pages.size() < 10) pages.push_back(page);
                                return listens;
                              },
                          .note =
                              [this](const Note& note) {
                                notes.push_back(note);
                                return listens;
                              }});
  }
};

TEST(ExtractOutput, NumbersHeadingsByTheLinesThatAreLeft) {
  Received received;
  ExtractOutput output = received.output();
  EXPECT_TRUE(output.page(1, {{"　", 0}, {"第一章\n総則", 1}, {"", 0}, {"本文\x01です　", 0}, {"第二章", 12}}));
  ASSERT_EQ(received.pages.size(), 1U);
  EXPECT_EQ(received.pages[0].text, "第一章\n総則\n本文です\n第二章");
  EXPECT_THAT(received.pages[0].heading_lines, ElementsAre(0, 3));
  EXPECT_THAT(received.pages[0].heading_levels, ElementsAre(1, 9));
}

TEST(ExtractOutput, SendsALongPageInSeveralMessagesOfOneNumber) {
  Received received;
  ExtractOutput output = received.output();
  EXPECT_TRUE(output.page(7, {{std::string(limits::kExtractPageCharacters * 2, 'x'), 0}, {"終わり", 2}}));
  ASSERT_GE(received.pages.size(), 2U);
  for (const Page& page : received.pages) {
    EXPECT_EQ(page.number, 7);
    EXPECT_LE(page.text.size(), limits::kExtractPageCharacters);
  }
  EXPECT_TRUE(received.pages.back().text.ends_with("終わり"));
}

TEST(ExtractOutput, StopsAtTheLimitOfCharactersAndSaysSo) {
  Received received;
  ExtractOutput output = received.output();
  const std::vector<Line> page(1, {std::string(limits::kExtractPageCharacters - 1, 'x'), 0});
  int pages = 0;
  while (output.page(1, page)) ASSERT_LT(++pages, 1'000);
  EXPECT_LE(received.bytes, limits::kDocumentCharacters);
  EXPECT_GT(received.bytes, limits::kDocumentCharacters - limits::kExtractPageCharacters);
  ASSERT_EQ(received.notes.size(), 1U);
  EXPECT_EQ(received.notes[0].code, "truncated");
}

TEST(ExtractOutput, StopsAtTheLimitOfPages) {
  Received received;
  ExtractOutput output = received.output();
  EXPECT_TRUE(output.page(static_cast<std::int64_t>(limits::kDocumentPages), {{"最後", 0}}));
  EXPECT_FALSE(output.page(static_cast<std::int64_t>(limits::kDocumentPages) + 1, {{"余分", 0}}));
  EXPECT_EQ(received.pages.size(), 1U);
  EXPECT_EQ(received.notes[0].code, "truncated");
}

TEST(ExtractOutput, KeepsABoundedNumberOfNotes) {
  Received received;
  ExtractOutput output = received.output();
  for (std::size_t i = 0; i < limits::kExtractNotes * 2; ++i) output.note(1, "garbled");
  EXPECT_EQ(received.notes.size(), limits::kExtractNotes + 1);
  EXPECT_EQ(received.notes.back().code, "truncated");
}

TEST(ExtractOutput, StopsWhereNobodyListens) {
  Received received;
  received.listens = false;
  ExtractOutput output = received.output();
  EXPECT_FALSE(output.page(1, {{"本文", 0}}));
}

}  // namespace
}  // namespace sekisho::worker
