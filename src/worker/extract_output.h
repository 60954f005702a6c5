#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "process/extract_protocol.h"

namespace sekisho::worker {

using process::extract::End;
using process::extract::Note;
using process::extract::Page;
using process::extract::Request;

/// What a reader makes of a document: the last message of a success, or why it cannot be read at all.
using Outcome = tl::expected<End, Note>;

/// `return cannot_read("encrypted", "no password was given");`
[[nodiscard]] inline tl::unexpected<Note> cannot_read(std::string code, std::string detail) {
  return tl::unexpected<Note>(Note{0, std::move(code), std::move(detail)});
}

/// A paragraph, a heading or a table row, as a reader found it.
struct Line {
  std::string text;
  int level = 0;  ///< Of a heading, from 1; 0: plain text.
};

/// Takes the text of one document in order, cleans it, holds the limits of base/limits.h and sends it on.
///
/// Cleaning: valid UTF-8, no control characters, no zero-width, direction or tag characters (tags are noted as hidden
/// text), no empty lines, no spaces at line ends. Threads: one.
class ExtractOutput {
 public:
  static constexpr int kInnerDepth = 4;                  ///< Of documents within documents: mail, archives.
  static constexpr std::size_t kInnerDocuments = 1'000;  ///< In one document, on all levels together.

  struct Receiver {
    std::function<bool(const Page&)> page;  ///< False: nobody listens any more.
    std::function<bool(const Note&)> note;
  };
  explicit ExtractOutput(Receiver receiver);
  ExtractOutput(const ExtractOutput&) = delete;
  ExtractOutput& operator=(const ExtractOutput&) = delete;

  /// For a document that lies within the one of this output: its pages follow those sent so far and are labelled `label`,
  /// before what its reader calls them. All count against the limits of the outermost. Nothing: documents lie too deep in
  /// each other or are too many. This must outlive it.
  [[nodiscard]] std::unique_ptr<ExtractOutput> inner(std::string_view label);

  /// Sends the lines of page `number` (from 1; where it is smaller than the last one, that), as several messages where they are many.
  /// `label` is the name of a sheet or slide, as people read it; `confidence` as in process/extract_protocol.h. Holds `Line`s of one page at most.
  /// False: stop reading; the limits are reached (noted as "truncated") or nobody listens.
  [[nodiscard]] bool page(std::int64_t number, const std::vector<Line>& lines, std::string_view label = "", int confidence = -1);
  void note(std::int64_t page, std::string_view code, std::string_view detail = "");
  /// Counts bytes that were unpacked from the document on its way to an inner one. False: they are too many, a bomb.
  [[nodiscard]] bool unpack(std::size_t bytes);
  /// Says that the document has this many pages, so that what lies within it comes after them.
  void ends_at(std::int64_t page);

  [[nodiscard]] std::size_t characters() const { return characters_; }  ///< Of this document and those within it.
  [[nodiscard]] std::int64_t pages() const { return totals_->last_page - first_page_; }
  [[nodiscard]] bool wants_more() const { return totals_->listening; }

 private:
  /// Of all documents together.
  struct Totals {
    std::size_t characters = 0;
    std::size_t notes = 0;
    std::size_t documents = 0;
    std::size_t unpacked_bytes = 0;
    std::int64_t last_page = 0;
    bool listening = true;
  };
  bool send(Page& page);
  [[nodiscard]] std::string cleaned(std::string_view text);

  Receiver receiver_;
  Totals own_;
  Totals* totals_ = &own_;
  ExtractOutput* outer_ = nullptr;
  std::string label_;
  int depth_ = 0;
  std::int64_t first_page_ = 0;  ///< Pages of other documents before this one's.
  std::size_t characters_ = 0;
  std::size_t hidden_ = 0;
};

}  // namespace sekisho::worker
