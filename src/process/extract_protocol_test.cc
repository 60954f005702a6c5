#include "process/extract_protocol.h"

#include <gtest/gtest.h>

namespace sekisho::process::extract {
namespace {

Json parsed(const Json& json) {
  auto again = Json::parse(json.dump());
  EXPECT_TRUE(again.has_value());
  return again.value_or(Json());
}

TEST(ExtractProtocol, CarriesEachMessageUnchanged) {
  const auto page_back = page(parsed(to_json(Page{3, "別表", "第一章　総則\n本文", {0}, {1}, 87})));
  ASSERT_TRUE(page_back.has_value());
  EXPECT_EQ(page_back->text, "第一章　総則\n本文");
  EXPECT_EQ(page_back->heading_levels, std::vector<std::int64_t>{1});
  EXPECT_EQ(page_back->confidence, 87);
  const auto end_back = end(parsed(to_json(End{"csv", "cp932", "予算", 2})));
  ASSERT_TRUE(end_back.has_value());
  EXPECT_EQ(end_back->encoding, "cp932");
  EXPECT_EQ(note(parsed(to_json(Note{2, "image_only", ""})))->code, "image_only");
  EXPECT_EQ(request(parsed(to_json(Request{"規則.pdf", "cp932", "秘密"})))->file_name, "規則.pdf");
}

TEST(ExtractProtocol, RefusesWhatAWorkerShouldNeverSay) {
  EXPECT_FALSE(page(to_json(Page{0, "", "x", {}, {}})).has_value());
  EXPECT_FALSE(page(to_json(Page{5'001, "", "x", {}, {}})).has_value());
  EXPECT_FALSE(page(to_json(Page{1, "", "x", {}, {}, 101})).has_value());
  EXPECT_FALSE(page(to_json(Page{1, "", "一行だけ", {1}, {1}})).has_value());
  EXPECT_FALSE(page(to_json(Page{1, "", "x", {0}, {}})).has_value());
  EXPECT_FALSE(page(to_json(Page{1, "", "a\nb", {1, 0}, {1, 1}})).has_value());
  EXPECT_FALSE(page(to_json(Page{1, "", std::string(limits::kExtractPageCharacters + 1, 'x'), {}, {}})).has_value());
  EXPECT_FALSE(note(to_json(Note{0, "<script>", ""})).has_value());
  EXPECT_FALSE(end(to_json(End{"", "", "", 1})).has_value());
  EXPECT_FALSE(request(to_json(Request{"a.txt", "latin-1", ""})).has_value());
}

}  // namespace
}  // namespace sekisho::process::extract
