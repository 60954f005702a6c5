#include "worker/extract_pdf_document.h"

#include <poppler-document.h>
#include <poppler-page.h>

#include "text/utf8.h"
#include "worker/extract_lines.h"

namespace sekisho::worker {
std::string utf8_of(const poppler::ustring& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char32_t c = text[i];
    if (c >= 0xD800 && c < 0xDC00 && i + 1 < text.size() && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000) {
      c = 0x10000 + ((c - 0xD800) << 10) + (text[++i] - 0xDC00U);
    }
    if (c != 0xFEFF && c != 0) text::append_utf8(out, c);
  }
  return out;
}

void ClosePdf::operator()(poppler::document* document) const { delete document; }

tl::expected<PdfDocument, Note> open_pdf(std::string_view bytes, const std::string& password) {
  PdfDocument document(poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
  if (document == nullptr) return cannot_read("damaged", "poppler cannot open it");
  if (document->is_locked() && (password.empty() || document->unlock(password, password))) {
    return cannot_read("encrypted", password.empty() ? "it needs a password" : "the password does not open it");
  }
  if (document->pages() < 1) return cannot_read("damaged", "it has no pages");
  return document;
}

std::vector<PdfWord> words_of(const poppler::page& page) {
  std::vector<PdfWord> words;
  for (const poppler::text_box& box : page.text_list(poppler::page::text_list_include_font)) {
    const poppler::rectf place = box.bbox();
    PdfWord word{.text = utf8_of(box.text()),
                 .left = place.left(),
                 .top = place.top(),
                 .right = place.right(),
                 .bottom = place.bottom(),
                 .size = box.has_font_info() ? box.get_font_size() : place.height(),
                 .vertical = box.has_font_info() && box.get_wmode() == poppler::text_box::vertical_wmode};
    if (!without_outer_space(word.text).empty()) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace sekisho::worker
