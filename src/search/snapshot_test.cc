#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "search/lexical.h"

namespace sekisho::search {
namespace {

class Snapshot : public testing::Test {
 protected:
  Snapshot() : path_(testing::TempDir() + "sekisho_snapshot_" + PassageId::random().text()) {
    const auto analyser = text::WordAnalyser::open();
    EXPECT_TRUE(analyser);
    IndexChange change;
    for (const char* text : {"住民税の申告", "道路の占用許可", "有給休暇の承認"}) {
      change.add.push_back({PassageId::random(), terms_of_passage(**analyser, "", text)});
    }
    change.generation = 42;
    shelf_.apply(std::move(change));
    query_ = parse_query(**analyser, "住民税の申告と道路");
  }
  ~Snapshot() override { std::remove(path_.c_str()); }

  [[nodiscard]] std::vector<Hit> hits(const ShelfIndex& shelf) const {
    const ShelfIndex* const readable[] = {&shelf};
    return rank(query_, readable, {});
  }
  [[nodiscard]] std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void overwrite(const std::string& content) const { std::ofstream(path_, std::ios::binary | std::ios::trunc) << content; }

  std::string path_;
  ShelfIndex shelf_;
  Query query_;
};

TEST_F(Snapshot, ReadsBackTheSameIndex) {
  ASSERT_TRUE(shelf_.save(path_, "v1"));
  ShelfIndex loaded;
  ASSERT_TRUE(loaded.load(path_, "v1"));
  EXPECT_EQ(loaded.generation(), 42U);
  EXPECT_EQ(loaded.passages(), 3U);
  const auto expected = hits(shelf_);
  const auto found = hits(loaded);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].passage, expected[i].passage);
    EXPECT_EQ(found[i].score, expected[i].score);
  }
}

TEST_F(Snapshot, OfAnotherAnalysisIsRefusedAndChangesNothing) {
  ASSERT_TRUE(ShelfIndex().save(path_, "v1"));
  const auto refused = shelf_.load(path_, "v2");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(shelf_.passages(), 3U);
}

TEST_F(Snapshot, ThatIsDamagedAnywhereIsRefused) {
  ASSERT_TRUE(shelf_.save(path_, "v1"));
  const std::string whole = content();
  for (std::size_t i = 0; i < whole.size(); i += 7) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    overwrite(damaged);
    ShelfIndex loaded;
    const auto refused = loaded.load(path_, "v1");
    ASSERT_FALSE(refused) << i;
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(loaded.passages(), 0U);
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{20}, whole.size() / 2, whole.size() - 1}) {
    overwrite(whole.substr(0, size));
    EXPECT_FALSE(ShelfIndex().load(path_, "v1")) << size;
  }
}

TEST_F(Snapshot, ThatIsNotThereIsUnavailable) {
  const auto missing = shelf_.load(path_ + ".none", "v1");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);
}

TEST_F(Snapshot, IsReadableByItsOwnerAlone) {
  ASSERT_TRUE(shelf_.save(path_, "v1"));
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(Snapshot, ThatCannotBeWrittenLeavesTheOldOne) {
  ASSERT_TRUE(shelf_.save(path_, "v1"));
  const std::string before = content();
  ASSERT_EQ(::mkdir((path_ + ".new").c_str(), 0700), 0);
  const auto failed = ShelfIndex().save(path_, "v1");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(content(), before);
  ::rmdir((path_ + ".new").c_str());
}

}  // namespace
}  // namespace sekisho::search
