#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/id.h"
#include "base/result.h"
#include "gate/actor.h"
#include "gate/labeled.h"
#include "library/document.h"
#include "library/shelf.h"
#include "store/blobs.h"
#include "store/database.h"

namespace sekisho::library {

/// Pictures of the pages of documents, drawn in a sealed worker when somebody looks, and kept in memory for a while.
///
/// What is kept is no way around the rights: each request asks Documents first, and a picture bears the label of the shelf as it is then.
/// Threads: safe from any. Blocks: a database read; where the picture is not kept, a worker of at most kTimeout_ms.
class PageImages {
 public:
  using Png = std::shared_ptr<const std::string>;  ///< Shared with answers that are under way when it is dropped.

  static constexpr std::size_t kKeptBytes = 64 * 1024 * 1024;
  static constexpr std::size_t kWorkers = 2;  ///< At once; more are told to come again.
  static constexpr std::int64_t kTimeout_ms = 60'000;  ///< A scan is recognised again, so that its passage can be marked.

  /// All must outlive this. `extract_program`: absolute path of sekisho-extract.
  PageImages(std::string extract_program, store::Database& database, store::Blobs& blobs, Documents& documents, Shelves& shelves, const Clock& clock);

  /// Page `page` (from 1) as a PNG, with the words of `marked`, a passage of the same document, on a coloured ground.
  /// Errors: kDenied (document or passage not there, or not for this actor), kUnsupported (no PDF, no such page, or it needs a font that the
  /// machine lacks), kUnauthorized (it has a password), kInvalid (broken), kBusy, kTimeout, kUnavailable.
  [[nodiscard]] Result<gate::Labeled<Png>> get(const gate::Actor& actor, const DocumentId& document, std::int64_t page, const std::optional<PassageId>& marked);

 private:
  struct Kept {
    std::string key;
    Png png;
  };
  struct Store {
    std::list<Kept> kept;  ///< The last one used first.
    std::size_t bytes = 0;
    std::size_t workers = 0;
  };
  [[nodiscard]] Result<Png> drawn(const Document& document, std::int64_t page, const std::string& marked);
  [[nodiscard]] Png find(const std::string& key);
  void keep(std::string key, Png png);

  std::string extract_program_;
  store::Database& database_;
  store::Blobs& blobs_;
  Documents& documents_;
  Shelves& shelves_;
  const Clock& clock_;
  Guarded<Store> store_;
};

/// Whether `bytes` are a PNG of IHDR, IDAT and IEND alone, 8-bit red, green and blue, of at most 6,000 dots each way: all that a worker, which nobody
/// trusts, may send to people's browsers. What is packed in it is not unpacked here.
[[nodiscard]] bool is_plain_png(std::string_view bytes);

}  // namespace sekisho::library
