#include "model/model_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "fakes/tiny_gguf.h"
#include "model/model_fetch.h"

namespace sekisho::model {
namespace {

namespace fs = std::filesystem;

class ModelCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / fmt::format("sekisho_cache_{}", ::getpid());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static void write(const fs::path& path, std::string_view bytes) { std::ofstream(path, std::ios::binary) << bytes; }

  /// A catalog of one model, which lies in a file beside it.
  Catalog catalog_of(const std::string& bytes) {
    write(folder_ / "source.gguf", bytes);
    std::ostringstream toml;
    toml << "[[model]]\nname = \"tiny\"\nuse = \"default\"\nfamily = \"qwen2.5\"\ncontext_tokens = 128\nlicence = \"Apache-2.0\"\n"
         << "size_bytes = " << bytes.size() << "\nsha256 = \"" << crypto::sha256(bytes).hex() << "\"\n"
         << "[[model.source]]\nkind = \"file\"\npath = \"" << (folder_ / "source.gguf").string() << "\"\n";
    write(folder_ / "catalog.toml", toml.str());
    return Catalog::load(folder_ / "catalog.toml").value();
  }
  FetchOptions fetch_options() { return {SEKISHO_SOURCE_DIR "/tools/fetch_model", folder_ / "catalog.toml", folder_ / "cache", "tiny"}; }

  fs::path folder_;
  const std::string bytes_ = TinyModel().build();
};

TEST_F(ModelCacheTest, FetchesIntoTheCacheByHashAndAdmits) {
  const ModelCache cache(catalog_of(bytes_), folder_ / "cache");
  EXPECT_EQ(cache.admit("tiny").error().code, ErrorCode::kUnavailable);
  std::int64_t last_bytes = 0;
  const auto path = fetch_model(fetch_options(), [&](const FetchProgress& p) { last_bytes = p.done_bytes; });
  ASSERT_TRUE(path) << path.error().detail;
  EXPECT_EQ(*path, folder_ / "cache/models" / (crypto::sha256(bytes_).hex() + ".gguf"));
  EXPECT_GT(last_bytes, 0);
  const auto model = cache.admit("default", [](std::int64_t, std::int64_t) { FAIL() << "its stamp is known: not read again"; });
  ASSERT_TRUE(model) << model.error().detail;
  EXPECT_EQ(model->path, *path);
  // A second fetch finds it there.
  EXPECT_EQ(fetch_model(fetch_options(), {}).value(), *path);
}

TEST_F(ModelCacheTest, AFileThatIsNotTheCatalogsIsThrownAway) {
  catalog_of(bytes_);
  std::string changed = bytes_;
  changed.back() = '\2';
  write(folder_ / "source.gguf", changed);
  const auto path = fetch_model(fetch_options(), {});
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().code, ErrorCode::kCorrupt);
  for (const auto& file : fs::directory_iterator(folder_ / "cache/models")) EXPECT_EQ(file.path().extension(), ".lock");
  // With the right file the next try succeeds: nothing of the wrong one was kept.
  write(folder_ / "source.gguf", bytes_);
  EXPECT_TRUE(fetch_model(fetch_options(), {}));
}

TEST_F(ModelCacheTest, TwoFetchesAtOnceBothSucceed) {
  catalog_of(bytes_);
  std::optional<Result<std::string>> other;
  std::thread second([&] { other = fetch_model(fetch_options(), {}); });
  const auto first = fetch_model(fetch_options(), {});
  second.join();
  ASSERT_TRUE(first) << first.error().detail;
  ASSERT_TRUE(*other) << other->error().detail;
  EXPECT_EQ(*first, **other);
}

