#include "http/static_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace sekisho::http {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "sekisho-page-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    fs::create_directories(folder_ / "assets");
    write("index.html", "<!doctype html><title>関所</title>");
    write("assets/app-1a2b3c4d.js", "console.log('予算')");
    write("assets/app-1a2b3c4d.js.gz", "zipped");
    fs::create_symlink("/etc/passwd", folder_ / "secret.txt");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) const { std::ofstream(folder_ / name) << text; }

  [[nodiscard]] Response get(std::vector<std::string> segments, Headers headers = {}) const {
    auto files = StaticFiles::load(folder_, {.page_security_policy = "default-src 'self'"});
    EXPECT_TRUE(files.has_value());
    Request request;
    request.segments = std::move(segments);
    request.headers = std::move(headers);
    return files->serve(request);
  }

  fs::path folder_;
};

TEST_F(StaticFilesTest, ServesHashedFilesForEverAndZippedToThoseWhoTakeIt) {
  const Response plain = get({"assets", "app-1a2b3c4d.js"});
  EXPECT_EQ(plain.body_view(), "console.log('予算')");
  EXPECT_EQ(plain.headers.get("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(plain.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(plain.headers.get("Vary"), "Accept-Encoding");
  const Response zipped = get({"assets", "app-1a2b3c4d.js"}, {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(zipped.body_view(), "zipped");
  EXPECT_EQ(zipped.headers.get("Content-Encoding"), "gzip");
  EXPECT_NE(zipped.headers.get("ETag"), plain.headers.get("ETag"));
}

TEST_F(StaticFilesTest, AnswersAKnownETagWithoutABody) {
  const std::string etag(*get({"index.html"}).headers.get("ETag"));
  const Response again = get({"index.html"}, {{"If-None-Match", "\"other\", " + etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.headers.get("Content-Security-Policy"), get({"index.html"}).headers.get("Content-Security-Policy"));
  EXPECT_TRUE(again.headers.get("Content-Security-Policy").has_value());
  EXPECT_TRUE(again.body_view().empty());
  EXPECT_EQ(get({"index.html"}, {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST_F(StaticFilesTest, GivesThePageForItsOwnRoutesButNotForTheApiOrAMissingFile) {
  EXPECT_EQ(get({""}).body_view(), "<!doctype html><title>関所</title>");
  EXPECT_EQ(get({"chat", "123"}).headers.get("Content-Security-Policy"), "default-src 'self'");
  EXPECT_EQ(get({"api", "v1", "nothing"}).status, 404);
  EXPECT_EQ(get({"assets", "app-00000000.js"}).status, 404);
}

TEST_F(StaticFilesTest, FollowsNoLinkOutOfItsFolder) {
  EXPECT_EQ(get({"secret.txt"}).body_view(), "<!doctype html><title>関所</title>");
}

TEST_F(StaticFilesTest, RefusesAFolderWithoutAPageOrTooLarge) {
  EXPECT_EQ(StaticFiles::load(folder_, {.max_bytes = 10}).error().code, ErrorCode::kTooLarge);
  fs::remove(folder_ / "index.html");
  EXPECT_EQ(StaticFiles::load(folder_).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(StaticFiles::load(folder_ / "none").error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace sekisho::http
