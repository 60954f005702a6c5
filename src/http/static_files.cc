#include "http/static_files.h"

#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace sekisho::http {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
    {".pdf", "application/pdf"},
    {".xml", "application/xml"},
}};

/// FNV-1a: tells versions of our own files apart, nothing more.
std::string etag_of(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return fmt::format("\"{:016x}-{:x}\"", hash, bytes.size());
}

Result<std::string> read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return fail(ErrorCode::kUnavailable, "cannot read a file of the web page");
  return bytes;
}

bool matches(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

}  // namespace

std::string_view content_type_of(std::string_view file_name) {
  for (const auto& [ending, type] : kTypes) {
    if (file_name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

Result<StaticFiles> StaticFiles::load(const fs::path& folder, Options options) {
  StaticFiles files;
  std::map<std::string, std::shared_ptr<const std::string>> zipped;
  std::size_t total_bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (entry->symlink_status(ignored).type() != fs::file_type::regular) continue;
    total_bytes += entry->file_size(ignored);
    if (total_bytes > options.max_bytes) return fail(ErrorCode::kTooLarge, "files of the web page");
    auto bytes = read_whole(entry->path());
    if (!bytes) return fail(bytes.error());
    std::string name = (fs::path("/") / entry->path().lexically_relative(folder)).generic_string();
    auto shared = std::make_shared<const std::string>(*std::move(bytes));
    if (name.ends_with(".gz")) {
      zipped.emplace(name.substr(0, name.size() - 3), std::move(shared));
    } else {
      const std::string_view type = content_type_of(name);
      std::string etag = etag_of(*shared);
      files.files_.emplace(std::move(name), File{std::move(shared), nullptr, std::move(etag), type});
    }
  }
  if (error) return fail(ErrorCode::kUnavailable, "cannot read the folder of the web page: " + error.message());
  for (auto& [name, bytes] : zipped) {
    if (const auto plain = files.files_.find(name); plain != files.files_.end()) plain->second.gzip = std::move(bytes);
  }
  if (!files.files_.contains("/index.html")) return fail(ErrorCode::kUnavailable, "the folder of the web page has no index.html");
  files.options_ = std::move(options);
  return files;
}

const StaticFiles::File* StaticFiles::find(const Request& request, std::string& name) const {
  for (const std::string& segment : request.segments) name += "/" + segment;
  if (const auto file = files_.find(name); file != files_.end()) return &file->second;
  // A missing file of the page must not look like the page itself.
  if (name.starts_with(options_.immutable_prefix)) return nullptr;
  for (const std::string& prefix : options_.not_pages) {
    if (name.starts_with(prefix)) return nullptr;
  }
  name = "/index.html";
  return &files_.find(name)->second;
}

Response StaticFiles::serve(const Request& request) const {
  std::string name;
  const File* file = find(request, name);
  if (file == nullptr) return error_response(404, {ErrorCode::kDenied, "no such file"});
  const bool gzip = file->gzip && request.headers.has_token("Accept-Encoding", "gzip");
  // Each representation has its own validator (RFC 9110 §8.8.3.3).
  std::string etag = file->etag;
  if (gzip) etag.insert(etag.size() - 1, "-gz");
  Response response;
  response.headers.add("ETag", etag);
  response.headers.add("Cache-Control", name.starts_with(options_.immutable_prefix) ? "public, max-age=31536000, immutable" : "no-cache");
  if (file->gzip) response.headers.add("Vary", "Accept-Encoding");
  // On 304 too: a browser replaces the headers that it kept by those of the answer.
  if (!options_.page_security_policy.empty() && file->content_type.starts_with("text/html")) {
    response.headers.add("Content-Security-Policy", options_.page_security_policy);
  }
  const auto condition = request.headers.get("If-None-Match");
  if (condition && matches(*condition, etag)) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", file->content_type);
  if (gzip) response.headers.add("Content-Encoding", "gzip");
  response.shared_body = gzip ? file->gzip : file->plain;
  return response;
}

}  // namespace sekisho::http
