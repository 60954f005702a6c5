#include "library/page_image.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "library/extract.h"
#include "process/extract_protocol.h"

namespace sekisho::library {
namespace {

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace

bool is_plain_png(std::string_view bytes) {
  constexpr std::size_t kBytes = 8 * limits::kMiB;
  constexpr std::uint32_t kDots = 6'000;
  if (bytes.size() > kBytes || !bytes.starts_with("\x89PNG\r\n\x1A\n")) return false;
  std::size_t at = 8;
  for (std::size_t chunk = 0;; ++chunk) {
    if (bytes.size() - at < 12) return false;
    const std::size_t size = number_at(bytes, at);
    if (size > bytes.size() - at - 12) return false;
    const std::string_view type = bytes.substr(at + 4, 4);
    const std::string_view content = bytes.substr(at + 8, size);
    at += 12 + size;
    if (chunk == 0) {
      if (type != "IHDR" || size != 13 || content.substr(8) != std::string_view("\x08\x02\x00\x00\x00", 5)) return false;
      const std::uint32_t width = number_at(content, 0);
      const std::uint32_t height = number_at(content, 4);
      if (width == 0 || height == 0 || width > kDots || height > kDots) return false;
    } else if (type == "IEND") {
      return size == 0 && at == bytes.size() && chunk > 1;
    } else if (type != "IDAT") {
      return false;
    }
  }
}

PageImages::PageImages(std::string extract_program, store::Database& database, store::Blobs& blobs, Documents& documents, Shelves& shelves, const Clock& clock)
    : extract_program_(std::move(extract_program)), database_(database), blobs_(blobs), documents_(documents), shelves_(shelves), clock_(clock) {}

Result<gate::Labeled<PageImages::Png>> PageImages::get(const gate::Actor& actor, const DocumentId& id, std::int64_t page, const std::optional<PassageId>& marked) {
  auto document = documents_.get(actor, id);
  if (!document) return fail(document.error());
  auto shelf = shelves_.get(actor, document->shelf);
  if (!shelf) return fail(shelf.error());
  if (document->kind != "pdf") return fail(ErrorCode::kUnsupported, "only pages of a PDF can be drawn");
  if (page < 1 || page > document->pages) return fail(ErrorCode::kUnsupported, "no such page");
  std::string text;
  if (marked) {
    auto rows = database_.read([&](store::Connection& connection) {
      return connection.query("SELECT text FROM passage WHERE id = ? AND document_id = ?", {marked->text(), id.text()});
    });
    if (!rows) return fail(rows.error());
    if (rows->empty()) return fail(ErrorCode::kDenied, "no such passage");
    text = rows->front().text(0);
  }
  const std::string key = fmt::format("{} {} {}", id.text(), page, marked ? marked->text() : "");
  Png png = find(key);
  if (png == nullptr) {
    auto made = drawn(*document, page, text);
    if (!made) return fail(made.error());
    png = std::move(*made);
    keep(key, png);
  }
  return gate::Labeled<Png>(std::move(png), shelf->label);
}

Result<PageImages::Png> PageImages::drawn(const Document& document, std::int64_t page, const std::string& marked) {
  auto rows = database_.read([&](store::Connection& connection) { return connection.query("SELECT blob FROM document WHERE id = ?", {document.id.text()}); });
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(ErrorCode::kDenied, "no such document");
  auto blob = store::BlobId::parse(rows->front().text(0));
  if (!blob) return fail(blob.error());
  auto file = blobs_.open_fd(*blob);
  if (!file) return fail(file.error());
  const bool may = store_.with([](Store& store) { return store.workers < kWorkers && ++store.workers > 0; });
  if (!may) return fail(ErrorCode::kBusy, "other pages are being drawn");
  const ExtractOptions options{.program = extract_program_, .file_name = document.name, .encoding = "", .password = "", .timeout_ms = kTimeout_ms, .cancelled = {}};
  auto png = draw(file->get(), options, page, marked, clock_);
  store_.with([](Store& store) { --store.workers; });
  if (!png) return fail(png.error().error);
  if (!is_plain_png(*png)) return fail(ErrorCode::kUnavailable, "the worker sent something else than a plain picture");
  return std::make_shared<const std::string>(std::move(*png));
}

PageImages::Png PageImages::find(const std::string& key) {
  return store_.with([&](Store& store) -> Png {
    const auto found = std::find_if(store.kept.begin(), store.kept.end(), [&](const Kept& kept) { return kept.key == key; });
    if (found == store.kept.end()) return nullptr;
    store.kept.splice(store.kept.begin(), store.kept, found);
    return store.kept.front().png;
  });
}

void PageImages::keep(std::string key, Png png) {
  store_.with([&](Store& store) {
    store.bytes += png->size();
    store.kept.push_front({std::move(key), std::move(png)});
    while (store.bytes > kKeptBytes && store.kept.size() > 1) {
      store.bytes -= store.kept.back().png->size();
      store.kept.pop_back();
    }
  });
}

}  // namespace sekisho::library
