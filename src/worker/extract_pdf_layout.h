#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "worker/extract_output.h"

namespace sekisho::worker {

/// A run of characters as poppler found it on a page; points, the origin at the top left.
struct PdfWord {
  std::string text;
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
  double size = 0;        ///< Of the type.
  bool vertical = false;  ///< 縦書き.
};

/// The commonest type size so far, by characters: that of the running text.
class BodySize {
 public:
  void add(const std::vector<PdfWord>& words);
  [[nodiscard]] double points() const;

 private:
  std::map<long, std::size_t> characters_;  ///< By half points.
};

struct PdfPageText {
  std::vector<Line> lines;
  bool tiny = false;  ///< There was type too small to be seen; it was left out.
};

/// Makes paragraphs, headings and table rows of the words of one page and puts columns of prose, tables and vertical pages in
/// reading order; of poppler's order only that the words of a line follow each other is used. `body_size` is the type size of the document's
/// running text: larger type is a heading, kana of half that size is ruby. Page numbers at the edges are left out.
/// Threads: pure.
[[nodiscard]] PdfPageText page_text(std::vector<PdfWord> words, double page_height, double body_size);

}  // namespace sekisho::worker
