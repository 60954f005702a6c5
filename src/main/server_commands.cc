#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "main/admin_commands.h"
#include "main/admin_socket.h"
#include "main/commands.h"
#include "main/doctor.h"
#include "main/office.h"
#include "main/outcome.h"
#include "main/serve.h"

namespace sekisho::main {
namespace {

int print(const Outcome& outcome) {
  std::cout << outcome.out << std::flush;
  std::cerr << outcome.err << std::flush;
  return outcome.exit;
}

void add_serve(CLI::App& app, Chosen& chosen) {
  // The options live as long as the command that holds them.
  auto options = std::make_shared<ServeOptions>();
  CLI::App* serve_command = app.add_subcommand("serve", "サーバーを始める");
  serve_command->add_option("--data", options->data, "データの置き場所")->capture_default_str();
  serve_command->add_option("--listen", options->listen, "待ち受けるアドレスとポート")->capture_default_str();
  serve_command->add_option("--model", options->model, "モデルの名前、又はGGUFファイル");
  serve_command->add_flag("--no-model", options->no_model, "モデルなしで始める（文書の登録だけ）");
  serve_command->add_option("--embedding", options->embedding, "意味で探すモデルの名前、又はGGUFファイル。none: 言葉だけで探す");
  CLI::Option* certificate = serve_command->add_option("--certificate", options->certificate, "TLSの証明書（PEM）");
  serve_command->add_option("--key", options->key, "TLSの秘密鍵（PEM）")->needs(certificate);
  serve_command->add_option("--host", options->hosts, "利用者が使うサーバーの名前");
  serve_command->add_option("--port-file", options->port_file, "待ち受けたポートの番号を書くファイル");
  serve_command->add_option("--context", options->context_tokens, "一度に読めるトークン数")->check(CLI::Range(512, 131072))->capture_default_str();
  serve_command->add_option("--parallel", options->sequences, "同時に答える数")->check(CLI::Range(1, 64))->capture_default_str();
  serve_command->add_flag("--one-subject", options->one_subject, "人と格付が替わるたびに、モデルのプロセスを起動し直す（最も厳しい隔離。起動の時間が掛かり、同時には1人）");
  serve_command->add_flag("--fast{false}", options->exact, "同時の利用で結果が変わり得る速い計算を使う");
  serve_command->add_option("--witness", options->witness, "監査の記録の控えを書き足すファイル（別の機械の置き場所など）");
  serve_command->add_flag("--welcome", options->welcome, "アドレスと、最初の管理者のリンクを表示する");
  serve_command->callback([&chosen, options] { chosen = [options] { return serve(*options); }; });
}

}  // namespace

void add_server_commands(CLI::App& app, Chosen& chosen) {
  add_serve(app, chosen);
  struct Flags {
    std::optional<std::string> folder;
    bool json = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* doctor = app.add_subcommand("doctor", "隔離と記録が正常かを調べる");
  doctor->add_option("--data", flags->folder, "データの置き場所");
  doctor->add_flag("--json", flags->json, "JSONで書く");
  doctor->callback([&chosen, flags] {
    chosen = [flags] {
      return print(run_doctor(flags->folder ? std::optional<std::filesystem::path>(*flags->folder) : std::nullopt, flags->json));
    };
  });
}

int run_admin_command(std::vector<std::string> arguments) {
  std::filesystem::path folder = "var";
  for (std::size_t i = 0; i < arguments.size();) {
    if (arguments[i] == "--data" && i + 1 < arguments.size()) {
      folder = arguments[i + 1];
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    } else {
      ++i;
    }
  }
  std::string input;
  if (std::find(arguments.begin(), arguments.end(), "--password-stdin") != arguments.end()) {
    input.assign(std::istreambuf_iterator<char>(std::cin), {});
  }
  if (auto outcome = ask_server(folder, arguments, input)) return print(*outcome);
  auto office = Office::open(folder);
  if (!office) return print(failed(office.error()));
  return print(run_admin(**office, arguments, input));
}

}  // namespace sekisho::main
