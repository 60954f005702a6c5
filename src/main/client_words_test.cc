#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "main/client_add.h"
#include "main/client_search.h"
#include "main/client_shelf.h"
#include "main/document_words.h"
#include "main/remote.h"

namespace sekisho::main {
namespace {

namespace fs = std::filesystem;

std::string level_name(std::int64_t level) { return "機密性" + std::to_string(level); }

Json parse(const char* text) {
  auto json = Json::parse(text);
  EXPECT_TRUE(json.has_value()) << text;
  return *std::move(json);
}

const char* const kShelves =
    R"({"items":[{"id":"a1","name":"例規集","level":1,"readers":[["総務課","福祉課"],["正職員"]],"documents":3,"passages":41,"reading":1,"failed":2},)"
    R"({"id":"b2","name":"議事録","level":2,"readers":[],"documents":0,"passages":0,"reading":0,"failed":0},)"
    R"({"id":"c3","name":"議事録","level":2,"readers":[["議会"]],"documents":0,"passages":0,"reading":0,"failed":0}]})";

TEST(FindShelf, KnowsAShelfByNameAndById) {
  const Json shelves = parse(kShelves);
  EXPECT_EQ(find_shelf(shelves, "例規集")->text_or("id"), "a1");
  EXPECT_EQ(find_shelf(shelves, "c3")->text_or("name"), "議事録");
}

TEST(FindShelf, RefusesANameThatSeveralHaveAndNamesTheirIds) {
  const auto shelf = find_shelf(parse(kShelves), "議事録");
  ASSERT_FALSE(shelf.has_value());
  EXPECT_EQ(shelf.error().exit, kExitUsage);
  EXPECT_NE(shelf.error().words.find("b2、c3"), std::string::npos);
}

TEST(FindShelf, TellsNotThereFromNotAllowedInNoWay) {
  const auto shelf = find_shelf(parse(kShelves), "人事");
  ASSERT_FALSE(shelf.has_value());
  EXPECT_EQ(shelf.error().code, ErrorCode::kDenied);
  EXPECT_EQ(shelf.error().exit, kExitFailed);
}

TEST(ShelvesWords, SayWhoMayReadAndWhatIsNotReadYet) {
  const std::string words = shelves_words(parse(kShelves), level_name);
  EXPECT_NE(words.find("例規集　機密性1　文書3件、41か所、読み取り中1件、読めない文書2件　読める所属: 総務課・福祉課 かつ 正職員　a1\n"), std::string::npos) << words;
  EXPECT_NE(words.find("議事録　機密性2　文書0件、0か所　読める所属: 全職員　b2\n"), std::string::npos) << words;
}

TEST(SearchWords, ShowThePlaceAndTheBeginningOfEachPassage) {
  const Json answer = parse(
      R"({"items":[{"passage_id":"p1","document_name":"旅費規程.docx","shelf_name":"例規集","page":3,"path":"第12条","text":"日当は、\n2,200円とする。","score":1.5,"level":1,)"
      R"("shares":{"words":0.8,"bigrams":0.5,"pairs":0.2},"matched":["日当"]}],"shelves":["例規集"],"documents":3})");
  EXPECT_EQ(search_words(answer, level_name),
            "  1. 旅費規程.docx　第12条　3ページ　機密性1　書架「例規集」\n"
            "     点数 1.500 ＝ 語 0.800 ＋ 2文字 0.500 ＋ 語の組 0.200　一致: 日当\n"
            "     日当は、 2,200円とする。\n");
}

TEST(SearchWords, SayWhereNothingWasFound) {
  EXPECT_NE(search_words(parse(R"({"items":[],"shelves":["例規集"],"documents":3})"), level_name).find("書架「例規集」の3件を調べました"), std::string::npos);
  EXPECT_NE(search_words(parse(R"({"items":[],"shelves":[],"documents":0})"), level_name).find("書架がありません"), std::string::npos);
}

TEST(DocumentWords, SayPageByPageWhatCouldNotBeRead) {
  const Json document = parse(
      R"({"name":"予算.pdf","state":"ready","pages":12,"passages":30,"error":null,"notes":[{"page":2,"code":"image_only","detail":""},)"
      R"({"page":0,"code":"macros_ignored","detail":""},{"page":5,"code":"image_only","detail":""}]})");
  EXPECT_EQ(document_words(document),
            "  ✓ 予算.pdf　30か所（12ページ）\n"
            "      2、5ページ: 画像のため、文字として読めません。\n"
            "      文書の全体: マクロは読みません。\n");
}

TEST(DocumentWords, SayWhyADocumentFailedAndWhatToDo) {
  EXPECT_EQ(document_words(parse(R"({"name":"古い.jtd","state":"failed","error":{"code":"unsupported","detail":"ichitaro"},"notes":[]})")),
            "  ✗ 古い.jtd　一太郎の文書は読み取れません。Word（docx）又はPDFで保存し、追加し直してください。\n");
  EXPECT_NE(document_words(parse(R"({"name":"a.pdf","state":"failed","error":{"code":"新しい","detail":""}})")).find("（新しい）"), std::string::npos);
}

TEST(DocumentWords, KnowWhenReadingIsOver) {
  EXPECT_TRUE(is_settled(parse(R"({"state":"ready"})")));
  EXPECT_TRUE(is_settled(parse(R"({"state":"failed"})")));
  EXPECT_FALSE(is_settled(parse(R"({"state":"reading"})")));
  EXPECT_FALSE(is_settled(parse(R"({"state":"waiting"})")));
}

class FilesOfTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "sekisho-files-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    fs::create_directories(folder_ / "例規/古い");
    for (const char* name : {"例規/乙.txt", "例規/甲.txt", "例規/.隠し", "例規/古い/丙.txt"}) std::ofstream(folder_ / name) << "x";
    fs::create_directory_symlink(folder_, folder_ / "例規/輪");
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(FilesOfTest, WalksAFolderInOrderWithoutHiddenFilesAndLinks) {
  const auto files = files_of({folder_ / "例規"}, true);
  ASSERT_TRUE(files.has_value()) << files.error().words;
  EXPECT_EQ(*files, (std::vector<fs::path>{folder_ / "例規/乙.txt", folder_ / "例規/古い/丙.txt", folder_ / "例規/甲.txt"}));
}

TEST_F(FilesOfTest, RefusesAFolderUnlessAskedToWalkIt) {
  const auto files = files_of({folder_ / "例規"}, false);
  ASSERT_FALSE(files.has_value());
  EXPECT_EQ(files.error().exit, kExitUsage);
  EXPECT_NE(files.error().words.find("--recursive"), std::string::npos);
}

TEST_F(FilesOfTest, RefusesWhatIsNotThere) {
  EXPECT_FALSE(files_of({folder_ / "ない.txt"}, true).has_value());
  fs::create_directory(folder_ / "空");
  EXPECT_FALSE(files_of({folder_ / "空"}, true).has_value());
}

}  // namespace
}  // namespace sekisho::main
