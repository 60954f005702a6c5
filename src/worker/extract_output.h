#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
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
  struct Receiver {
    std::function<bool(const Page&)> page;  ///< False: nobody listens any more.
    std::function<bool(const Note&)> note;
  };
  explicit ExtractOutput(Receiver receiver);

  /// Sends the lines of page `number` (from 1, never smaller than the last one), as several messages where they are many.
  /// False: stop reading; the limits are reached (noted as "truncated") or nobody listens.
  [[nodiscard]] bool page(std::int64_t number, const std::vector<Line>& lines);
  void note(std::int64_t page, std::string_view code, std::string_view detail = "");

  [[nodiscard]] std::size_t characters() const { return characters_; }

 private:
  bool send(Page& page);
  [[nodiscard]] std::string cleaned(std::string_view text);

  Receiver receiver_;
  std::size_t characters_ = 0;
  std::size_t notes_ = 0;
  std::size_t hidden_ = 0;
  bool listening_ = true;
};

}  // namespace sekisho::worker
