#include "model/catalog.h"

#include <gtest/gtest.h>

namespace sekisho::model {
namespace {

TEST(Catalog, TheOneThatWeShipIsValidAndHasADefaultAndASmallModel) {
  const auto catalog = Catalog::load(SEKISHO_SOURCE_DIR "/models/catalog.toml");
  ASSERT_TRUE(catalog) << catalog.error().detail;
  const CatalogEntry* usual = catalog->find("default");
  ASSERT_NE(usual, nullptr);
  EXPECT_EQ(usual->sha256, "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046");
  EXPECT_EQ(usual->size_bytes, 1'117'320'768);
  EXPECT_EQ(usual->family, Family::kQwen25);
  EXPECT_TRUE(usual->fetchable);
  const CatalogEntry* small = catalog->find("small");
  ASSERT_NE(small, nullptr);
  EXPECT_EQ(small->name, "qwen2.5-coder-0.5b");
  EXPECT_EQ(catalog->find("qwen2.5-coder-0.5b"), small);
  EXPECT_EQ(catalog->find("gpt-5"), nullptr);
  for (const CatalogEntry& entry : catalog->entries) EXPECT_FALSE(entry.licence.empty()) << entry.name;
}

constexpr const char* kOne = R"(
[[model]]
name = "町の模型"
family = "qwen2.5"
context_tokens = 4096
size_bytes = 10
sha256 = "0000000000000000000000000000000000000000000000000000000000000001"
)";

std::string with(std::string_view from, std::string_view to) {
  std::string text = kOne;
  const std::size_t name = text.find("町の模型");
  text.replace(name, std::string_view("町の模型").size(), "town-model");
  const std::size_t at = text.find(from);
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

std::string refusal(const std::string& toml) {
  const auto catalog = Catalog::parse(toml);
  return catalog ? "accepted" : catalog.error().detail;
}

TEST(Catalog, RefusesWhatIsWrongAndNamesThePlace) {
  EXPECT_EQ(refusal(with("", "")), "accepted");
  EXPECT_EQ(refusal(""), "accepted");
  EXPECT_NE(refusal(kOne).find("catalog.model[0].name"), std::string::npos) << "a name that nobody can type";
  EXPECT_NE(refusal("[[model]\n").find("line 1"), std::string::npos);
  EXPECT_NE(refusal(with("name = \"town-model\"", "name = \"../x\"")).find("name"), std::string::npos);
  EXPECT_NE(refusal(with("name = \"town-model\"", "name = \"default\"")).find("name"), std::string::npos);
  EXPECT_NE(refusal(with("qwen2.5", "elephant")).find("catalog.model[0].family"), std::string::npos);
  EXPECT_NE(refusal(with("4096", "0")).find("context_tokens"), std::string::npos);
  EXPECT_NE(refusal(with("4096", "\"4096\"")).find("context_tokens"), std::string::npos);
  EXPECT_NE(refusal(with("01\"", "01ab\"")).find("sha256"), std::string::npos);
  EXPECT_NE(refusal(with("01\"", "0A\"")).find("sha256"), std::string::npos);
  EXPECT_NE(refusal(with("size_bytes = 10", "size_bytes = 10\nsize = 3")).find("catalog.model[0].size"), std::string::npos);
  EXPECT_NE(refusal("[model]\nname = \"x\"\n").find("catalog.model"), std::string::npos);
  EXPECT_NE(refusal(with("", "") + with("", "")).find("twice"), std::string::npos);
  EXPECT_NE(refusal(with("size_bytes", "use = \"best\"\nsize_bytes")).find("use"), std::string::npos);
  EXPECT_NE(refusal(with("", "") + "[model.judge]\nbias = 1\n").find("catalog.model[0].judge"), std::string::npos);
  EXPECT_EQ(Catalog::load("/nonexistent/catalog.toml").error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(Catalog::parse(std::string(2'000'000, '#')).error().code, ErrorCode::kTooLarge);
}

TEST(Catalog, AnEntryReadsAgainAsItWasWritten) {
  CatalogEntry entry;
  entry.name = "llm-jp-3.7b";
  entry.title_ja = "\"引用\"と\\と\n改行";
  entry.licence = "Apache-2.0";
  entry.family = Family::kLlmJp;
  entry.context_tokens = 4096;
  entry.size_bytes = 123;
  entry.sha256 = std::string(64, 'a');
  Calibration judge;
  judge.scales.fill(2);
  judge.weights[0] = -1.5;
  judge.threshold = 0.25;
  entry.judge = judge;
  const auto again = Catalog::parse(entry.to_toml());
  ASSERT_TRUE(again) << again.error().detail;
  ASSERT_EQ(again->entries.size(), 1U);
  EXPECT_EQ(again->entries[0].title_ja, entry.title_ja);
  EXPECT_EQ(again->entries[0].family, Family::kLlmJp);
  ASSERT_TRUE(again->entries[0].judge);
  EXPECT_DOUBLE_EQ(again->entries[0].judge->weights[0], -1.5);
  EXPECT_DOUBLE_EQ(again->entries[0].judge->threshold, 0.25);
}

}  // namespace
}  // namespace sekisho::model
