#include "audit/content.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "store/test_folder.h"

namespace sekisho::audit {
namespace {

constexpr std::int64_t kJuly_ms = 1'752'543'720'000;
constexpr std::int64_t kDay_ms = 24 * 3'600'000;
const std::string kLabel = R"({"level":"機密性2","readers":[["総務課","財政 課"]]})";

class ContentsTest : public testing::Test {
 protected:
  ContentsTest() { std::filesystem::create_directories(folder_ / "audit"); }
  std::unique_ptr<Contents> open() { return Contents::open(folder_ / "audit", folder_ / "keys", clock_).value(); }
  std::filesystem::path blob(const Json& place) const {
    const std::string hash = place.text_or("sha256");
    return folder_ / "audit/content" / hash.substr(0, 2) / hash;
  }
  static Json place_of(const std::string& key, const std::string& hash, std::int64_t bytes) { return Json::object({{"bytes", bytes}, {"key", key}, {"sha256", hash}}); }
  FakeClock clock_{kJuly_ms};
  const store::TestFolder folder_{store::TestFolder::On::kMemory};
  const Json said_ = Json::object({{"question", "一時預かりの利用料は"}, {"answer", "二千円です。"}});
};

TEST_F(ContentsTest, ReadsBackWhatItKeptAlsoAfterARestart) {
  const Json place = open()->keep(kLabel, "turn", said_).value();
  EXPECT_EQ(place.text_or("key").find("2025-07-"), 0U);
  EXPECT_EQ(open()->read(place, "turn").value().dump(), said_.dump());
}

TEST_F(ContentsTest, ShowsNoWordOnTheDisk) {
  const Json place = open()->keep(kLabel, "turn", said_).value();
  std::ifstream in(blob(place), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(static_cast<std::int64_t>(bytes.size()), place.int_or("bytes"));
  EXPECT_EQ(bytes.find("利用料"), std::string::npos);
}

TEST_F(ContentsTest, HasAKeyForEachLabelAndMonth) {
  auto contents = open();
  const auto key_of = [&](const std::string& label) { return contents->keep(label, "turn", said_).value().text_or("key"); };
  const std::string first = key_of(kLabel);
  EXPECT_EQ(key_of(kLabel), first);
  EXPECT_NE(key_of(R"({"level":"機密性1","readers":[]})"), first);
  clock_.advance_ms(31 * kDay_ms);
  EXPECT_EQ(key_of(kLabel).find("2025-08-"), 0U);
  EXPECT_EQ(contents->keys().size(), 3U);
  EXPECT_TRUE(std::ranges::any_of(contents->keys(), [](const ContentKey& key) { return key.label == kLabel && key.month == "2025-08"; }));
}

TEST_F(ContentsTest, NeverReadsAgainWhatAnErasedKeySealed) {
  auto contents = open();
  const Json place = contents->keep(kLabel, "turn", said_).value();
  ASSERT_TRUE(contents->erase(place.text_or("key")));
  EXPECT_EQ(contents->read(place, "turn").error().code, ErrorCode::kDenied);
  EXPECT_EQ(open()->read(place, "turn").error().code, ErrorCode::kDenied);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "keys"));
  const Json again = contents->keep(kLabel, "turn", said_).value();
  EXPECT_NE(again.text_or("key"), place.text_or("key")) << "what comes after has another key";
  EXPECT_EQ(contents->read(place, "turn").error().code, ErrorCode::kDenied);
  EXPECT_TRUE(contents->erase("2025-07-0000000000000000"));
}

TEST_F(ContentsTest, RefusesWhatWasChangedOrIsOfAnother) {
  auto contents = open();
  const Json place = contents->keep(kLabel, "turn", said_).value();
  EXPECT_EQ(contents->read(place, "another turn").error().code, ErrorCode::kCorrupt);
  const Json other = contents->keep(R"({"level":"機密性1","readers":[]})", "turn", said_).value();
  EXPECT_EQ(contents->read(place_of(place.text_or("key"), other.text_or("sha256"), other.int_or("bytes")), "turn").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(contents->read(place_of("x", "short", 3), "turn").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(contents->read(place_of(place.text_or("key"), place.text_or("sha256"), place.int_or("bytes") + 1), "turn").error().code, ErrorCode::kCorrupt);
  std::filesystem::remove(blob(place));
  EXPECT_EQ(contents->read(place, "turn").error().code, ErrorCode::kDenied);
}

TEST_F(ContentsTest, DoesNotOpenOnAKeyThatOthersMayRead) {
  const Json place = open()->keep(kLabel, "turn", said_).value();
  const std::filesystem::path key = folder_ / "keys" / place.text_or("key");
  ASSERT_EQ(::chmod(key.c_str(), 0640), 0);
  const auto refused = Contents::open(folder_ / "audit", folder_ / "keys", clock_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("may be read by others"), std::string::npos);
}

TEST_F(ContentsTest, TakesAnUnfinishedErasureForOne) {
  const Json place = open()->keep(kLabel, "turn", said_).value();
  const std::filesystem::path key = folder_ / "keys" / place.text_or("key");
  std::fstream(key, std::ios::in | std::ios::out | std::ios::binary) << std::string(128, '0');
  EXPECT_EQ(open()->read(place, "turn").error().code, ErrorCode::kDenied);
  EXPECT_FALSE(std::filesystem::exists(key));
}

TEST_F(ContentsTest, DoesNotOpenOnAFileThatIsNoKey) {
  const Json place = open()->keep(kLabel, "turn", said_).value();
  std::fstream(folder_ / "keys" / place.text_or("key"), std::ios::in | std::ios::out | std::ios::binary) << "zz";
  EXPECT_EQ(Contents::open(folder_ / "audit", folder_ / "keys", clock_).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace sekisho::audit