TEST_F(ModelCacheTest, SaysWhatToInstallAndWhatIsKnown) {
  catalog_of(bytes_);
  FetchOptions options = fetch_options();
  options.python = "python3-that-is-not-there";
  const auto no_python = fetch_model(options, {});
  ASSERT_FALSE(no_python);
  EXPECT_NE(no_python.error().detail.find("apt-get install python3 python3-pip"), std::string::npos);
  options = fetch_options();
  options.name = "unknown";
  const auto unknown = fetch_model(options, {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalid);
  options = fetch_options();
  options.script = "/nonexistent/fetch_model";
  EXPECT_EQ(fetch_model(options, {}).error().code, ErrorCode::kUnavailable);
}

TEST_F(ModelCacheTest, NoticesThatAFileChangedSinceItWasAdmitted) {
  const ModelCache cache(catalog_of(bytes_), folder_ / "cache");
  const std::string path = fetch_model(fetch_options(), {}).value();
  ASSERT_TRUE(cache.admit("tiny"));
  fs::permissions(path, fs::perms::owner_all);
  std::string changed = bytes_;
  changed.back() = '\2';
  write(path, changed);
  const auto admitted = cache.admit("tiny");
  ASSERT_FALSE(admitted);
  EXPECT_EQ(admitted.error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(cache.verify("tiny"));
  ASSERT_TRUE(cache.remove("tiny"));
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(cache.remove("tiny").error().code, ErrorCode::kUnavailable);
}

TEST_F(ModelCacheTest, AddsAModelOfTheOfficesOwn) {
  const ModelCache cache(Catalog{}, folder_ / "cache");
  write(folder_ / "町の 模型.gguf", bytes_);
  const auto added = cache.add(folder_ / "町の 模型.gguf", {.name = "machi-1b", .title_ja = "町のモデル"});
  ASSERT_TRUE(added) << added.error().detail;
  EXPECT_TRUE(added->added);
  EXPECT_TRUE(added->installed);
  EXPECT_EQ(added->entry.family, Family::kQwen25) << "from its architecture and control tokens";
  EXPECT_EQ(added->entry.context_tokens, 128);
  ASSERT_TRUE(cache.admit("machi-1b"));
  ASSERT_TRUE(cache.verify(added->entry.sha256.substr(0, 8)));
  // Another object, as another process would have it.
  const ModelCache other(Catalog{}, folder_ / "cache");
  ASSERT_EQ(other.list().value().size(), 1U);
  EXPECT_EQ(other.find("machi-1b").value().entry.title_ja, "町のモデル");
  ASSERT_TRUE(other.remove("machi-1b"));
  EXPECT_TRUE(cache.list().value().empty());
  EXPECT_EQ(cache.find("machi-1b").error().code, ErrorCode::kInvalid);
}

TEST_F(ModelCacheTest, AddingTwiceIsFineAndATakenNameIsNot) {
  const ModelCache cache(Catalog{}, folder_ / "cache");
  write(folder_ / "a.gguf", bytes_);
  ASSERT_TRUE(cache.add(folder_ / "a.gguf", {}));
  const auto again = cache.add(folder_ / "a.gguf", {.name = "other"});
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->entry.name, "a") << "the same bytes keep their name";
  TinyModel second;
  second.name = "別の模型";
  write(folder_ / "b.gguf", second.build());
  EXPECT_EQ(cache.add(folder_ / "b.gguf", {.name = "a"}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(cache.add(folder_ / "b.gguf", {.name = "b/../c"}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(cache.list().value().size(), 1U);
  for (const auto& file : fs::directory_iterator(folder_ / "cache/models")) EXPECT_NE(file.path().extension(), ".partial");
}

TEST_F(ModelCacheTest, RefusesToAddWhatIsNoModel) {
  const ModelCache cache(Catalog{}, folder_ / "cache");
  write(folder_ / "empty.gguf", "");
  write(folder_ / "short.gguf", bytes_.substr(0, bytes_.size() - 64));
  EXPECT_EQ(cache.add(folder_ / "empty.gguf", {}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(cache.add(folder_ / "short.gguf", {}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(cache.add(folder_ / "absent.gguf", {}).error().code, ErrorCode::kInvalid);
  TinyModel nameless;
  nameless.tokens = {"a", "b", "予", "算"};
  write(folder_ / "plain.gguf", nameless.build());
  EXPECT_EQ(cache.add(folder_ / "plain.gguf", {}).error().code, ErrorCode::kUnsupported) << "its chat format is unknown";
  EXPECT_TRUE(cache.add(folder_ / "plain.gguf", {.family = Family::kChatMl})) << "unless it is named";
}

TEST_F(ModelCacheTest, ACalibrationOfTheOfficeGoesBeforeTheCatalogs) {
  const ModelCache cache(catalog_of(bytes_), folder_ / "cache");
  EXPECT_FALSE(cache.find("tiny").value().entry.judge);
  Calibration judge;
  judge.scales.fill(1);
  judge.threshold = 0.75;
  ASSERT_TRUE(cache.save_judge(crypto::sha256(bytes_).hex(), judge));
  ASSERT_TRUE(cache.find("tiny").value().entry.judge);
  EXPECT_DOUBLE_EQ(cache.find("tiny").value().entry.judge->threshold, 0.75);
  EXPECT_FALSE(cache.save_judge("../../etc/passwd", judge));
}

TEST(ModelCache, FollowsTheUsualVariablesForItsFolder) {
  const auto with = [](const char* own, const char* shared, const char* home) {
    const std::string before_home = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
    ::setenv("SEKISHO_CACHE", own, 1);
    ::setenv("XDG_CACHE_HOME", shared, 1);
    ::setenv("HOME", home, 1);
    const std::string folder = default_cache_folder();
    ::unsetenv("SEKISHO_CACHE");
    ::unsetenv("XDG_CACHE_HOME");
    ::setenv("HOME", before_home.c_str(), 1);
    return folder;
  };
  EXPECT_EQ(with("/srv/cache", "/x", "/home/yamada"), "/srv/cache");
  EXPECT_EQ(with("", "/x", "/home/yamada"), "/x/sekisho");
  EXPECT_EQ(with("", "", "/home/yamada"), "/home/yamada/.cache/sekisho");
}

}  // namespace
}  // namespace sekisho::model
