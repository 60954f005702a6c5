#include "model/catalog.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

#include <fmt/format.h>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "crypto/hash.h"

namespace sekisho::model {
namespace {

constexpr std::size_t kCatalogBytes_max = 1024 * 1024;
constexpr std::size_t kEntries_max = 1'000;

Json json_of(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    Json object = Json::object();
    for (const auto& [key, value] : *table) object.set(std::string(key.str()), json_of(value));
    return object;
  }
  if (const auto* array = node.as_array()) {
    Json::Array items;
    for (const toml::node& item : *array) items.push_back(json_of(item));
    return Json(std::move(items));
  }
  if (const auto* text = node.as_string()) return Json(text->get());
  if (const auto* number = node.as_integer()) return Json(static_cast<long long>(number->get()));
  if (const auto* number = node.as_floating_point()) return Json(number->get());
  if (const auto* flag = node.as_boolean()) return Json(flag->get());
  // Dates have no place in a catalog; as null they count as missing.
  return Json();
}

bool is_name(std::string_view name) {
  return !name.empty() && name[0] != '.' && name[0] != '-' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

void read_use(JsonReader& reader, CatalogEntry& entry) {
  const std::string use = reader.text_if("use", {.max_characters = 16}).value_or("");
  entry.is_default = use == "default";
  entry.is_small = use == "small";
  entry.is_embedding_default = use == "embedding";
  if (!use.empty() && !entry.is_default && !entry.is_small && !entry.is_embedding_default) reader.reject("use", "must be default, small or embedding");
}

void read_family(JsonReader& reader, CatalogEntry& entry) {
  const std::string kind = reader.text_if("kind", {.max_characters = 16}).value_or("text");
  entry.embedding = kind == "embedding";
  if (kind != "text" && !entry.embedding) reader.reject("kind", "must be text or embedding");
  const auto name = reader.text_if("family", {.max_characters = 32});
  if (!name) {
    if (!entry.embedding) reader.reject("family", "is missing");
    return;
  }
  const auto family = family_named(*name);
  if (family) entry.family = *family;
  if (!family) reader.reject("family", family.error().detail);
}

Result<CatalogEntry> entry_of(const Json& json, const std::string& path) {
  JsonReader reader(json, path);
  CatalogEntry entry;
  entry.name = reader.text("name", {.min_characters = 1, .max_characters = 100});
  if (!entry.name.empty() && (!is_name(entry.name) || entry.name == "default" || entry.name == "small" || entry.name == "embedding" || entry.name == "none")) {
    reader.reject("name", "must be letters, digits, '.', '-' and '_', and not default, small, embedding or none");
  }
  entry.title_ja = reader.text_if("title_ja", {.max_characters = 200}).value_or(entry.name);
  entry.licence = reader.text_if("licence", {.max_characters = 100}).value_or("");
  entry.note_ja = reader.text_if("note_ja", {.max_characters = 1'000}).value_or("");
  entry.context_tokens = reader.integer("context_tokens", {.min = 1, .max = INT64_C(1) << 31});
  entry.size_bytes = reader.integer("size_bytes", {.min = 1});
  entry.sha256 = reader.text("sha256", {.max_characters = 64});
  if (!crypto::Digest::from_hex(entry.sha256)) reader.reject("sha256", "must be 64 lower-case hexadecimal characters");
  entry.query_prefix = reader.text_if("query_prefix", {.max_characters = 100}).value_or("");
  entry.passage_prefix = reader.text_if("passage_prefix", {.max_characters = 100}).value_or("");
  read_use(reader, entry);
  read_family(reader, entry);
  if (entry.is_embedding_default && !entry.embedding) reader.reject("use", "embedding is for models of kind embedding");
  if (const Json* sources = reader.raw_if("source")) entry.fetchable = sources->as_array() != nullptr && !sources->as_array()->empty();
  if (const Json* judge = reader.raw_if("judge")) {
    auto calibration = Calibration::from_json(*judge, path + ".judge");
    if (!calibration) return fail(calibration.error());
    entry.judge = *calibration;
  }
  if (auto done = reader.finish(); !done) return fail(done.error());
  return entry;
}

Result<void> check_unique(const std::vector<CatalogEntry>& entries) {
  std::set<std::string_view> names;
  std::set<std::string_view> hashes;
  for (const CatalogEntry& entry : entries) {
    if (!names.insert(entry.name).second) return fail(ErrorCode::kInvalid, fmt::format("catalog: the name \"{}\" twice", entry.name));
    if (!hashes.insert(entry.sha256).second) return fail(ErrorCode::kInvalid, fmt::format("catalog: the hash of \"{}\" twice", entry.name));
  }
  const auto defaults = std::count_if(entries.begin(), entries.end(), [](const CatalogEntry& e) { return e.is_default; });
  const auto smalls = std::count_if(entries.begin(), entries.end(), [](const CatalogEntry& e) { return e.is_small; });
  const auto embedders = std::count_if(entries.begin(), entries.end(), [](const CatalogEntry& e) { return e.is_embedding_default; });
  if (defaults > 1 || smalls > 1 || embedders > 1) return fail(ErrorCode::kInvalid, "catalog: more than one model is \"default\", \"small\" or \"embedding\"");
  return {};
}

}  // namespace

Result<Catalog> Catalog::load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::kUnavailable, fmt::format("{}: cannot be read", path));
  std::string text(kCatalogBytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto catalog = parse(text);
  if (!catalog) return fail(catalog.error().code, fmt::format("{}: {}", path, catalog.error().detail));
  return catalog;
}

Result<Catalog> Catalog::parse(std::string_view text) {
  if (text.size() > kCatalogBytes_max) return fail(ErrorCode::kTooLarge, fmt::format("catalog: more than {} bytes", kCatalogBytes_max));
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return fail(ErrorCode::kInvalid, fmt::format("catalog: line {}: {}", parsed.error().source().begin.line, parsed.error().description()));
  }
  const Json json = json_of(parsed.table());
  JsonReader reader(json, "catalog");
  Catalog catalog;
  const Json* models = reader.raw_if("model");
  const Json::Array* items = models == nullptr ? nullptr : models->as_array();
  if (models != nullptr && (items == nullptr || items->size() > kEntries_max)) {
    reader.reject("model", fmt::format("must be at most {} tables", kEntries_max));
  }
  if (auto done = reader.finish(); !done) return fail(done.error());
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
    auto entry = entry_of((*items)[i], fmt::format("catalog.model[{}]", i));
    if (!entry) return fail(entry.error());
    catalog.entries.push_back(std::move(*entry));
  }
  if (auto unique = check_unique(catalog.entries); !unique) return fail(unique.error());
  return catalog;
}

const CatalogEntry* Catalog::find(std::string_view name) const {
  for (const CatalogEntry& entry : entries) {
    if (entry.name == name || (name == "default" && entry.is_default) || (name == "small" && entry.is_small) || (name == "embedding" && entry.is_embedding_default)) {
      return &entry;
    }
  }
  return nullptr;
}

std::string CatalogEntry::to_toml() const {
  // A JSON string is a TOML basic string too.
  const auto quoted = [](const std::string& text) { return Json(text).dump(); };
  std::string out = "[[model]]\n";
  out += fmt::format("name = {}\ntitle_ja = {}\nlicence = {}\n", quoted(name), quoted(title_ja), quoted(licence));
  if (family) out += fmt::format("family = {}\n", quoted(std::string(name_of(*family))));
  out += fmt::format("kind = \"{}\"\n", embedding ? "embedding" : "text");
  out += fmt::format("context_tokens = {}\nsize_bytes = {}\nsha256 = \"{}\"\n", context_tokens, size_bytes, sha256);
  if (!note_ja.empty()) out += fmt::format("note_ja = {}\n", quoted(note_ja));
  if (judge) out += "\n" + judge->to_toml();
  return out;
}

}  // namespace sekisho::model
