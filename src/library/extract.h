#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/clock.h"
#include "base/result.h"
#include "process/extract_protocol.h"
#include "process/sandbox.h"

namespace sekisho::library {

struct ExtractOptions {
  std::string program;    ///< Absolute path of sekisho-extract.
  std::string file_name;  ///< For the extension only.
  std::string encoding;   ///< As extract_protocol.h's Request; "" = find out.
  std::string password;
  std::int64_t timeout_ms = limits::kExtractTimeout_ms;
  std::function<bool()> cancelled;  ///< Asked at least five times a second; empty: never.
};

/// What became of a document whose text could be read, in whole or in part.
struct Extracted {
  process::extract::End end;
  std::vector<process::extract::Note> notes;
  std::size_t characters = 0;
  process::SealReport seal;  ///< Of the worker that read it.
};

/// Why there is no text. `reason` is what Japanese words are made from: the codes of extract_protocol.h (encrypted, damaged,
/// too_large, bomb, unsupported, empty_file), and what happened to the worker: not_sealed, worker_ended (it died of this
/// document), worker_broke_rules, timeout, cancelled, unavailable, and receiver (on_page's own error).
struct ExtractFailure {
  std::string reason;
  Error error;  ///< Detail in English; of "unsupported" the name of the format ("ichitaro", "docuworks", …) alone.
};

/// Draws page `page` (from 1) of a document in a fresh sealed worker, with the words of the passage `marked` on a coloured ground.
/// What comes back was not looked into. `options` as for extract(), without encoding. Reasons of failure as there, and font_missing.
[[nodiscard]] tl::expected<std::string, ExtractFailure> draw(int document_fd, const ExtractOptions& options, std::int64_t page, const std::string& marked, const Clock& clock);

using OnPage = std::function<Result<void>(const process::extract::Page&)>;

/// Reads one document in a fresh sealed worker at nice 19 and hands its pages to `on_page` as they come.
///
/// `document_fd` is an open, readable file, borrowed. The worker is not trusted: nothing is asked of it before it has proved
/// its seal; pages must come in order, be valid UTF-8 and keep within the limits, or it is killed. Pages that were handed
/// over before a failure are to be thrown away by the caller.
/// `timeout_ms` is for the document, and begins anew with each page that was recognised in a picture, for about an hour.
/// Blocks until the end. Threads: any number of calls at once, each with a worker of its own.
[[nodiscard]] tl::expected<Extracted, ExtractFailure> extract(int document_fd, const ExtractOptions& options, const Clock& clock, const OnPage& on_page);

}  // namespace sekisho::library
