#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "worker/extract_output.h"
#include "worker/extract_pdf_layout.h"

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

/// The words of a page as poppler finds them.
[[nodiscard]] std::vector<PdfWord> words_of(const poppler::page& page);

}  // namespace sekisho::worker
