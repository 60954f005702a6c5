#include "main/models.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "main/resources.h"

namespace sekisho::main {
namespace fs = std::filesystem;

Result<model::ModelCache> open_model_cache() {
  auto path = find_resource("models/catalog.toml");
  if (!path) return fail(path.error());
  auto catalog = model::Catalog::load(path->string());
  if (!catalog) return fail(catalog.error());
  return model::ModelCache(*std::move(catalog), model::default_cache_folder());
}

Result<ModelFile> resolve_model(std::string_view name) {
  auto cache = open_model_cache();
  if (!cache) return fail(cache.error());
  std::string wanted(name.empty() ? "default" : name);
  std::error_code ec;
  if (fs::is_regular_file(wanted, ec)) {
    auto added = cache->add(wanted, {});
    if (!added) return fail(added.error());
    wanted = added->entry.name;
  }
  auto known = cache->admit(wanted);
  if (!known) return fail(known.error());
  const model::CatalogEntry& entry = known->entry;
  return ModelFile{known->path, entry.name, entry.title_ja.empty() ? entry.name : entry.title_ja, entry.sha256, entry.family, entry.embedding, entry.judge,
                   entry.context_tokens, entry.query_prefix, entry.passage_prefix};
}

Json models_json(const std::vector<std::string>& active) {
  Json::Array items;
  auto cache = open_model_cache();
  auto known = cache ? cache->list() : Result<std::vector<model::KnownModel>>(fail(cache.error()));
  if (!known) return Json::object({{"items", Json::array()}, {"error", known.error().detail}});
  for (const model::KnownModel& model : *known) {
    items.push_back(Json::object({{"name", model.entry.name},
                                  {"title", model.entry.title_ja},
                                  {"licence", model.entry.licence},
                                  {"size_bytes", model.entry.size_bytes},
                                  {"sha256", model.entry.sha256},
                                  {"kind", model.entry.embedding ? "embedding" : "text"},
                                  {"context_tokens", model.entry.context_tokens},
                                  {"note", model.entry.note_ja},
                                  {"installed", model.installed},
                                  {"added", model.added},
                                  {"fetchable", model.entry.fetchable},
                                  {"calibrated", model.entry.judge.has_value()},
                                  {"active", std::find(active.begin(), active.end(), model.entry.name) != active.end()}}));
  }
  return Json::object({{"items", Json::array(std::move(items))}});
}

}  // namespace sekisho::main
