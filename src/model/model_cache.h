#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/catalog.h"

namespace sekisho::model {

/// ${SEKISHO_CACHE:-${XDG_CACHE_HOME:-~/.cache}/sekisho}
[[nodiscard]] std::string default_cache_folder();

/// A known model and whether its file is here.
struct KnownModel {
  CatalogEntry entry;
  bool added = false;      ///< By the office, not by the catalog.
  bool installed = false;  ///< A file of its name and size is there.
  std::string path;        ///< Where the file is or would be.
};

/// Bytes done and in all. Called every few dozen megabytes, from the calling thread.
using ByteProgress = std::function<void(std::int64_t done_bytes, std::int64_t total_bytes)>;

/// The model files of one machine: FOLDER/models/<sha256>.gguf, shared between checkouts, put there by rename only.
/// Models that the office added are listed in FOLDER/models/added.toml; calibrations in <sha256>.judge.json.
///
/// Threads and processes: any number at once. Keeps nothing in memory, so it never knows something stale.
class ModelCache {
 public:
  /// `folder`: see default_cache_folder(). It is made when something is first put there.
  ModelCache(Catalog catalog, std::string folder);

  /// The catalog's models, then the added ones, each with its newest calibration. Errors: kInvalid (a broken added.toml).
  [[nodiscard]] Result<std::vector<KnownModel>> list() const;
  /// By name, "default", "small", or the first 8 or more characters of the hash.
  /// Errors: kInvalid for an unknown one (with the names that exist).
  [[nodiscard]] Result<KnownModel> find(std::string_view name) const;

  /// What an engine may load: installed, and its hash is the catalog's. Reads the whole file only where it changed since
  /// it was last read (size, time, inode: FOLDER/models/<sha256>.stamp).
  /// Errors: kUnavailable (not installed), kCorrupt (the hash differs).
  [[nodiscard]] Result<KnownModel> admit(std::string_view name, const ByteProgress& progress = {}) const;

  struct AddOptions {
    std::string name;              ///< "": made from the file's name.
    std::optional<Family> family;  ///< Nothing: from the file (family_of).
    std::string title_ja;
    std::string licence;
  };
  /// Checks a GGUF file (gguf_check), copies it into the cache under its hash and lists it. A model that is known by its
  /// hash keeps its name. Errors: those of check_gguf and family_of, kConflict (the name is taken), kUnavailable (disk).
  [[nodiscard]] Result<KnownModel> add(const std::string& file, const AddOptions& options, const ByteProgress& progress = {}) const;

  /// Reads the whole file and compares. Errors: as admit.
  [[nodiscard]] Result<void> verify(std::string_view name, const ByteProgress& progress = {}) const;
  /// Deletes the file, and the listing of an added model. Errors: kInvalid (unknown), kUnavailable (not installed, disk).
  [[nodiscard]] Result<void> remove(std::string_view name) const;

  /// Keeps a calibration of the judge for this model; it goes before the catalog's.
  [[nodiscard]] Result<void> save_judge(const std::string& sha256, const Calibration& calibration) const;

  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  [[nodiscard]] std::string path_of(std::string_view sha256, std::string_view ending) const;
  [[nodiscard]] Result<Catalog> added() const;
  [[nodiscard]] Result<void> change_added(const std::function<void(Catalog&)>& change) const;
  [[nodiscard]] Result<KnownModel> installed(std::string_view name) const;
  [[nodiscard]] Result<void> check_hash(const KnownModel& model, const ByteProgress& progress) const;

  const Catalog catalog_;
  const std::string folder_;
};

}  // namespace sekisho::model
