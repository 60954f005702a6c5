#include "main/audit_open.h"

#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "main/audit_commands.h"
#include "main/plain_text.h"
#include "main/remote.h"

namespace sekisho::main {
namespace {

constexpr char kOpenings[] = "/api/v1/audit/openings";

struct OpenFlags : ClientFlags {
  std::int64_t sequence = 0;
  std::string reason, id;
};

std::string list_words(const Json& answer) {
  std::string out;
  for (const Json& item : *answer.find("items")->as_array()) {
    const std::string approved = item.text_or("approved_by");
    const bool over = item.int_or("ends_ms") <= answer.int_or("now_ms");
    const std::string state = over ? "期限切れ" : approved.empty() ? "承認待ち" : "承認：" + approved;
    out += fmt::format("{}  記録{}番  {}  {}（{}まで）\n  {}：{}\n", item.text_or("id"), item.int_or("sequence"), item.text_or("level"), state, time_words(item.int_or("ends_ms")),
                       item.text_or("asked_by"), item.text_or("reason"));
  }
  return out.empty() ? "開示の求めは、ありません。\n" : out;
}

std::string content_words(const Json& content) {
  std::string out = fmt::format("質問\n{}\n\n回答\n{}\n", content.text_or("question"), content.text_or("answer"));
  const Json* sources = content.find("sources");
  if (sources == nullptr || sources->as_array() == nullptr) return out;
  for (const Json& source : *sources->as_array()) out += fmt::format("\n出典{} {}\n{}\n", source.int_or("number"), source.text_or("document_name"), source.text_or("text"));
  return out;
}

int tell(const OpenFlags& flags, const Try<Json>& answer, const std::string& words) {
  if (!answer) return give_up(answer.error(), flags.json);
  std::cout << (flags.json ? answer->dump() + "\n" : printable(words)) << std::flush;
  return 0;
}

int ask(const OpenFlags& flags) {
  auto remote = Remote::open(flags);
  if (!remote) return give_up(remote.error(), flags.json);
  const Json body = Json::object({{"sequence", flags.sequence}, {"reason", flags.reason}});
  auto answer = remote->post(kOpenings, &body);
  return tell(flags, answer, answer ? fmt::format("求めを記録しました：{}\n別の監査又は運用の担当者が承認すると、24時間読めます。\n", answer->text_or("id")) : "");
}

int list(const OpenFlags& flags) {
  auto remote = Remote::open(flags);
  if (!remote) return give_up(remote.error(), flags.json);
  auto answer = remote->get(kOpenings);
  return tell(flags, answer, answer ? list_words(*answer) : "");
}

int approve(const OpenFlags& flags) {
  auto remote = Remote::open(flags);
  if (!remote) return give_up(remote.error(), flags.json);
  return tell(flags, remote->post(fmt::format("{}/{}/approve", kOpenings, flags.id)), "承認しました。\n");
}

int read(const OpenFlags& flags) {
  auto remote = Remote::open(flags);
  if (!remote) return give_up(remote.error(), flags.json);
  auto answer = remote->post(fmt::format("{}/{}/read", kOpenings, flags.id));
  return tell(flags, answer, answer ? content_words(*answer) : "");
}

}  // namespace

void add_audit_open(CLI::App& audit, Chosen& chosen) {
  // The flags live as long as the commands that hold them.
  auto flags = std::make_shared<OpenFlags>();
  CLI::App* open = audit.add_subcommand("open", "封じた中身を読む（監査の担当者が理由を添えて求め、別の人が承認する）");
  open->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, int (*run)(const OpenFlags&)) {
    CLI::App* command = open->add_subcommand(name, help);
    command->add_flag("--json", flags->json, "JSONで書く");
    command->add_option("--ca", flags->ca_file, "サーバーの証明書を確かめるためのCA証明書（PEM）");
    command->callback([&chosen, flags, run] { chosen = [flags, run] { return run(*flags); }; });
    return command;
  };
  CLI::App* asking = add("ask", "記録の中身を読むことを求める", ask);
  asking->add_option("記録", flags->sequence, "記録の番号（closed.answer）")->required();
  asking->add_option("--reason", flags->reason, "理由。記録に残る")->required();
  add("list", "求めの一覧", list);
  add("approve", "ほかの人の求めを承認する", approve)->add_option("求め", flags->id, "求めのid")->required();
  add("read", "承認された求めの中身を読む", read)->add_option("求め", flags->id, "求めのid")->required();
}

}  // namespace sekisho::main
