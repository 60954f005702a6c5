#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/judge.h"
#include "model/prompt.h"

namespace sekisho::model {

/// A model that is known by name. Where it comes from is tools/fetch_model's business.
struct CatalogEntry {
  std::string name;  ///< As typed: letters, digits, '.', '-', '_'.
  std::string title_ja;
  std::string licence;           ///< SPDX, or "" for one that the office added.
  std::optional<Family> family;  ///< Nothing for embedding models.
  bool embedding = false;
  bool is_default = false;
  bool is_small = false;   ///< For tests and weak machines.
  bool is_embedding_default = false;
  bool fetchable = false;  ///< Has a source.
  std::string query_prefix;    ///< What an embedding model wants before a question,
  std::string passage_prefix;  ///< and before what is to be found.
  std::int64_t context_tokens = 0;
  std::int64_t size_bytes = 0;
  std::string sha256;  ///< 64 hexadecimal characters: decides what this model is.
  std::string note_ja;
  std::optional<Calibration> judge;

  /// As a [[model]] of a catalog (without sources).
  [[nodiscard]] std::string to_toml() const;
};

/// models/catalog.toml, or the file of added models beside the cache.
struct Catalog {
  std::vector<CatalogEntry> entries;

  /// Strict: unknown keys, wrong types, names or hashes twice are refused.
  /// Errors: kUnavailable (cannot be read), kInvalid (with line or path), kTooLarge.
  [[nodiscard]] static Result<Catalog> load(const std::string& path);
  [[nodiscard]] static Result<Catalog> parse(std::string_view toml);

  /// By name, or "default", "small" or "embedding"; nullptr where there is none.
  [[nodiscard]] const CatalogEntry* find(std::string_view name) const;
};

}  // namespace sekisho::model
