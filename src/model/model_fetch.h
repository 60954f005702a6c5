#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace sekisho::model {

struct FetchProgress {
  std::string event;  ///< "progress", "waiting" (another process fetches it), "retry".
  std::string step;   ///< Japanese: which part.
  std::int64_t done_bytes = 0;
  std::int64_t total_bytes = 0;
  double seconds = 0;
};
struct FetchOptions {
  std::string script;        ///< tools/fetch_model
  std::string catalog_path;  ///< models/catalog.toml
  std::string cache_folder;
  std::string name;
  std::string python = "python3";
};
/// Runs tools/fetch_model, which resumes, checks the hash and puts the file into the cache. Returns its path.
/// `stop` ends the script and what it started; what has arrived stays for the next time.
/// Errors: kUnavailable (no python3 or pip, with what to install; no network; no space), kCorrupt, kInvalid (unknown name), kCancelled.
[[nodiscard]] Result<std::string> fetch_model(const FetchOptions& options, const std::function<void(const FetchProgress&)>& on_progress,
                                              const std::stop_token& stop = {});

}  // namespace sekisho::model
