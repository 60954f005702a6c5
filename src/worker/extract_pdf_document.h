#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "worker/extract_output.h"
#include "worker/extract_pdf_layout.h"
#include "worker/extract_raster.h"

namespace poppler {
class document;
class page;
class ustring;
}  // namespace poppler

/// What reading a PDF's text and drawing its pages have in common.
namespace sekisho::worker {

struct ClosePdf {
  void operator()(poppler::document* document) const;
};
using PdfDocument = std::unique_ptr<poppler::document, ClosePdf>;

/// `bytes` must outlive the document. Failures: damaged, encrypted.
[[nodiscard]] tl::expected<PdfDocument, Note> open_pdf(std::string_view bytes, const std::string& password);

/// Pairs of surrogates joined, without byte order marks and zeros.
[[nodiscard]] std::string utf8_of(const poppler::ustring& text);

inline constexpr double kGarbled = 0.05;  ///< From this share on, a page's text is not to be trusted.
/// How much of a page's text is no text: replacement characters, private use, and the rare kanji that broken font tables
/// yield (「の」 read as 「䛾」). Between 0 and 1.
[[nodiscard]] double garble_share(const std::vector<PdfWord>& words);

/// The page as recognition wants it: 300 dots an inch, fewer where it would have too many dots. Null: it cannot be drawn.
[[nodiscard]] Raster drawn_for_ocr(const poppler::page& page, double& dots_an_inch);

/// The words of a page as poppler finds them.
[[nodiscard]] std::vector<PdfWord> words_of(const poppler::page& page);

}  // namespace sekisho::worker
