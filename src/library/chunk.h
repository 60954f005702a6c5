#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "process/extract_protocol.h"

namespace sekisho::library {

/// Sizes of a passage, in characters. A question is read best passage first, so a passage must hold one matter (an article
/// with its paragraphs) and be short enough to be read in half a second: 350 characters are about 230 tokens. Law articles
/// have a median of 180 characters and nine in ten are below 600, so that 700 keeps almost all of them whole.
inline constexpr std::size_t kPassageTarget_characters = 350;
inline constexpr std::size_t kPassageMax_characters = 700;
/// A heading opens a new passage only where the one before has at least this much; less is joined to what follows.
inline constexpr std::size_t kPassageMin_characters = 60;

/// A citable piece of a document.
struct TextPassage {
  std::int64_t page_first = 1;
  std::int64_t page_last = 1;
  /// Its sheet, slide or attachment, then the headings above it: "第2章 利用 > 第10条（利用料）", "シート「歳出」 > 一般会計", and what of
  /// an article it is where it is not the whole: "第10条（定義） > 第3項 > 第2号〜第5号". "" where there are none.
  std::string path;
  std::string text;  ///< Lines separated by "\n". The header row of a table comes first again in each passage of that table.
  std::size_t begin = 0;  ///< Character range in the document's text: all pages, each followed by "\n".
  std::size_t end = 0;
};

/// Cuts a document into passages, page by page, as the pages come. Cuts at headings and articles, then between paragraphs,
/// then between sentences; inside a sentence only where it alone is longer than the maximum, then after 、 where it has one.
/// A small article stays whole, also over a page end; a page with another label (a sheet, a slide) begins a passage. Nothing is lost: each character that is not white space is in a passage.
/// Threads: one at a time.
class Chunker {
 public:
  Chunker();
  ~Chunker();
  Chunker(const Chunker&) = delete;
  Chunker& operator=(const Chunker&) = delete;

  /// The passages that `page` completes.
  [[nodiscard]] std::vector<TextPassage> add(const process::extract::Page& page);
  /// The rest.
  [[nodiscard]] std::vector<TextPassage> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// All at once.
[[nodiscard]] std::vector<TextPassage> chunk(const std::vector<process::extract::Page>& pages);

}  // namespace sekisho::library
