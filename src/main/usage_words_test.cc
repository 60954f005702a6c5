#include "main/usage_words.h"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace sekisho::main {
namespace {

/// What a command line of that kind prints, without "sekisho" in front.
std::string said(std::vector<std::string> arguments) {
  CLI::App app("試験", "sekisho");
  speak_japanese(app);
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "始める");
  int parallel = 0;
  std::string file, key;
  bool all = false;
  serve->add_option("--parallel", parallel, "同時に答える数")->check(CLI::Range(1, 64))->required();
  serve->add_option("--file", file, "ファイル")->check(CLI::ExistingFile);
  CLI::Option* certificate = serve->add_option("--certificate", "証明書");
  serve->add_option("--key", key, "鍵")->needs(certificate);
  serve->add_flag("--all", all, "全て")->excludes(certificate);
  std::ostringstream out;
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    app.exit(error, out, out);
  }
  return out.str();
}

TEST(UsageWords, NameWhatIsWrongInJapanese) {
  EXPECT_TRUE(said({}).starts_with("命令を指定してください。\n使い方は、sekisho --help"));
  EXPECT_TRUE(said({"serve"}).starts_with("--parallel を指定してください。")) << said({"serve"});
  EXPECT_TRUE(said({"serve", "--parallel", "4", "--sped"}).starts_with("知らない指定です: --sped")) << said({"serve", "--parallel", "4", "--sped"});
  EXPECT_TRUE(said({"serve", "--parallel", "65"}).starts_with("--parallel: 「65」ではなく、1から64までの数")) << said({"serve", "--parallel", "65"});
  EXPECT_TRUE(said({"serve", "--parallel", "四"}).find("--parallel") != std::string::npos);
  EXPECT_TRUE(said({"serve", "--parallel"}).starts_with("--parallel に付ける値の数が違います。")) << said({"serve", "--parallel"});
  EXPECT_TRUE(said({"serve", "--parallel", "4", "--file", "/ありません"}).starts_with("--file: 「/ありません」は、ありません。"));
  EXPECT_TRUE(said({"serve", "--parallel", "4", "--file", "/"}).starts_with("--file: 「/」は、フォルダーです。"));
  EXPECT_TRUE(said({"serve", "--parallel", "4", "--key", "x"}).starts_with("--key には、--certificate も要ります。"));
  EXPECT_TRUE(said({"serve", "--parallel", "4", "--all", "--certificate", "x"}).find("は、一緒に使えません。") != std::string::npos);
}

TEST(UsageWords, LeaveNoEnglishOfTheLibrary) {
  const std::regex english("Run with|required|expected|Usage|Options|Subcommands|Value|File|TEXT|INT");
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {}, {"serve"}, {"serve", "--parallel", "x"}, {"serve", "--parallel", "0"}, {"no"}, {"--help"}, {"serve", "--help"}, {"serve", "--file"}, {"serve", "--all=7"}}) {
    EXPECT_FALSE(std::regex_search(said(arguments), english)) << said(arguments);
  }
}

TEST(UsageWords, HelpHasItsPartsInJapanese) {
  EXPECT_NE(said({"--help"}).find("\n命令:\n"), std::string::npos) << said({"--help"});
  EXPECT_NE(said({"serve", "--help"}).find("使い方: sekisho serve [指定]"), std::string::npos) << said({"serve", "--help"});
  EXPECT_NE(said({"serve", "--help"}).find("（必須）"), std::string::npos);
}

}  // namespace
}  // namespace sekisho::main
