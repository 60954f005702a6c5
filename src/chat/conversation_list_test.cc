#include "chat/conversation_list.h"

#include <set>
#include <string>
#include <vector>

#include "chat/test_talk.h"

namespace sekisho::chat {
namespace {

class ConversationListTest : public Talk {
 protected:
  std::vector<std::string> titles(const gate::Actor& actor, const ListRequest& request = {}) {
    std::vector<std::string> titles;
    const auto page = list_.list(actor, request);
    EXPECT_TRUE(page);
    for (const ConversationHead& head : page->items) titles.push_back(head.title);
    return titles;
  }
};

using Titles = std::vector<std::string>;

TEST_F(ConversationListTest, ListsOnesOwnNewestFirstAndPinnedOnesBeforeThem) {
  const auto greeting = say(saeki_, "敬老会のあいさつ文", "案です。");
  say(saeki_, "旅費の計算", "答えです。");
  say(kudo_, "道路占用の書類", "答えです。");
  EXPECT_EQ(titles(saeki_), (Titles{"旅費の計算", "敬老会のあいさつ文"}));
  ASSERT_TRUE(list_.change(saeki_, greeting.conversation, {.pinned = true}));
  EXPECT_EQ(titles(saeki_), (Titles{"敬老会のあいさつ文", "旅費の計算"}));
  EXPECT_EQ(titles(kudo_), (Titles{"道路占用の書類"}));
}

TEST_F(ConversationListTest, PagesByCursorGiveEachConversationOnce) {
  std::vector<std::string> all;
  for (int i = 0; i < 25; ++i) {
    const auto turn = say(saeki_, "質問" + std::to_string(i), "答え");
    if (i % 8 == 0) {
      ASSERT_TRUE(list_.change(saeki_, turn.conversation, {.pinned = true}));
    }
  }
  ListRequest request{.limit = 7};
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = list_.list(saeki_, request);
    ASSERT_TRUE(page);
    EXPECT_LE(page->items.size(), 7U);
    for (const ConversationHead& head : page->items) all.push_back(head.title);
    request.after = page->next;
    if (page->next.empty()) break;
  }
  EXPECT_EQ(all.size(), 25U);
  EXPECT_EQ(all.front(), "質問24");  // Pinned, and the newest of those.
  EXPECT_EQ(all[1], "質問16");
  EXPECT_EQ(all[4], "質問23");
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 25U);
}

TEST_F(ConversationListTest, TheArchivedAndTheDeletedHaveListsOfTheirOwn) {
  const auto old = say(saeki_, "去年の質問", "答え");
  const auto gone = say(saeki_, "誤って消した質問", "答え");
  say(saeki_, "今の質問", "答え");
  ASSERT_TRUE(list_.change(saeki_, old.conversation, {.pinned = true, .archived = true}));
  ASSERT_TRUE(list_.remove(saeki_, gone.conversation));
  EXPECT_EQ(titles(saeki_), (Titles{"今の質問"}));
  EXPECT_EQ(titles(saeki_, {.view = View::kArchived}), (Titles{"去年の質問"}));
  EXPECT_EQ(titles(saeki_, {.view = View::kDeleted}), (Titles{"誤って消した質問"}));
  EXPECT_FALSE(list_.list(saeki_, {.view = View::kArchived})->items.front().pinned);
}

TEST_F(ConversationListTest, ADeletedConversationOpensForNobodyAndComesBackWhole) {
  const auto turn = say(saeki_, "旅費の計算", "答えです。");
  ASSERT_TRUE(list_.remove(saeki_, turn.conversation));
  EXPECT_EQ(conversations_.get(saeki_, turn.conversation).error().code, ErrorCode::kDenied);
  EXPECT_EQ(conversations_.turn(saeki_, turn.id).error().code, ErrorCode::kDenied);
  EXPECT_EQ(list_.remove(saeki_, turn.conversation).error().code, ErrorCode::kDenied);
  EXPECT_EQ(list_.restore(kudo_, turn.conversation).error().code, ErrorCode::kDenied);
  ASSERT_TRUE(list_.restore(saeki_, turn.conversation));
  EXPECT_EQ(titles(saeki_), (Titles{"旅費の計算"}));
  EXPECT_TRUE(conversations_.turn(saeki_, turn.id));
  EXPECT_EQ(list_.restore(saeki_, turn.conversation).error().code, ErrorCode::kDenied);
  EXPECT_EQ(entries("conversation.restored").size(), 1U);
}

