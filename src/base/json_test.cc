#include "base/json.h"

#include <gtest/gtest.h>

namespace sekisho {
namespace {

TEST(Json, ReadsBackWhatItWrites) {
  const std::string text = R"({"質問":"予算は\n\"いくら\"ですか","n":[1,-2.5,true,null],"空":{}})";
  const auto json = Json::parse(text);
  ASSERT_TRUE(json) << json.error().detail;
  EXPECT_EQ(json->dump(), text);
}

TEST(Json, RefusesTheSameKeyTwice) {
  const auto json = Json::parse(R"({"a":1,"b":2,"a":3})");
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, ErrorCode::kInvalid);
}

TEST(Json, RefusesDeepNesting) {
  const std::string deep(100'000, '[');
  EXPECT_FALSE(Json::parse(deep));
  EXPECT_TRUE(Json::parse(std::string(20, '[') + std::string(20, ']')));
}

TEST(Json, RefusesTooManyBytesWithTheNumbers) {
  const auto json = Json::parse("\"" + std::string(200, 'x') + "\"", 100);
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, ErrorCode::kTooLarge);
  EXPECT_NE(json.error().detail.find("100"), std::string::npos);
}

TEST(Json, RefusesInvalidUtf8TrailingTextAndHugeNumbers) {
  EXPECT_FALSE(Json::parse("\"\xFF\""));
  EXPECT_FALSE(Json::parse("{} x"));
  EXPECT_FALSE(Json::parse("1e999"));
  EXPECT_FALSE(Json::parse(""));
  EXPECT_FALSE(Json::parse("{\"a\":1"));
}

TEST(Json, WritesReplacementCharactersForBadBytes) { EXPECT_EQ(Json("a\xC0z").dump(), "\"a\xEF\xBF\xBDz\""); }

TEST(JsonReader, NamesThePathOfWhatIsWrong) {
  const auto json = Json::parse(R"({"title":7})");
  JsonReader reader(*json, "$.shelf");
  reader.text("title");
  const auto done = reader.finish();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, "$.shelf.title: must be a string");
}

TEST(JsonReader, RefusesUnknownMembers) {
  const auto json = Json::parse(R"({"title":"予算","level":2,"admin":true})");
  JsonReader reader(*json);
  EXPECT_EQ(reader.text("title"), "予算");
  EXPECT_EQ(reader.integer("level", {.min = 1, .max = 3}), 2);
  const auto done = reader.finish();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, "$.admin: is not known here");
}

TEST(JsonReader, CountsCharactersNotBytes) {
  const auto json = Json::parse(R"({"a":"予算書"})");
  JsonReader fits(*json);
  EXPECT_EQ(fits.text("a", {.max_characters = 3}), "予算書");
  EXPECT_TRUE(fits.finish());
  JsonReader over(*json);
  over.text("a", {.max_characters = 2});
  const auto done = over.finish();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kTooLarge);
}

TEST(JsonReader, RefusesWhatIsNoObject) {
  const Json json("text");
  JsonReader reader(json);
  reader.text("a");
  EXPECT_FALSE(reader.finish());
}

}  // namespace
}  // namespace sekisho
