#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "http/request.h"
#include "http/response.h"

namespace sekisho::http {

/// The files of the web page, loaded whole at start: no request ever names a path to the disk.
///
/// Answers with ETag and 304, the right Content-Type, the `.gz` beside a file where the client takes gzip, "immutable"
/// caching below `immutable_prefix`, and index.html for every other path that is no file (routes of the page).
///
/// Threads: const members safe from any.
class StaticFiles {
 public:
  struct Options {
    std::string immutable_prefix = "/assets/";            ///< Names there hold a hash of the content.
    std::vector<std::string> not_pages = {"/api/", "/v1/"};  ///< Below these, what is no file is 404.
    std::string page_security_policy;                     ///< Content-Security-Policy of HTML files; empty: the pipeline's.
    std::size_t max_bytes = limits::kWebFilesBytes;       ///< Of all files together.
  };

  /// Reads `folder` recursively; links are not followed. Errors: kUnavailable (cannot be read, or has no index.html),
  /// kTooLarge.
  [[nodiscard]] static Result<StaticFiles> load(const std::filesystem::path& folder, Options options);
  [[nodiscard]] static Result<StaticFiles> load(const std::filesystem::path& folder) { return load(folder, Options{}); }

  /// Answers GET and HEAD of `request.segments`.
  [[nodiscard]] Response serve(const Request& request) const;

  [[nodiscard]] std::size_t file_count() const { return files_.size(); }

 private:
  struct File {
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> gzip;  ///< nullptr: none.
    std::string etag;
    std::string_view content_type;
  };
  [[nodiscard]] const File* find(const Request& request, std::string& name) const;

  Options options_;
  std::map<std::string, File, std::less<>> files_;  ///< By "/assets/app-1a2b3c4d.js".
};

/// The media type of a file name's ending; application/octet-stream for one that is not known.
[[nodiscard]] std::string_view content_type_of(std::string_view file_name);

}  // namespace sekisho::http
