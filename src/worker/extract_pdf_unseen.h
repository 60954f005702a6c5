#pragma once

#include <vector>

#include "worker/extract_pdf_document.h"

namespace sekisho::worker {

/// Which words of a page nobody sees though its text holds them: drawn in the colour of what lies around them (white on white), not drawn,
/// or covered by something drawn later. Looked for where the page brings all its fonts along; without them nothing is drawn
/// that could be looked at. A scan with a text behind it shows its letters, so that they count as seen. What lies off the paper poppler
/// leaves out by itself.
[[nodiscard]] std::vector<bool> unseen_words(const poppler::document& document, int index, const poppler::page& page, const std::vector<PdfWord>& words);

/// Whether the page names a font that it does not bring along.
[[nodiscard]] bool needs_fonts(const poppler::document& document, int index);

}  // namespace sekisho::worker
