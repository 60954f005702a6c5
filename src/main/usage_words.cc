#include "main/usage_words.h"

#include <memory>
#include <regex>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace sekisho::main {
namespace {

void replace_first(std::string& text, std::string_view from, std::string_view to) {
  if (const std::size_t at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

class JapaneseHelp final : public CLI::Formatter {
 public:
  JapaneseHelp() {
    const std::pair<const char*, const char*> labels[] = {
        {"Usage", "使い方"},    {"OPTIONS", "指定"},   {"Positionals", "引数"},     {"SUBCOMMAND", "命令"}, {"SUBCOMMANDS", "命令"}, {"REQUIRED", "（必須）"},
        {"Needs", "一緒に要る"}, {"Excludes", "一緒に使えない"}, {"TEXT", "文字"}, {"INT", "数"},          {"FLOAT", "数"},         {"TEXT:FILE", "ファイル"}};
    for (const auto& [name, words] : labels) label(name, words);
  }
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    std::string help = Formatter::make_help(app, std::move(name), mode);
    replace_first(help, "\nOptions:\n", "\n指定:\n");
    replace_first(help, "\nSubcommands:\n", "\n命令:\n");
    return std::regex_replace(help, std::regex("(INT|FLOAT):(INT|FLOAT) in \\[(\\S+) - (\\S+)\\]"), "数（$3〜$4）");
  }
};

/// What a check of CLI11 says of a value.
std::string value_words(const std::string& said) {
  std::smatch part;
  if (std::regex_search(said, part, std::regex("Value (.*) not in range (.*) to (.*)"))) {
    return fmt::format("「{}」ではなく、{}から{}までの数を指定してください。", part[1].str(), part[2].str(), part[3].str());
  }
  if (std::regex_search(said, part, std::regex("does not exist: (.*)"))) return fmt::format("「{}」は、ありません。", part[1].str());
  if (std::regex_search(said, part, std::regex("File is actually a directory: (.*)"))) return fmt::format("「{}」は、フォルダーです。", part[1].str());
  return "値が正しくありません。";
}

/// The words of CLI11 1.9 to 2.x (CLI/Error.hpp), said in Japanese; what none of them matches is said in general.
std::string words_of(const CLI::Error& error) {
  const auto kind = static_cast<CLI::ExitCodes>(error.get_exit_code());
  const std::string said = error.what();
  const std::string name = said.substr(0, said.find(": "));
  std::smatch part;
  if (kind == CLI::ExitCodes::RequiredError) {
    if (said.starts_with("A subcommand")) return "命令を指定してください。";
    if (std::regex_match(said, part, std::regex("(.*) is required"))) return fmt::format("{} を指定してください。", part[1].str());
  }
  if (kind == CLI::ExitCodes::ExtrasError) return fmt::format("知らない指定です: {}", said.substr(said.rfind(": ") + 2));
  if (kind == CLI::ExitCodes::RequiresError && std::regex_match(said, part, std::regex("(.*) requires (.*)"))) {
    return fmt::format("{} には、{} も要ります。", part[1].str(), part[2].str());
  }
  if (kind == CLI::ExitCodes::ExcludesError && std::regex_match(said, part, std::regex("(.*) excludes (.*)"))) {
    return fmt::format("{} と {} は、一緒に使えません。", part[1].str(), part[2].str());
  }
  if (kind == CLI::ExitCodes::ArgumentMismatch) return fmt::format("{} に付ける値の数が違います。", std::regex_search(said, part, std::regex("arguments to (\\S+?),? ")) ? part[1].str() : name);
  if (kind == CLI::ExitCodes::ValidationError) return fmt::format("{}: {}", name, value_words(said));
  if (kind == CLI::ExitCodes::ConversionError && std::regex_match(said, part, std::regex("Could not convert: (\\S+) = (.*)"))) {
    return fmt::format("{}: 「{}」は、使えない値です。", part[1].str(), part[2].str());
  }
  return "指定に誤りがあります。";
}

}  // namespace

void speak_japanese(CLI::App& app) {
  app.formatter(std::make_shared<JapaneseHelp>());
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    return fmt::format("{}\n使い方は、{} --help で表示します。\n", words_of(error), failed->get_display_name());
  });
  app.set_help_flag("-h,--help", "使い方");
}

}  // namespace sekisho::main
