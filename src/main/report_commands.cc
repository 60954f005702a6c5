#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "audit/signed_text.h"
#include "main/admin_socket.h"
#include "main/audit_verify.h"
#include "main/commands.h"
#include "main/egress_report.h"
#include "main/outcome.h"

namespace sekisho::main {
namespace fs = std::filesystem;
namespace {

struct Flags {
  std::string folder = "var", file, out, public_key;
  bool json = false;
};

int print(const Outcome& outcome) {
  std::cout << outcome.out << std::flush;
  std::cerr << outcome.err << std::flush;
  return outcome.exit;
}

/// In the server that holds the folder, else here.
Outcome ask_for_report(const Flags& flags) {
  const std::vector<std::string> arguments = {"report", "egress"};
  if (auto outcome = ask_server(flags.folder, arguments, "")) return *outcome;
  if (!fs::is_regular_file(fs::path(flags.folder) / "sekisho.db")) return failed({ErrorCode::kDenied, "no data folder: " + flags.folder});
  auto office = Office::open(flags.folder);
  if (!office) return failed(office.error());
  return *run_report_in(**office, arguments, {});
}

/// Checks the report and tells it. Exit 1 also where a report that is genuine has findings.
Outcome tell(const std::string& text, const std::string& public_key, bool json) {
  auto checked = audit::check_report(text, public_key);
  if (!checked) return {kExitFailed, "", fmt::format("この報告は、署名したときのものではありません。（{}）\n", checked.error().detail)};
  const int exit = checked->report.bool_or("ok") ? 0 : kExitFailed;
  if (json) return {exit, text, ""};
  std::string words = egress_words(checked->report);
  words += fmt::format("署名は正しく、公開鍵 {} から始まる鍵によるものです。\n", checked->keys.front());
  if (public_key.empty()) words += "この公開鍵が役所のものであることを、控えと比べて確かめてください。\n";
  return {exit, words, ""};
}

Outcome egress(const Flags& flags) {
  Outcome outcome = ask_for_report(flags);
  if (outcome.exit != 0) return outcome;
  if (!flags.out.empty()) {
    std::ofstream file(flags.out, std::ios::binary | std::ios::trunc);
    file << outcome.out << std::flush;
    if (!file) return failed({ErrorCode::kUnavailable, "cannot write " + flags.out});
  }
  return tell(outcome.out, "", flags.json);
}

Outcome check(const Flags& flags) {
  std::string key;
  if (!flags.public_key.empty()) {
    auto given = public_key_given(flags.public_key);
    if (!given) return {kExitUsage, "", in_japanese(given.error()) + "\n"};
    key = *given;
  }
  std::ifstream in(flags.file, std::ios::binary);
  return tell(std::string(std::istreambuf_iterator<char>(in), {}), key, flags.json);
}

}  // namespace

void add_report_commands(CLI::App& app, Chosen& chosen) {
  auto flags = std::make_shared<Flags>();
  CLI::App* report = app.add_subcommand("report", "監査のための、署名した報告");
  report->require_subcommand(1);
  CLI::App* egress_command = report->add_subcommand("egress", "庁外へ何も出ていないことの報告を作る");
  egress_command->add_option("--data", flags->folder, "データの置き場所")->capture_default_str();
  egress_command->add_option("--out", flags->out, "署名した報告（JSON）を書くファイル");
  egress_command->add_flag("--json", flags->json, "JSONで書く");
  egress_command->callback([&chosen, flags] { chosen = [flags] { return print(egress(*flags)); }; });
  CLI::App* check_command = report->add_subcommand("check", "報告の署名を確かめ、内容を表示する（サーバーは要らない）");
  check_command->add_option("file", flags->file, "報告のファイル")->required()->check(CLI::ExistingFile);
  check_command->add_option("--public-key", flags->public_key, "役所が控えている公開鍵、又はそれを書いたファイル");
  check_command->add_flag("--json", flags->json, "JSONで書く");
  check_command->callback([&chosen, flags] { chosen = [flags] { return print(check(*flags)); }; });
}

}  // namespace sekisho::main
