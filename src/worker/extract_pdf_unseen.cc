#include "worker/extract_pdf_unseen.h"

#include <algorithm>
#include <memory>

#include <poppler-document.h>
#include <poppler-font.h>
#include <poppler-page-renderer.h>
#include <poppler-page.h>

namespace sekisho::worker {
namespace {

constexpr double kDotsPerInch = 48;
constexpr double kScale = kDotsPerInch / 72;
constexpr int kContrast = 12;      ///< Of 255: fainter letters are not for eyes.
constexpr double kMostPoints = 4'000;

/// Whether the place of a word is all of one shade.
bool is_blank(const poppler::image& image, const PdfWord& word) {
  const int left = std::clamp(static_cast<int>(word.left * kScale) - 1, 0, image.width() - 1);
  const int right = std::clamp(static_cast<int>(word.right * kScale) + 1, left, image.width() - 1);
  const int top = std::clamp(static_cast<int>(word.top * kScale) - 1, 0, image.height() - 1);
  const int bottom = std::clamp(static_cast<int>(word.bottom * kScale) + 1, top, image.height() - 1);
  int darkest = 255;
  int lightest = 0;
  for (int y = top; y <= bottom; ++y) {
    const auto* row = reinterpret_cast<const unsigned char*>(image.const_data()) + static_cast<std::ptrdiff_t>(y) * image.bytes_per_row();
    const auto [low, high] = std::minmax_element(row + left, row + right + 1);
    darkest = std::min<int>(darkest, *low);
    lightest = std::max<int>(lightest, *high);
    if (lightest - darkest >= kContrast) return false;
  }
  return true;
}

}  // namespace

bool needs_fonts(const poppler::document& document, int index) {
  const std::unique_ptr<poppler::font_iterator> fonts(document.create_font_iterator(index));
  if (fonts == nullptr || !fonts->has_next()) return false;
  const std::vector<poppler::font_info> found = fonts->next();
  return std::any_of(found.begin(), found.end(), [](const poppler::font_info& font) { return !font.is_embedded(); });
}

std::vector<bool> unseen_words(const poppler::document& document, int index, const poppler::page& page, const std::vector<PdfWord>& words) {
  std::vector<bool> unseen(words.size(), false);
  const poppler::rectf paper = page.page_rect();
  if (!(paper.width() < kMostPoints && paper.height() < kMostPoints)) return unseen;
  if (needs_fonts(document, index)) return unseen;
  poppler::page_renderer renderer;
  renderer.set_image_format(poppler::image::format_gray8);
  renderer.set_render_hints(poppler::page_renderer::text_antialiasing);
  const poppler::image image = renderer.render_page(&page, kDotsPerInch, kDotsPerInch);
  if (!image.is_valid() || image.width() < 1 || image.height() < 1) return unseen;
  for (std::size_t i = 0; i < words.size(); ++i) unseen[i] = is_blank(image, words[i]);
  return unseen;
}

}  // namespace sekisho::worker