TEST_F(ConversationListTest, WhatWasDeletedIsSweptWhenItsTimeIsOverAndNotBefore) {
  const auto turn = say(saeki_, "旅費の計算", "答えです。");
  const auto other = say(saeki_, "残る質問", "答えです。");
  ASSERT_TRUE(list_.remove(saeki_, turn.conversation));
  clock_.advance_ms(ConversationList::kDeletedKept_ms - 1);
  EXPECT_EQ(list_.sweep().value(), 0);
  clock_.advance_ms(2);
  EXPECT_EQ(list_.sweep().value(), 1);
  EXPECT_EQ(list_.restore(saeki_, turn.conversation).error().code, ErrorCode::kDenied);
  EXPECT_EQ(count("turn"), 1);
  EXPECT_TRUE(conversations_.get(saeki_, other.conversation));
  EXPECT_EQ(entries("conversation.swept").size(), 1U);
}

TEST_F(ConversationListTest, ForeverIsAtOnce) {
  const auto turn = say(saeki_, "旅費の計算", "答えです。");
  EXPECT_EQ(list_.purge(kudo_, turn.conversation).error().code, ErrorCode::kDenied);
  ASSERT_TRUE(list_.purge(saeki_, turn.conversation));
  EXPECT_EQ(count("conversation"), 0);
  EXPECT_EQ(count("turn"), 0);
}

TEST_F(ConversationListTest, NothingIsDeletedWhileItsAnswerIsBeingWritten) {
  StoredTurn turn;
  turn.id = TurnId::random();
  turn.question = "長い質問";
  ASSERT_TRUE(conversations_.begin_turn(saeki_, turn));
  EXPECT_EQ(list_.remove(saeki_, turn.conversation).error().code, ErrorCode::kConflict);
  EXPECT_EQ(list_.purge(saeki_, turn.conversation).error().code, ErrorCode::kConflict);
}

TEST_F(ConversationListTest, AFolderHoldsConversationsAndLetsThemGoWhenItIsDeleted) {
  const auto turn = say(saeki_, "議会の想定問答", "案です。");
  say(saeki_, "ほかの質問", "答え");
  const auto folder = list_.make_folder(saeki_, "議会");
  ASSERT_TRUE(folder);
  EXPECT_EQ(list_.make_folder(saeki_, "議会").error().code, ErrorCode::kConflict);
  EXPECT_EQ(list_.make_folder(saeki_, "").error().code, ErrorCode::kInvalid);
  EXPECT_TRUE(list_.make_folder(kudo_, "議会"));  // Another person's names are their own.
  ASSERT_TRUE(list_.change(saeki_, turn.conversation, {.folder = folder->id}));
  EXPECT_EQ(titles(saeki_, {.folder = folder->id}), (Titles{"議会の想定問答"}));
  EXPECT_EQ(list_.list(saeki_, {})->folders.front().conversations, 1);
  EXPECT_EQ(list_.rename_folder(saeki_, folder->id, "議会対応")->name, "議会対応");
  ASSERT_TRUE(list_.remove_folder(saeki_, folder->id));
  EXPECT_EQ(titles(saeki_).size(), 2U);
  EXPECT_FALSE(list_.list(saeki_, {})->items.front().folder);
}

TEST_F(ConversationListTest, AnothersFolderIsNotThere) {
  const auto turn = say(saeki_, "質問", "答え");
  const auto folder = list_.make_folder(kudo_, "道路");
  EXPECT_EQ(list_.change(saeki_, turn.conversation, {.folder = folder->id}).error().code, ErrorCode::kDenied);
  EXPECT_EQ(list_.change(kudo_, turn.conversation, {.title = "奪う"}).error().code, ErrorCode::kDenied);
  EXPECT_EQ(list_.remove_folder(saeki_, folder->id).error().code, ErrorCode::kDenied);
  EXPECT_TRUE(titles(saeki_, {.folder = folder->id}).empty());
}

TEST_F(ConversationListTest, AConversationAboveTheOwnersClearanceIsNotListed) {
  say(saeki_, "読めた質問", "答え", {}, gate::Label(gate::Level{2}));
  EXPECT_EQ(titles(saeki_).size(), 1U);
  gate::Actor lowered = saeki_;
  lowered.clearance = gate::Level{1};
  EXPECT_TRUE(titles(lowered).empty());
}

TEST_F(ConversationListTest, PlacesAreTheWholeTreeAndTurnsAStretchOfIt) {
  const auto first = say(saeki_, "一つ目", "答え");
  for (int i = 0; i < 9; ++i) say(saeki_, "続き" + std::to_string(i), "答え", first.conversation);
  EXPECT_EQ(conversations_.places(saeki_, first.conversation)->size(), 10U);
  EXPECT_FALSE(conversations_.places(kudo_, first.conversation));
  const auto turns = conversations_.turns(saeki_, first.conversation, {.after = 7, .count = 2});
  const auto permit = gate_.admit(saeki_, turns->label(), gate::Destination::screen(), {"conversation", {}, Json::object()});
  ASSERT_EQ(turns->open(*permit).size(), 2U);
  EXPECT_EQ(turns->open(*permit).front().question, "続き6");
}

}  // namespace
}  // namespace sekisho::chat
