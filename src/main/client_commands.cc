#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "crypto/secret.h"
#include "main/client_add.h"
#include "main/client_ask.h"
#include "main/client_search.h"
#include "main/client_shelf.h"
#include "main/commands.h"

namespace sekisho::main {
namespace {

void add_client_flags(CLI::App& command, ClientFlags& flags) {
  command.add_flag("--json", flags.json, "JSONで書く");
  command.add_option("--ca", flags.ca_file, "サーバーの証明書を確かめるためのCA証明書（PEM）");
}

void add_ask(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<AskOptions>();
  CLI::App* ask = app.add_subcommand("ask", "質問する。回答と出典を表示する");
  ask->add_option("質問", options->question, "知りたいこと")->required();
  CLI::Option* shelves = ask->add_option("--shelf", options->shelves, "調べる書架の名前又はid（何度でも）")->allow_extra_args(false);
  ask->add_flag("--no-documents", options->no_documents, "資料を使わずに答える")->excludes(shelves);
  ask->add_option("--conversation", options->conversation_id, "続きを聞く会話のid");
  add_client_flags(*ask, *options);
  ask->callback([&chosen, options] { chosen = [options] { return run_ask(*options); }; });
}

void add_search(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<SearchOptions>();
  CLI::App* search = app.add_subcommand("search", "言葉で探す。モデルは使わない");
  search->add_option("言葉", options->query, "探す言葉又は文")->required();
  search->add_option("--shelf", options->shelves, "調べる書架の名前又はid（何度でも）")->allow_extra_args(false);
  search->add_option("--limit", options->limit, "表示する数")->check(CLI::Range(1, 100))->capture_default_str();
  search->add_flag("--explain", options->explain, "点数の内訳と、一致した言葉も表示する");
  add_client_flags(*search, *options);
  search->callback([&chosen, options] { chosen = [options] { return run_search(*options); }; });
}

void add_shelf_adding(CLI::App& shelf, Chosen& chosen) {
  struct Flags : AddOptions {
    bool no_wait = false;
    bool password_stdin = false;
  };
  auto options = std::make_shared<Flags>();
  CLI::App* add = shelf.add_subcommand("add", "書架に文書を追加し、読み終わるまで待つ");
  add->add_option("書架", options->shelf, "書架の名前又はid")->required();
  add->add_option("ファイル", options->paths, "PDF、Word、Excel、PowerPoint、テキスト、CSV、HTML、メール、zip、画像など")->required();
  add->add_flag("--recursive,-r", options->recursive, "フォルダーの中のファイルも追加する");
  auto* no_wait = add->add_flag("--no-wait", options->no_wait, "読み終わるのを待たない");
  add->add_flag("--password-stdin", options->password_stdin, "PDFとzipのパスワードを、標準入力の一行目から読む")->excludes(no_wait);
  add_client_flags(*add, *options);
  add->callback([&chosen, options] {
    options->wait = !options->no_wait;
    chosen = [options] {
      if (options->password_stdin) std::getline(std::cin, options->password);
      const int status = add_documents(*options);
      const auto wiped = crypto::SecretBytes::take(std::move(options->password));
      return status;
    };
  });
}

void add_shelf_making(CLI::App& shelf, Chosen& chosen) {
  auto options = std::make_shared<CreateShelfOptions>();
  CLI::App* create = shelf.add_subcommand("create", "書架を作る");
  create->add_option("名前", options->name, "書架の名前")->required();
  create->add_option("--level", options->level, "格付（番号又は名前）")->required();
  create->add_option("--readers", options->readers, "読める所属（コンマで区切る。どれかに属せば読める）")->required()->delimiter(',')->allow_extra_args(false);
  add_client_flags(*create, *options);
  create->callback([&chosen, options] { chosen = [options] { return create_shelf(*options); }; });
}

void add_shelf(CLI::App& app, Chosen& chosen) {
  struct Flags : ClientFlags {
    std::string shelf;
    bool sure = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* shelf = app.add_subcommand("shelf", "書架と文書");
  shelf->require_subcommand(1);
  CLI::App* list = shelf->add_subcommand("list", "読むことのできる書架を一覧にする");
  list->callback([&chosen, flags] { chosen = [flags] { return list_shelves(*flags); }; });
  CLI::App* show = shelf->add_subcommand("show", "書架と、その文書を表示する");
  show->callback([&chosen, flags] { chosen = [flags] { return show_shelf(*flags, flags->shelf); }; });
  CLI::App* remove = shelf->add_subcommand("delete", "書架と、その文書を削除する");
  remove->add_flag("--yes,-y", flags->sure, "確かめずに削除する");
  remove->callback([&chosen, flags] { chosen = [flags] { return delete_shelf(*flags, flags->shelf, flags->sure); }; });
  for (CLI::App* command : {show, remove}) command->add_option("書架", flags->shelf, "書架の名前又はid")->required();
  for (CLI::App* command : {list, show, remove}) add_client_flags(*command, *flags);
  add_shelf_making(*shelf, chosen);
  add_shelf_adding(*shelf, chosen);
}

}  // namespace

void add_client_commands(CLI::App& app, Chosen& chosen) {
  add_ask(app, chosen);
  add_search(app, chosen);
  add_shelf(app, chosen);
}

}  // namespace sekisho::main
