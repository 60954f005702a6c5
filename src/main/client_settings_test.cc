#include "main/client_settings.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace sekisho::main {
namespace {

namespace fs = std::filesystem;

class ClientSettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "sekisho-cli-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& text, mode_t mode = 0600) const {
    const fs::path path = folder_ / "cli.toml";
    std::ofstream(path) << text;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }
  fs::path folder_;
};

TEST_F(ClientSettingsTest, TakesTheFileAndLetsTheEnvironmentGoBeforeIt) {
  const fs::path file = write("url = \"https://sekisho.example.lg.jp\"\nkey = \"sk-sekisho-file\"\nca = \"/etc/office.pem\"\n");
  const auto from_file = resolve_settings({.file = file});
  ASSERT_TRUE(from_file.has_value()) << from_file.error().words;
  EXPECT_EQ(from_file->server.authority(), "sekisho.example.lg.jp:443");
  EXPECT_EQ(from_file->key, "sk-sekisho-file");
  EXPECT_EQ(from_file->ca_file, "/etc/office.pem");
  const auto mixed = resolve_settings({.key = "sk-sekisho-environment", .file = file});
  ASSERT_TRUE(mixed.has_value());
  EXPECT_EQ(mixed->key, "sk-sekisho-environment");
  EXPECT_EQ(mixed->server.host, "sekisho.example.lg.jp");
}

TEST_F(ClientSettingsTest, TalksToThisMachineWhereNothingElseIsSaid) {
  const auto settings = resolve_settings({.key = "sk-sekisho-x", .file = folder_ / "ない.toml"});
  ASSERT_TRUE(settings.has_value()) << settings.error().words;
  EXPECT_EQ(settings->server.authority(), "127.0.0.1:8080");
  EXPECT_FALSE(settings->server.tls);
}

TEST_F(ClientSettingsTest, RefusesAFileThatOthersMayRead) {
  for (const mode_t mode : {0640U, 0604U, 0644U, 0620U}) {
    const auto settings = resolve_settings({.file = write("key = \"sk-sekisho-x\"\n", mode)});
    ASSERT_FALSE(settings.has_value()) << mode;
    EXPECT_EQ(settings.error().exit, kExitUsage);
    EXPECT_NE(settings.error().words.find("chmod 600"), std::string::npos);
    EXPECT_EQ(settings.error().words.find("sk-sekisho-x"), std::string::npos);
  }
}

TEST_F(ClientSettingsTest, NamesWhatIsWrongInTheFile) {
  const auto unknown = resolve_settings({.file = write("key = \"k\"\nurll = \"http://127.0.0.1\"\n")});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_NE(unknown.error().words.find("urll"), std::string::npos);
  const auto number = resolve_settings({.file = write("key = 3\n")});
  ASSERT_FALSE(number.has_value());
  EXPECT_NE(number.error().words.find("key"), std::string::npos);
  const auto broken = resolve_settings({.file = write("key = \"k\"\nurl = \"http\n")});
  ASSERT_FALSE(broken.has_value());
  EXPECT_NE(broken.error().words.find("2行目"), std::string::npos);
}

TEST_F(ClientSettingsTest, SaysHowToGetAKey) {
  const auto settings = resolve_settings({.file = folder_ / "ない.toml"});
  ASSERT_FALSE(settings.has_value());
  EXPECT_NE(settings.error().words.find("sekisho admin key create"), std::string::npos);
}

TEST_F(ClientSettingsTest, SendsNoKeyInClearBeyondThisMachine) {
  const auto settings = resolve_settings({.url = "http://sekisho.example.lg.jp:8080", .key = "sk-sekisho-x"});
  ASSERT_FALSE(settings.has_value());
  EXPECT_NE(settings.error().words.find("https://"), std::string::npos);
  EXPECT_TRUE(resolve_settings({.url = "http://[::1]:8080", .key = "sk-sekisho-x"}).has_value());
}

TEST_F(ClientSettingsTest, RefusesAKeyWithLineEndsAndAnAddressThatIsNone) {
  EXPECT_FALSE(resolve_settings({.key = "sk\r\nHost: evil"}).has_value());
  const auto address = resolve_settings({.url = "127.0.0.1:8080", .key = "k"});
  ASSERT_FALSE(address.has_value());
  EXPECT_EQ(address.error().exit, kExitUsage);
}

}  // namespace
}  // namespace sekisho::main
