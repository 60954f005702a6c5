#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text/encoding.h"
#include "text/utf8.h"
#include "worker/extract_inner.h"
#include "worker/extract_readers.h"
#include "worker/extract_zip.h"

namespace sekisho::worker {
namespace {

/// Names without a mark are CP932 in Japan, whatever the format says (CP437).
std::string readable_name(const std::string& name) {
  if (text::is_valid_utf8(name)) return name;
  const text::Decoded decoded = text::decode(name, text::Encoding::kCp932);
  return decoded.undecodable == 0 ? decoded.text : text::decode(name).text;
}

/// Folders, and what systems leave behind beside the files.
bool is_no_document(std::string_view name) {
  return name.empty() || name.ends_with('/') || name.ends_with('\\') || name.starts_with("__MACOSX/") || name.ends_with(".DS_Store") || name.ends_with("Thumbs.db") ||
         name.ends_with("desktop.ini");
}

}  // namespace

Outcome read_archive(std::string_view bytes, const Request& request, ExtractOutput& output) {
  auto archive = ZipArchive::open(bytes, request.password);
  if (!archive) return tl::unexpected(archive.error());
  std::vector<std::pair<std::string, ZipArchive::Entry>> documents;
  for (ZipArchive::Entry& entry : archive->entries()) {
    std::string name = readable_name(entry.name);
    if (!is_no_document(name)) documents.emplace_back(std::move(name), std::move(entry));
  }
  std::stable_sort(documents.begin(), documents.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::size_t locked = 0;
  for (const auto& [name, entry] : documents) {
    auto content = archive->content(entry);
    if (!content && content.error().code == "bomb") return tl::unexpected(content.error());
    if (!content) {
      locked += content.error().code == "encrypted" ? 1U : 0U;
      output.note(output.pages(), "inner_unread", fmt::format("{} ({}: {})", name, content.error().code, content.error().detail));
      continue;
    }
    if (!read_inner(*content, name, fmt::format("「{}」", name), output)) break;
  }
  if (!documents.empty() && locked == documents.size()) return cannot_read("encrypted", "every member has a password");
  if (output.characters() == 0) output.note(0, "empty_page", documents.empty() ? "an empty archive" : "no member has text");
  return End{.kind = "zip", .encoding = "", .title = "", .pages = output.pages()};
}

}  // namespace sekisho::worker
