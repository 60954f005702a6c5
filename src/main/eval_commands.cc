#include <memory>

#include <CLI/CLI.hpp>

#include "main/commands.h"
#include "main/eval_run.h"

namespace sekisho::main {
namespace {

constexpr int kParallel_max = 64;

std::shared_ptr<EvalOptions> add_eval_flags(CLI::App& command) {
  auto options = std::make_shared<EvalOptions>();
  command.add_option("ファイル", options->file, "質問のファイル（JSON Lines）")->required()->check(CLI::ExistingFile);
  command.add_option("--shelf", options->shelves, "調べる書架の名前又はid（何度でも）")->required()->allow_extra_args(false);
  command.add_option("--limit", options->limit, "始めからこの数の質問だけを使う");
  command.add_option("--parallel", options->parallel, "同時に聞く数")->check(CLI::Range(1, kParallel_max))->capture_default_str();
  command.add_option("--details", options->details_file, "質問ごとの結果を書くファイル（JSON Lines）");
  command.add_flag("--resume", options->resume, "途中で終わった評価を、--detailsのファイルの続きから行う")->needs("--details");
  command.add_flag("--json", options->json, "JSONで書く");
  command.add_option("--ca", options->ca_file, "サーバーの証明書を確かめるためのCA証明書（PEM）");
  return options;
}

}  // namespace

void add_eval_commands(CLI::App& app, Chosen& chosen) {
  CLI::App* eval = app.add_subcommand("eval", "自分たちの質問で、検索と回答の質を測る");
  eval->require_subcommand(1);

  CLI::App* search = eval->add_subcommand("search", "{\"question\",\"relevant\":[ファイル名又は箇所のid]} から、検索の順位と時間を測る");
  const auto search_options = add_eval_flags(*search);
  search->callback([&chosen, search_options] { chosen = [search_options] { return eval_search(*search_options); }; });

  CLI::App* answer = eval->add_subcommand("answer", "{\"question\",\"answers\":[…],\"relevant\":[…]} から、回答の正しさと時間を測る（[]は資料にない質問）");
  const auto answer_options = add_eval_flags(*answer);
  answer->callback([&chosen, answer_options] { chosen = [answer_options] { return eval_answer(*answer_options); }; });

  CLI::App* calibrate = eval->add_subcommand("calibrate", "資料に答えがあるかの判定を、モデルに合わせる。models/catalog.tomlの[model.judge]を書く");
  const auto calibrate_options = add_eval_flags(*calibrate);
  calibrate->add_option("--false-refusals", calibrate_options->false_refusals, "あるものをないと答えてよい割合")->check(CLI::Range(0.0, 0.5))->capture_default_str();
  calibrate->callback([&chosen, calibrate_options] { chosen = [calibrate_options] { return eval_calibrate(*calibrate_options); }; });
}

}  // namespace sekisho::main
