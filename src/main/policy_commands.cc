#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "audit/segment.h"
#include "gate/dlp_case.h"
#include "gate/dlp_policy.h"
#include "gate/explain.h"
#include "gate/policy.h"
#include "gate/policy_case.h"
#include "gate/toml.h"
#include "main/commands.h"
#include "main/outcome.h"
#include "main/resources.h"
#include "text/words.h"

namespace sekisho::main {
namespace {
namespace fs = std::filesystem;

struct Flags {
  std::string file, wanted, data = "var";
  std::string policy, personal;
};

int print(const Outcome& outcome) {
  std::cout << outcome.out << std::flush;
  std::cerr << outcome.err << std::flush;
  return outcome.exit;
}

/// The policy that is named, or the office's, or the shipped one of the same name as the case file.
Result<gate::Policy> policy_for(const Flags& flags, const fs::path& cases) {
  if (!flags.policy.empty()) return gate::Policy::load(flags.policy);
  std::error_code ec;
  if (!cases.empty()) {
    if (const auto shipped = find_resource("policies/" + cases.stem().string() + ".toml")) return gate::Policy::load(*shipped);
  }
  if (const fs::path own = fs::path(flags.data) / "policy.toml"; fs::exists(own, ec)) return gate::Policy::load(own);
  return fail(ErrorCode::kInvalid, "--policy FILE or --data DIR: which policy?");
}

/// Examples of what is found of people (gate/dlp_case.h), told by their lines of 文.
Outcome test_personal_cases(const Flags& flags, const std::string& text) {
  const auto cases = gate::parse_dlp_cases(text);
  if (!cases) return {kExitFailed, "", fmt::format("{}を読めません。{}\n", flags.file, cases.error().detail)};
  const auto words = text::WordAnalyser::open();
  if (!words) return failed(words.error());
  std::string out;
  std::size_t wrong = 0;
  for (const gate::DlpCase& example : *cases) {
    const std::vector<std::string> found = gate::found_in_words(example.text, words->get());
    const bool right = found == example.expected;
    wrong += right ? 0 : 1;
    out += fmt::format("{} {}（{}行目）：{}\n", right ? "○" : "×", example.name, example.line, found.empty() ? "なし" : fmt::format("{}", fmt::join(found, "、")));
  }
  out += fmt::format("個人情報の{}例のうち、{}例が期待どおりです。\n", cases->size(), cases->size() - wrong);
  return {wrong == 0 && !cases->empty() ? 0 : kExitFailed, out, ""};
}

Outcome test_cases(const Flags& flags) {
  const auto text = gate::read_policy_file(flags.file);
  if (!text) return failed(text.error());
  if (text->starts_with("文:") || text->find("\n文:") != std::string::npos) return test_personal_cases(flags, *text);
  auto policy = policy_for(flags, flags.file);
  if (!policy) return failed(policy.error());
  const auto cases = gate::parse_cases(*policy, *text);
  if (!cases) return {kExitFailed, "", fmt::format("{}を読めません。{}\n", flags.file, cases.error().detail)};
  std::string out;
  std::size_t wrong = 0;
  for (const gate::PolicyCase& example : *cases) {
    const gate::CaseVerdict verdict = gate::try_case(*policy, example);
    wrong += verdict.as_expected ? 0 : 1;
    out += verdict.as_expected ? fmt::format("○ {}：{}\n", example.name, gate::verdict_in_words(verdict.decided))
                               : fmt::format("× {}（{}行目）：{}のはずが、方針では{}\n", example.name, example.line, gate::verdict_in_words(example.expected), gate::verdict_in_words(verdict.decided));
  }
  out += fmt::format("方針「{}」：{}例のうち、{}例が期待どおりです。\n", policy->name(), cases->size(), cases->size() - wrong);
  return {wrong == 0 && !cases->empty() ? 0 : kExitFailed, out, ""};
}

/// Reads a policy and, where it is given, the rules about personal data, as the server would at its start.
Outcome check_policy(const Flags& flags) {
  auto policy = policy_for(flags, "");
  if (!policy) return failed(policy.error());
  std::vector<std::string> levels;
  for (const gate::LevelRule& level : policy->levels()) levels.push_back(level.name);
  std::string out = fmt::format("方針「{}」に誤りはありません。格付は低い順に{}です。\n", policy->name(), fmt::join(levels, "、"));
  if (flags.personal.empty()) return {0, out, ""};
  const auto words = text::WordAnalyser::open();
  if (!words) return failed(words.error());
  if (const auto dlp = gate::Dlp::load(flags.personal, *policy, words->get()); !dlp) return failed(dlp.error());
  return {0, out + "個人情報の規則に誤りはありません。\n", ""};
}

/// The Entry of that number, or the one that gave that permit.
Result<std::optional<audit::ReadLine>> find_entry(const fs::path& folder, const std::string& wanted) {
  std::int64_t sequence = 0;
  const auto [stop, ec] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), sequence);
  const bool by_number = ec == std::errc() && stop == wanted.data() + wanted.size();
  auto segments = audit::list_segments(folder);
  if (!segments) return fail(segments.error());
  for (std::size_t i = 0; i < segments->size(); ++i) {
    if (by_number && i + 1 < segments->size() && (*segments)[i + 1].first_sequence <= sequence) continue;
    auto lines = audit::LineReader::open((*segments)[i].path);
    if (!lines) return fail(lines.error());
    for (;;) {
      auto line = lines->next();
      if (!line) return fail(line.error());
      if (!*line) break;
      if (!by_number && (*line)->find(wanted) == std::string::npos) continue;
      auto read = audit::parse_line(**line);
      if (!read) return fail(read.error());
      if (by_number ? read->sequence == sequence : read->entry.kind.starts_with("release.") && read->entry.details.text_or("permit") == wanted) {
        return std::optional(*std::move(read));
      }
    }
  }
  return std::optional<audit::ReadLine>();
}

