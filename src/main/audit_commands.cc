#include "main/audit_commands.h"

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "audit/export.h"
#include "audit/proof.h"
#include "audit/prune.h"
#include "base/json.h"
#include "main/admin_socket.h"
#include "main/audit_open.h"
#include "main/audit_verify.h"
#include "main/commands.h"
#include "main/qr_code.h"

namespace sekisho::main {
namespace fs = std::filesystem;
namespace {

struct Flags {
  std::string folder = "var", file, public_key, out, form = "jsonl", from, to, level, before, reason;
  audit::EntryFilter filter;
  std::optional<std::string> serve_witness;
  AuditVerifyFlags verify;
  std::int64_t sequence = 0, years = 0;
  std::optional<std::int64_t> since;
  bool json = false, qr = false;
};

int print(const Outcome& outcome) {
  std::cout << outcome.out << std::flush;
  std::cerr << outcome.err << std::flush;
  return outcome.exit;
}

Outcome verify(const Flags& flags) { return run_audit_verify(flags.verify); }

/// In the server that holds the folder, else here.
Outcome ask(const Flags& flags, const std::vector<std::string>& arguments) {
  if (auto outcome = ask_server(flags.folder, arguments, "")) return *outcome;
  if (!fs::is_regular_file(fs::path(flags.folder) / "sekisho.db")) return failed({ErrorCode::kDenied, "no data folder: " + flags.folder});
  auto office = Office::open(flags.folder, {.witness = flags.serve_witness.value_or("")});
  if (!office) return failed(office.error());
  return *run_audit_in(**office, arguments);
}

Outcome checkpoint(const Flags& flags) {
  Outcome outcome = ask(flags, {"audit", "checkpoint"});
  auto json = Json::parse(outcome.out);
  if (outcome.exit != 0 || flags.json || !json) return outcome;
  const std::string trouble = json->text_or("witness_trouble");
  outcome.out = fmt::format(
      "監査の記録の控え\n  {}\n  {}件目まで、{}\n  公開鍵 {}\n"
      "1行目を紙に印刷するなど、このサーバーの外に残してください。後で sekisho audit verify --witness で、この時点までの記録が変わっていないことを確かめられます。\n",
      json->text_or("paper"), json->int_or("size"), time_words(json->int_or("time_ms")), json->text_or("public_key"));
  const std::string paper = json->text_or("paper");
  auto code = qr_code(paper);
  if (!code) return failed(code.error());
  if (flags.qr) outcome.out += for_terminal(*code);
  if (!flags.out.empty()) {
    std::ofstream file(flags.out, std::ios::trunc);
    file << to_svg(*code, paper) << std::flush;
    if (!file) return failed({ErrorCode::kUnavailable, "cannot write " + flags.out});
  }
  if (!trouble.empty()) outcome.err = fmt::format("控えのファイルに書けませんでした。（{}）\n", trouble);
  return outcome;
}

/// So many years before now, to the day.
std::int64_t years_ago_ms(std::int64_t years) {
  const std::time_t now = std::time(nullptr);
  std::tm day{};
  localtime_r(&now, &day);
  day.tm_year -= static_cast<int>(years);
  day.tm_isdst = -1;
  return static_cast<std::int64_t>(std::mktime(&day)) * 1000;
}

Outcome prune(const Flags& flags) { return ask(flags, {"audit", "prune", std::to_string(years_ago_ms(flags.years))}); }

Outcome show_key(const Flags& flags) {
  auto lines = audit::key_lines(log_folder(flags.folder));
  if (!lines) return failed(lines.error());
  auto keys = audit::follow_keys(*lines);
  if (!keys) return failed(keys.error());
  return {0, keys->front() + "\n", ""};
}

Outcome prove(const Flags& flags) {
  auto proof = audit::prove(log_folder(flags.folder), flags.sequence, flags.since);
  if (!proof) return failed(proof.error());
  return {0, proof->dump() + "\n", ""};
}

Outcome check(const Flags& flags) {
  std::ifstream in(flags.file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  auto json = Json::parse(text, 64 * limits::kMiB);
  if (!json) return failed(json.error());
  std::string key;
  if (!flags.public_key.empty()) {
    auto given = public_key_given(flags.public_key);
    if (!given) return {kExitUsage, "", in_japanese(given.error()) + "\n"};
    key = *given;
  }
  auto proved = audit::check_proof(*json, key);
  if (!proved) return {kExitFailed, "", fmt::format("証明になっていません。（{}）\n", proved.error().detail)};
  std::string words = fmt::format("{}件目の記録（{}、{}）は、{}の控えの時点で{}件の記録の中にありました。控え {}\n", proved->entry.sequence, proved->entry.entry.kind,
                                  time_words(proved->entry.entry.time_ms), time_words(proved->time_ms), proved->checkpoint.size, proved->checkpoint.paper());
  if (proved->since) words += fmt::format("{}件の時の記録 {} は、その初めの部分です。\n", proved->since->size, proved->since->paper());
  if (key.empty()) words += fmt::format("公開鍵 {} が役所のものであることを、確かめてください。\n", proved->key);
  return {0, words, ""};
}

/// The beginning of a day 「2026-07-15」 by this machine's clock. Errors: kInvalid.
Result<std::int64_t> day_ms(const std::string& text) {
  std::tm day{};
  const char* const end = strptime(text.c_str(), "%Y-%m-%d", &day);
  day.tm_isdst = -1;
  if (end == nullptr || *end != '\0') return fail(ErrorCode::kInvalid, "日付は2026-07-15のように指定してください: " + text);
  return static_cast<std::int64_t>(std::mktime(&day)) * 1000;
}

Outcome erase(const Flags& flags) {
  if (auto day = day_ms(flags.before); !day) return {kExitUsage, "", in_japanese(day.error()) + "\n"};
  constexpr std::size_t kMonthCharacters = 7;
  return ask(flags, {"audit", "erase", flags.level, flags.before.substr(0, kMonthCharacters), flags.reason});
}

Outcome export_log(const Flags& flags) {
  const auto form = audit::log_form_named(flags.form);
  if (!form) return {kExitUsage, "", in_japanese(form.error()) + "\n"};
  audit::EntryFilter filter = flags.filter;
  for (const auto& [text, ms] : {std::pair(&flags.from, &filter.from_ms), std::pair(&flags.to, &filter.to_ms)}) {
    if (text->empty()) continue;
    const auto day = day_ms(*text);
    if (!day) return {kExitUsage, "", in_japanese(day.error()) + "\n"};
    *ms = *day;
  }
  auto log = audit::LogExport::open(log_folder(flags.folder), *form, filter);
  if (!log) return failed(log.error());
  std::ofstream file;
  if (!flags.out.empty()) file.open(flags.out, std::ios::binary | std::ios::trunc);
  std::ostream& out = flags.out.empty() ? std::cout : file;
  for (;;) {
    auto piece = log->next();
    if (!piece) return failed(piece.error());
    if (piece->empty()) break;
    out << *piece;
  }
  out.flush();
  if (!out) return failed({ErrorCode::kUnavailable, "cannot write " + flags.out});
  std::string told = flags.out.empty() ? "" : fmt::format("{}件の記録を書きました: {}\n", log->entries(), flags.out);
  if (log->missing() > 0) told += fmt::format("この文字コードにない文字が{}字あり、〓としました。\n", log->missing());
  return {0, "", told};
}

using Run = Outcome (*)(const Flags&);

CLI::App* add(CLI::App& parent, Chosen& chosen, const std::shared_ptr<Flags>& flags, const char* name, const char* help, Run run) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->callback([&chosen, flags, run] { chosen = [flags, run] { return print(run(*flags)); }; });
  return command;
}

}  // namespace

std::string time_words(std::int64_t time_ms) {
  const std::time_t seconds = time_ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{}年{}月{}日 {}時{:02}分", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min);
}

namespace {

Outcome checkpoint_in(Office& office) {
  auto line = office.notary->checkpoint();
  if (!line) return failed(line.error());
  auto keys = audit::key_lines(office.folder() / "audit");
  auto followed = keys ? audit::follow_keys(*keys) : fail(keys.error());
  if (!followed) return failed(followed.error());
  const audit::TreeHead head = line->head();
  const Json json = Json::object({{"number", line->number}, {"size", head.size}, {"root", head.root.hex()}, {"paper", head.paper()}, {"time_ms", line->time_ms},
                                  {"key", line->key}, {"public_key", followed->front()}, {"witness_trouble", office.notary->witness_trouble()}});
  return {0, json.dump() + "\n", ""};
}

Outcome prune_in(Office& office, const std::string& before_ms) {
  std::int64_t before = 0;
  const auto [stop, ec] = std::from_chars(before_ms.data(), before_ms.data() + before_ms.size(), before);
  if (ec != std::errc() || *stop != '\0') return failed({ErrorCode::kInvalid, "before_ms"});
  auto removed = audit::prune(office.folder() / "audit", *office.chain, *office.notary, before);
  if (!removed) return failed(removed.error());
  if (removed->files == 0) return {0, "期限を過ぎた記録だけのファイルは、ありません。\n", ""};
  return {0, fmt::format("{}件の古い記録（ファイル{}個）を消しました。{}件目までを消したことは、記録と控えから確かめられます。\n", removed->entries, removed->files, removed->up_to), ""};
}

/// Erases the keys of sealed content of a level, of whole months before that time: recorded first.
Outcome erase_in(Office& office, const std::string& level, const std::string& before_month, const std::string& reason) {
  const auto known = office.policy.level_named(level);
  if (!known) return failed(known.error());
  const std::string& name = office.policy.rule(*known).name;
  std::vector<std::string> keys;
  for (const audit::ContentKey& key : office.contents->keys()) {
    const auto label = Json::parse(key.label);
    if (label && label->text_or("level") == name && key.month < before_month) keys.push_back(key.id);
  }
  if (keys.empty()) return {0, "消す鍵は、ありません。\n", ""};
  const Json facts = Json::object({{"before", before_month}, {"keys", Json::Array(keys.begin(), keys.end())}, {"level", name}, {"reason", reason}});
  if (auto told = office.gate.record(office.local_operator(), "content.erased", {}, audit::Outcome::kDone, facts); !told) return failed(told.error());
  for (const std::string& key : keys) {
    if (auto erased = office.contents->erase(key); !erased) return failed(erased.error());
  }
  return {0, fmt::format("鍵{}個を消しました。その鍵で封じた中身は、もうだれにも読めません。記録の連鎖と控えは、そのままです。\n", keys.size()), ""};
}

}  // namespace

std::optional<Outcome> run_audit_in(Office& office, const std::vector<std::string>& arguments) {
  if (arguments.size() == 5 && arguments[0] == "audit" && arguments[1] == "erase") return erase_in(office, arguments[2], arguments[3], arguments[4]);
  if (arguments == std::vector<std::string>{"audit", "checkpoint"}) return checkpoint_in(office);
  if (arguments.size() == 3 && arguments[0] == "audit" && arguments[1] == "prune") return prune_in(office, arguments[2]);
  return std::nullopt;
}

void add_audit_commands(CLI::App& app, Chosen& chosen) {
  // The flags live as long as the commands that hold them.
  auto flags = std::make_shared<Flags>();
  CLI::App* audit = app.add_subcommand("audit", "監査の記録");
  audit->require_subcommand(1);
  const char* const key_help = "役所が控えている公開鍵、又はそれを書いたファイル";

  CLI::App* verify_command = add(*audit, chosen, flags, "verify", "記録が改められていないことを確かめる", verify);
  verify_command->add_option("folder", flags->verify.folder, "データの置き場所、又は記録のフォルダー")->required();
  verify_command->add_flag("--json", flags->verify.json, "JSONで書く");
  verify_command->add_option("--witness", flags->verify.witnesses, "控えておいた記録（番号:ハッシュ値）、紙の控え（件数:英数字）又は控えのファイルと、合うことを確かめる");
  verify_command->add_option("--checkpoints", flags->verify.checkpoints, "別の所にある、署名した控えのファイル");
  verify_command->add_option("--public-key", flags->verify.public_key, key_help);
  verify_command->add_flag("--content", flags->verify.content, "封じた中身のファイルも、記録のハッシュ値と照らす");

  CLI::App* checkpoint_command = add(*audit, chosen, flags, "checkpoint", "今の記録の控えに署名し、表示する", checkpoint);
  checkpoint_command->add_option("--data", flags->folder, "データの置き場所")->capture_default_str();
  checkpoint_command->add_option("--witness", flags->serve_witness, "控えを書き足すファイル（サーバーが動いていないとき）");
  checkpoint_command->add_flag("--qr", flags->qr, "QRコードを端末に表示する");
  checkpoint_command->add_option("--svg", flags->out, "印刷するQRコードを書くファイル（SVG）");
  checkpoint_command->add_flag("--json", flags->json, "JSONで書く");

  CLI::App* key_command = add(*audit, chosen, flags, "key", "控えの署名を確かめる公開鍵を表示する", show_key);
  key_command->add_option("folder", flags->folder, "データの置き場所、又は記録のフォルダー")->required();

  CLI::App* prove_command = add(*audit, chosen, flags, "prove", "一つの記録が、控えの時点にあったことの証明を書く", prove);
  prove_command->add_option("sequence", flags->sequence, "記録の番号")->required();
  prove_command->add_option("--data", flags->folder, "データの置き場所、又は記録のフォルダー")->capture_default_str();
  prove_command->add_option("--since", flags->since, "この件数の時の記録から、書き足しただけであることも証明する");

  CLI::App* prune_command = add(*audit, chosen, flags, "prune", "保存の期限を過ぎた記録を消す（消したことの証明は残る）", prune);
  prune_command->add_option("--data", flags->folder, "データの置き場所")->capture_default_str();
  prune_command->add_option("--years", flags->years, "この年数より古い記録を消す")->required()->check(CLI::Range(1, 100));

  CLI::App* erase_command = add(*audit, chosen, flags, "erase", "封じた中身の鍵を消し、読めなくする（記録と、その証明は残る）", erase);
  erase_command->add_option("--data", flags->folder, "データの置き場所")->capture_default_str();
  erase_command->add_option("--label", flags->level, "格付の名前")->required();
  erase_command->add_option("--before", flags->before, "この日の月より前の月のもの（2026-07-15のように）")->required();
  erase_command->add_option("--reason", flags->reason, "理由。記録に残る")->required();
  add_audit_open(*audit, chosen);

  CLI::App* export_command = add(*audit, chosen, flags, "export", "記録を探し、表計算やほかの道具で読める形で書き出す", export_log);
  export_command->add_option("folder", flags->folder, "データの置き場所、又は記録のフォルダー")->required();
  export_command->add_option("--form", flags->form, "jsonl（記録の行のまま）、csv（UTF-8）、csv-cp932（Shift_JIS）")->capture_default_str();
  export_command->add_option("--out", flags->out, "書き出すファイル。なければ画面に書く");
  export_command->add_option("--kind", flags->filter.kind, "種別の初め（releaseなど）");
  export_command->add_option("--actor", flags->filter.actor, "利用者名の一部");
  export_command->add_option("--outcome", flags->filter.outcome, "結果")->check(CLI::IsMember({"allowed", "denied", "done", "failed"}));
  export_command->add_option("--level", flags->filter.level, "格付の名前");
  export_command->add_option("--subject", flags->filter.subject, "対象の識別番号");
  export_command->add_option("--from", flags->from, "この日から（2026-07-15のように）");
  export_command->add_option("--to", flags->to, "この日より前（この日は含まない）");

  CLI::App* check_command = add(*audit, chosen, flags, "check", "証明を確かめる", check);
  check_command->add_option("file", flags->file, "証明のファイル")->required()->check(CLI::ExistingFile);
  check_command->add_option("--public-key", flags->public_key, key_help);
}

}  // namespace sekisho::main
