#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fontconfig/fontconfig.h>
#include <iconv.h>
#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-page-renderer.h>
#include <poppler-page.h>

#include "base/check.h"
#include "base/limits.h"
#include "text/utf8.h"
#include "worker/extract_lines.h"
#include "worker/extract_pdf_document.h"
#include "worker/extract_pdf_layout.h"
#include "worker/extract_pdf_unseen.h"
#include "worker/extract_readers.h"
#include "worker/extract_scan.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kLooked = 200;  ///< Pages without text that are looked at for pictures; later ones are taken for pictures.

/// Whether anything at all is drawn on the page. Looked at very small: 10 dots an inch.
bool shows_something(const poppler::page& page) {
  poppler::page_renderer renderer;
  renderer.set_image_format(poppler::image::format_gray8);
  const poppler::image image = renderer.render_page(&page, 10, 10);
  if (!image.is_valid()) return true;
  for (int y = 0; y < image.height(); ++y) {
    const char* row = image.const_data() + static_cast<std::ptrdiff_t>(y) * image.bytes_per_row();
    if (std::any_of(row, row + image.width(), [](char c) { return static_cast<unsigned char>(c) < 0xF0; })) return true;
  }
  return false;
}

/// Reads the pages one after the other.
class PdfReader {
 public:
  PdfReader(const poppler::document& document, ExtractOutput& output) : document_(document), output_(output) {}

  /// False: stop.
  bool page(int index) {
    const std::int64_t number = index + 1;
    const std::unique_ptr<poppler::page> page(document_.create_page(index));
    if (page == nullptr) {
      output_.note(number, "damaged", "the page cannot be opened");
      return true;
    }
    std::vector<PdfWord> words = words_of(*page);
    if (words.empty()) {
      if (++textless_ > kLooked || shows_something(*page)) return recognise(number, *page);
      output_.note(number, "empty_page");
      return true;
    }
    const bool hidden = drop_unseen(index, *page, words);
    if (words.empty()) {
      output_.note(number, "hidden_text", "nothing but text that nobody sees");
      return true;
    }
    const double garbled = garble_share(words);
    if (garbled > kGarbled) {
      // What is drawn is right where the page brings its own letters along, whatever its table of characters says.
      if (!needs_fonts(document_, index) && scans_.can_read()) return recognise(number, *page);
      output_.note(number, "garbled", fmt::format("{:.0f} % of the characters are unreadable", garbled * 100));
      if (garbled > 0.3) return true;
    }
    body_.add(words);
    PdfPageText text = page_text(std::move(words), page->page_rect().height(), body_.points());
    if (text.tiny || hidden) output_.note(number, "hidden_text", text.tiny ? "type too small to be seen" : "type in the colour of its ground or covered");
    if (title_.empty() && !text.lines.empty() && text.lines[0].level == 1) title_ = text.lines[0].text;
    return output_.page(number, text.lines);
  }
  [[nodiscard]] const std::string& title() const { return title_; }

 private:
  bool recognise(std::int64_t number, const poppler::page& page) {
    double dots_an_inch = 0;
    Raster picture = drawn_for_ocr(page, dots_an_inch);
    if (picture != nullptr) return scans_.page(number, std::move(picture), dots_an_inch);
    output_.note(number, "image_only", "the page cannot be drawn");
    return true;
  }

  bool drop_unseen(int index, const poppler::page& page, std::vector<PdfWord>& words) const {
    const std::vector<bool> unseen = unseen_words(document_, index, page, words);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (!unseen[i]) std::swap(words[kept++], words[i]);
    }
    const bool any = kept < words.size();
    words.resize(kept);
    return any;
  }

  const poppler::document& document_;
  ExtractOutput& output_;
  ScanReader scans_{output_};
  BodySize body_;
  std::string title_;
  std::size_t textless_ = 0;
};

}  // namespace

void prepare_pdf(Task task) {
  // Text needs no fonts of the system, and the search for them would go through the whole file system; pictures of pages do.
  CHECK(FcConfigSetCurrent(task == Task::kDraw ? FcInitLoadConfigAndFonts() : FcConfigCreate()) == FcTrue);
  poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
  // poppler-cpp converts through iconv, whose modules are files: opened once and kept, they stay in memory.
  static const iconv_t to_utf16 = iconv_open("UTF-16", "UTF-8");
  static const iconv_t from_utf16 = iconv_open("UTF-8", "UTF-16");
  CHECK(to_utf16 != reinterpret_cast<iconv_t>(-1) && from_utf16 != reinterpret_cast<iconv_t>(-1));
}

Outcome read_pdf(std::string_view bytes, const Request& request, ExtractOutput& output) {
  // Whatever poppler throws (it should not) is this document's failure.
  try {
    const auto document = open_pdf(bytes, request.password);
    if (!document) return tl::unexpected(document.error());
    PdfReader reader(**document, output);
    const int pages = (*document)->pages();
    int done = 0;
    while (done < pages && reader.page(done)) ++done;
    // What stands large on the page is the title; the properties often hold the name of another file.
    std::string title = reader.title().empty() ? utf8_of((*document)->get_title()) : reader.title();
    if (title == "untitled" || title == "無題") title.clear();
    return End{.kind = "pdf", .encoding = "", .title = std::string(text::first_characters(without_outer_space(title), 200)),
               .pages = std::min<std::int64_t>(pages, static_cast<std::int64_t>(limits::kDocumentPages))};
  } catch (const std::exception& error) {
    return cannot_read("damaged", fmt::format("poppler gave up: {}", error.what()));
  }
}

}  // namespace sekisho::worker