Outcome explain_entry(const Flags& flags) {
  auto policy = policy_for(flags, "");
  if (!policy) return failed(policy.error());
  auto found = find_entry(fs::path(flags.data) / "audit", flags.wanted);
  if (!found) return failed(found.error());
  if (!*found) return {kExitFailed, "", fmt::format("番号又は許可証「{}」の記録は、ありません。番号は「sekisho audit」や画面の監査の頁にあります。\n", flags.wanted)};
  return {0, gate::explain((*found)->entry, (*found)->sequence, *policy), ""};
}

}  // namespace

void add_policy_commands(CLI::App& app, Chosen& chosen) {
  // The options live as long as the command that holds them.
  auto flags = std::make_shared<Flags>();
  CLI::App* policy = app.add_subcommand("policy", "方針（格付、行き先、取扱制限）を確かめる");
  policy->require_subcommand(1);
  CLI::App* test = policy->add_subcommand("test", "方針が、例に書いたとおりに判断するかを試す");
  test->add_option("file", flags->file, "例のファイル（.case）")->required()->check(CLI::ExistingFile);
  test->callback([&chosen, flags] { chosen = [flags] { return print(test_cases(*flags)); }; });
  CLI::App* check = policy->add_subcommand("check", "方針のファイルに誤りがないかを調べる");
  check->add_option("--personal", flags->personal, "個人情報の規則（dlp.toml）も調べる")->check(CLI::ExistingFile);
  check->callback([&chosen, flags] { chosen = [flags] { return print(check_policy(*flags)); }; });
  CLI::App* explain = app.add_subcommand("explain", "監査の記録が、なぜそう判断されたかを説明する");
  explain->add_option("record", flags->wanted, "記録の番号、又は許可証の番号")->required();
  explain->callback([&chosen, flags] { chosen = [flags] { return print(explain_entry(*flags)); }; });
  for (CLI::App* command : {test, check, explain}) {
    command->add_option("--policy", flags->policy, "方針のファイル（なければ、データの置き場所の policy.toml）")->check(CLI::ExistingFile);
    command->add_option("--data", flags->data, "データの置き場所")->capture_default_str();
  }
}

}  // namespace sekisho::main
