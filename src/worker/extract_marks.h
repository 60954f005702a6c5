#pragma once

#include <string_view>
#include <vector>

#include "worker/extract_pdf_layout.h"

namespace sekisho::worker {

/// A rectangle on a page; points, the origin at the top left.
struct Box {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

/// Where the words of `passage` stand among those of a page. The passage may have been joined from lines, put in another order
/// and go on on other pages; what is marked is the stretch of the page that shares most with it. None where they share little.
/// Threads: pure.
[[nodiscard]] std::vector<Box> marked_boxes(const std::vector<PdfWord>& words, std::string_view passage);

}  // namespace sekisho::worker
