#include "worker/extract_pdf_document.h"

#include <algorithm>
#include <cmath>

#include <poppler-document.h>
#include <poppler-page-renderer.h>
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

double garble_share(const std::vector<PdfWord>& words) {
  std::size_t all = 0;
  std::size_t bad = 0;
  for (const PdfWord& word : words) {
    text::for_each_character(word.text, [&](const text::Character& c) {
      ++all;
      const char32_t v = c.value;
      const bool rare = (v >= 0x3400 && v <= 0x4DBF) || (v >= 0xE000 && v <= 0xF8FF) || v == 0xFFFD || v >= 0xF0000 || v < 0x20;
      if (rare) ++bad;
    });
  }
  return all == 0 ? 0 : static_cast<double>(bad) / static_cast<double>(all);
}

Raster drawn_for_ocr(const poppler::page& page, double& dots_an_inch) {
  constexpr double kDots_an_inch = 300;
  constexpr double kMost_dots = 6'000;
  constexpr double kPoints_an_inch = 72;
  const poppler::rectf paper = page.page_rect();
  const double longest = std::max(paper.width(), paper.height());
  if (!(longest >= 1) || !std::isfinite(longest)) return nullptr;
  dots_an_inch = std::min(kDots_an_inch, kMost_dots / longest * kPoints_an_inch);
  poppler::page_renderer renderer;
  renderer.set_image_format(poppler::image::format_rgb24);
  renderer.set_render_hints(poppler::page_renderer::antialiasing | poppler::page_renderer::text_antialiasing);
  const poppler::image image = renderer.render_page(&page, dots_an_inch, dots_an_inch);
  if (!image.is_valid() || image.width() > 2 * kMost_dots || image.height() > 2 * kMost_dots) return nullptr;
  return raster_of(reinterpret_cast<const std::uint8_t*>(image.const_data()), static_cast<std::size_t>(image.width()), static_cast<std::size_t>(image.height()),
                   static_cast<std::size_t>(image.bytes_per_row()), true);
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
