#include "main/turn_record.h"

#include <gtest/gtest.h>

#include <string>

#include "main/client_ask.h"

namespace sekisho::main {
namespace {

const char* const kSources =
    R"({"items":[{"number":1,"passage_id":"p1","document_id":"d1","document_name":"旅費規程.docx","shelf_id":"s1","shelf_name":"例規集","page":3,"path":"第12条","text":"日当は、一日につき2,200円とする。","level":1},)"
    R"({"number":2,"passage_id":"p2","document_id":"d2","document_name":"手引.pdf","shelf_id":"s1","shelf_name":"例規集","page":8,"path":"","text":"宿泊料は別に定める。","level":2}]})";
const char* const kDone =
    R"({"reason":"stop","model":"小","level":1,"level_name":"機密性1","supported":1,"needs_check":1,"not_found":false,"first_token_ms":500,"total_ms":2000})";

/// 「日当は2,200円です。」 (11 units) and 「𠮷野へは9月に行きます。」 (12 units, 𠮷 counts two).
TurnRecord answered() {
  TurnRecord record;
  std::uint64_t number = 0;
  const auto take = [&](const char* name, const std::string& data) { EXPECT_TRUE(record.take({++number, name, data}).has_value()) << name; };
  take("started", R"({"turn_id":"t1","conversation_id":"c1","title":"日当","model":"小"})");
  take("sources", kSources);
  take("label", R"({"level":1,"name":"機密性1","because_source":null})");
  take("reading", R"({"percent":40,"done_tokens":40,"total_tokens":100,"source":1})");
  take("text", R"({"at":0,"text":"日当は"})");
  take("text", R"({"at":3,"text":"2,200円です。"})");
  take("claim", R"({"start":0,"end":12,"check":"ok","sources":[1,2],"matched":["2,200円"],"missing":[]})");
  take("text", R"({"at":12,"text":"𠮷野へは9月に行きます。"})");
  take("claim", R"({"start":12,"end":25,"check":"needed","sources":[1],"matched":[],"missing":["9月","𠮷野"]})");
  take("done", kDone);
  return record;
}

std::string level_name(std::int64_t level) { return "機密性" + std::to_string(level); }

TEST(TurnRecord, AddsUpTheEventsOfATurn) {
  const TurnRecord record = answered();
  EXPECT_TRUE(record.ended());
  EXPECT_FALSE(record.not_found());
  EXPECT_EQ(record.answer, "日当は2,200円です。𠮷野へは9月に行きます。");
  EXPECT_EQ(record.last_number, 10U);
  EXPECT_EQ(record.cited(), std::set<std::int64_t>{1});
  EXPECT_EQ(record.part(0, 12), "日当は2,200円です。");
  EXPECT_EQ(record.part(12, 25), "𠮷野へは9月に行きます。");
  EXPECT_EQ(record.part(14, 100), "野へは9月に行きます。");
  EXPECT_EQ(record.to_json().text_or("conversation_id"), "c1");
}

TEST(TurnRecord, TakesNothingTwiceWhenAStreamIsReadOn) {
  TurnRecord record = answered();
  EXPECT_EQ(*record.take({8, "text", R"({"at":12,"text":"𠮷野へは9月に行きます。"})"}), "");
  EXPECT_EQ(record.claims.size(), 2U);
  // Joined by the server meanwhile: one event under a later number that begins with what is there.
  EXPECT_EQ(*record.take({11, "text", R"({"at":14,"text":"野へは9月に行きます。以上"})"}), "以上");
  EXPECT_EQ(record.answer, "日当は2,200円です。𠮷野へは9月に行きます。以上");
}

TEST(TurnRecord, ReadsATurnAgainThatWasNumberedAnew) {
  TurnRecord record = answered();
  const std::string before = record.answer;
  record.read_again();
  EXPECT_EQ(*record.take({1, "text", R"({"at":0,"text":"日当は2,200円です。𠮷野へは9月に行きます。"})"}), "");
  ASSERT_TRUE(record.take({2, "claim", R"({"start":0,"end":12,"check":"ok","sources":[1]})"}).has_value());
  EXPECT_EQ(record.answer, before);
  EXPECT_EQ(record.claims.size(), 1U);
}

TEST(TurnRecord, RefusesAnEventThatIsNoObject) {
  TurnRecord record;
  EXPECT_EQ(record.take({1, "text", "日当"}).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(record.take({1, "text", "[1]"}).error().code, ErrorCode::kCorrupt);
}

TEST(AnswerNotes, ListTheMarksAndTheCitedSources) {
  EXPECT_EQ(answer_notes(answered(), level_name),
            "裏付けあり 1文　要確認 1文　格付 機密性1\n"
            "  要確認「𠮷野へは9月に行きます。」（出典に見当たらない: 9月、𠮷野）\n"
            "出典\n"
            "  [1] 旅費規程.docx　第12条　3ページ　機密性1　書架「例規集」\n");
}

TEST(AnswerNotes, ShowTheNearestPassagesWhereTheDocumentsDoNotAnswer) {
  TurnRecord record;
  ASSERT_TRUE(record.take({1, "sources", kSources}).has_value());
  ASSERT_TRUE(record.take({2, "not_found", R"({"documents":2,"shelves":["例規集"],"nearest":[2]})"}).has_value());
  ASSERT_TRUE(record.take({3, "text", R"({"at":0,"text":"資料には見当たりません。"})"}).has_value());
  ASSERT_TRUE(record.take({4, "done", R"({"reason":"stop","level":2,"level_name":"","supported":0,"needs_check":0,"not_found":true})"}).has_value());
  EXPECT_TRUE(record.not_found());
  EXPECT_EQ(answer_notes(record, level_name),
            "格付 機密性2\n"
            "近い箇所\n"
            "  [2] 手引.pdf　8ページ　機密性2　書架「例規集」\n"
            "      宿泊料は別に定める。\n");
}

TEST(AnswerNotes, SayWithNumbersWhatWasNotRead) {
  TurnRecord record = answered();
  ASSERT_TRUE(record.take({11, "notice", R"({"code":"passages_left_out","read":3,"found":5})"}).has_value());
  EXPECT_NE(answer_notes(record, level_name).find("5か所のうち3か所を読みました"), std::string::npos);
}

TEST(AnswerNotes, SayWhatWasFoundOfPeople) {
  TurnRecord record = answered();
  ASSERT_TRUE(record.take({11, "notice", R"({"code":"personal_question","kinds":"個人番号","count":1,"action":"warn","raised_to":"機密性2"})"}).has_value());
  EXPECT_NE(answer_notes(record, level_name).find("質問に個人番号（1件）が含まれています。会話の格付を「機密性2」に上げました。"), std::string::npos);
  ASSERT_TRUE(record.take({12, "notice", R"({"code":"personal_answer","kinds":"電話番号","count":2,"action":"mask"})"}).has_value());
  EXPECT_NE(answer_notes(record, level_name).find("回答に電話番号（2件）が含まれています。種類の名前に置き換えました。"), std::string::npos);
}

TEST(TurnRecord, KeepsTheReasonOfAFailure) {
  TurnRecord record;
  ASSERT_TRUE(record.take({1, "failed", R"({"code":"unavailable","detail":"the worker died"})"}).has_value());
  EXPECT_TRUE(record.ended());
  EXPECT_EQ(record.failed->code, ErrorCode::kUnavailable);
  EXPECT_EQ(record.to_json().find("error")->text_or("detail"), "the worker died");
}

}  // namespace
}  // namespace sekisho::main
