#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "model/judge.h"
#include "model/model_cache.h"
#include "model/prompt.h"

namespace sekisho::main {

/// A model file that can be loaded, and what the catalog knows of it.
struct ModelFile {
  std::filesystem::path path;
  std::string name;
  std::string title;
  std::string sha256;
  std::optional<model::Family> family;
  bool embedding = false;
  std::optional<model::Calibration> judge;
  std::int64_t context_tokens = 0;
  std::string query_prefix, passage_prefix;  ///< Of an embedding model.
};

/// The catalog that ships with the program, over this machine's cache. Errors: kUnavailable, kInvalid.
[[nodiscard]] Result<model::ModelCache> open_model_cache();

/// `name`: a name of the catalog, or a GGUF file; empty: the catalog's default.
/// Errors: kInvalid (no such name), kUnavailable (in the catalog, but not fetched), kCorrupt (another hash), kInvalid (a file that is none).
[[nodiscard]] Result<ModelFile> resolve_model(std::string_view name);

/// GET /api/v1/models: the catalog, what is installed, which of them are `active` (the one that answers, the one that embeds).
[[nodiscard]] Json models_json(const std::vector<std::string>& active);

}  // namespace sekisho::main
