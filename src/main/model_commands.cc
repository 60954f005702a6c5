#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "main/commands.h"
#include "main/models.h"
#include "main/outcome.h"
#include "main/resources.h"
#include "model/model_fetch.h"

namespace sekisho::main {
namespace {

struct Flags {
  std::string name, file, title, licence, family;
  bool json = false, print_name = false;
};

int give_up(const Error& error) {
  std::cerr << in_japanese(error) << "\n";
  return kExitFailed;
}

double megabytes(std::int64_t bytes) { return static_cast<double>(bytes) / 1e6; }

/// One line that is rewritten on a terminal; in a pipe nothing.
void show_progress(std::string_view what, std::int64_t done, std::int64_t total, double seconds) {
  if (isatty(STDERR_FILENO) == 0 || total == 0) return;
  std::cerr << fmt::format("\r  … {} {:.0f} / {:.0f} MB（{:.0f} %、{:.0f} 秒）\033[K", what, megabytes(done), megabytes(total),
                           100.0 * static_cast<double>(done) / static_cast<double>(total), seconds)
            << std::flush;
}
void end_progress() {
  if (isatty(STDERR_FILENO) != 0) std::cerr << "\r\033[K" << std::flush;
}

int list(const Flags& flags) {
  if (flags.json) {
    std::cout << models_json({}).dump() << "\n";
    return 0;
  }
  auto cache = open_model_cache();
  if (!cache) return give_up(cache.error());
  auto models = cache->list();
  if (!models) return give_up(models.error());
  for (const model::KnownModel& model : *models) {
    std::cout << fmt::format("{} {:<24} {:>8.0f} MB  {:<12} {}{}\n", model.installed ? "✓" : "－", model.entry.name, megabytes(model.entry.size_bytes),
                             model.entry.licence, model.entry.title_ja, model.entry.is_default ? "（標準）" : "");
  }
  std::cout << "✓ この機械にある　－ まだない（sekisho model fetch 名前）\n";
  return 0;
}

int fetch(const Flags& flags) {
  auto cache = open_model_cache();
  if (!cache) return give_up(cache.error());
  auto known = cache->find(flags.name);
  if (!known) return give_up(known.error());
  const std::string title = known->entry.title_ja;
  if (cache->admit(flags.name)) {
    std::cout << fmt::format("  ✓ モデル「{}」は、この機械にあります（{:.0f} MB）\n", title, megabytes(known->entry.size_bytes));
    return 0;
  }
  auto script = find_resource("tools/fetch_model");
  auto catalog = find_resource("models/catalog.toml");
  if (!script) return give_up(script.error());
  if (!catalog) return give_up(catalog.error());
  if (isatty(STDERR_FILENO) == 0) std::cout << fmt::format("  … モデル「{}」を取り寄せる（{:.0f} MB）\n", title, megabytes(known->entry.size_bytes)) << std::flush;
  double seconds = 0;
  auto path = model::fetch_model({.script = script->string(), .catalog_path = catalog->string(), .cache_folder = cache->folder(), .name = flags.name},
                                 [&](const model::FetchProgress& progress) {
                                   seconds = progress.seconds;
                                   show_progress(title, progress.done_bytes, progress.total_bytes, progress.seconds);
                                 });
  end_progress();
  if (!path) return give_up(path.error());
  std::cout << fmt::format("  ✓ モデル「{}」を取り寄せました（{:.0f} 秒、ハッシュ値を確かめました）\n", title, seconds);
  return 0;
}

int add(const Flags& flags) {
  auto cache = open_model_cache();
  if (!cache) return give_up(cache.error());
  model::ModelCache::AddOptions options{.name = flags.name, .family = {}, .title_ja = flags.title, .licence = flags.licence};
  if (!flags.family.empty()) {
    auto family = model::family_named(flags.family);
    if (!family) return give_up(family.error());
    options.family = *family;
  }
  auto added = cache->add(flags.file, options, [](std::int64_t done, std::int64_t total) { show_progress("調べて写しています", done, total, 0); });
  end_progress();
  if (!added) return give_up(added.error());
  std::cout << (flags.print_name ? added->entry.name + "\n" : fmt::format("加えました: {}（{}）\n", added->entry.name, added->entry.sha256));
  return 0;
}

int verify(const Flags& flags) {
  auto cache = open_model_cache();
  if (!cache) return give_up(cache.error());
  auto verified = cache->verify(flags.name, [](std::int64_t done, std::int64_t total) { show_progress("確かめています", done, total, 0); });
  end_progress();
  if (!verified) return give_up(verified.error());
  std::cout << "ハッシュ値は、登録と一致しています。\n";
  return 0;
}

int remove(const Flags& flags) {
  auto cache = open_model_cache();
  if (!cache) return give_up(cache.error());
  auto removed = cache->remove(flags.name);
  return removed ? 0 : give_up(removed.error());
}

}  // namespace

void add_model_commands(CLI::App& app, Chosen& chosen) {
  auto flags = std::make_shared<Flags>();
  CLI::App* model = app.add_subcommand("model", "モデル");
  model->require_subcommand(1);
  const auto command = [&](const char* name, const char* what, int (*run)(const Flags&)) {
    CLI::App* sub = model->add_subcommand(name, what);
    sub->callback([&chosen, flags, run] { chosen = [flags, run] { return run(*flags); }; });
    return sub;
  };
  command("list", "知っているモデルの一覧", list)->add_flag("--json", flags->json, "JSONで書く");
  command("fetch", "取り寄せる", fetch)->add_option("name", flags->name, "名前、default 又は small")->required();
  CLI::App* add_command = command("add", "GGUFファイルを加える", add);
  add_command->add_option("file", flags->file, "GGUFファイル")->required()->check(CLI::ExistingFile);
  add_command->add_option("--name", flags->name, "呼び名。なければファイル名から");
  add_command->add_option("--title", flags->title, "表示する名前");
  add_command->add_option("--licence", flags->licence, "ライセンス（SPDX）");
  add_command->add_option("--family", flags->family, "会話の書式: qwen2.5 qwen3 gemma3 llama3 llm-jp sarashina chatml");
  add_command->add_flag("--print-name", flags->print_name, "呼び名だけを書く");
  command("verify", "ファイルが登録のとおりかを確かめる", verify)->add_option("name", flags->name)->required();
  command("remove", "この機械から消す", remove)->add_option("name", flags->name)->required();
}

}  // namespace sekisho::main
