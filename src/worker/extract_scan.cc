#include "worker/extract_scan.h"

#include <utility>

#include <fmt/format.h>

#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

constexpr int kLowConfidence = 85;       ///< Below it one character in twenty and more is wrong.
constexpr std::size_t kNotedPages = 500; ///< That text was recognised is said of so many pages; each passage carries its confidence in any case.

}  // namespace

bool ScanReader::can_read() {
  if (!recogniser_) recogniser_ = Recogniser::create();
  return *recogniser_ != nullptr && !(*recogniser_)->is_out_of_time();
}

bool ScanReader::page(std::int64_t number, Raster picture, double dots_an_inch) {
  if (!can_read()) {
    output_.note(number, "image_only", *recogniser_ == nullptr ? "no data for OCR on this machine" : "OCR of the document took too long");
    return output_.wants_more();
  }
  Scan scan = (*recogniser_)->read(std::move(picture), dots_an_inch);
  if (scan.words.empty()) {
    const char* why = scan.ran_out_of_time ? "the page took too long" : "too little confidence";
    output_.note(number, scan.has_ink ? "ocr_unread" : "empty_page", scan.has_ink ? fmt::format("{} ({})", why, scan.confidence) : "");
    return output_.wants_more();
  }
  if (scan.confidence < kLowConfidence) {
    output_.note(number, "ocr_low", fmt::format("{}", scan.confidence));
  } else if (noted_++ < kNotedPages) {
    output_.note(number, "ocr", fmt::format("{}", scan.confidence));
  }
  BodySize body;
  body.add(scan.words);
  const PdfPageText text = page_text(std::move(scan.words), scan.height, body.points());
  return output_.page(number, text.lines, "", scan.confidence);
}

Outcome read_picture(std::string_view bytes, const Request&, ExtractOutput& output) {
  auto file = ImageFile::open(bytes);
  if (!file) return tl::unexpected(file.error());
  ScanReader reader(output);
  std::int64_t pages = 0;
  std::int64_t read = 0;
  for (bool more = true; more;) {
    auto picture = file->next();
    if (picture && *picture == nullptr) break;
    ++pages;
    if (!picture) {
      if (pages == 1 && picture.error().code == "bomb") return tl::unexpected(picture.error());
      output.note(pages, picture.error().code, picture.error().detail);
      continue;
    }
    ++read;
    more = reader.page(pages, std::move(*picture), 0);
  }
  if (read == 0) return cannot_read("damaged", "no picture in it can be unpacked");
  return End{.kind = "image", .encoding = "", .title = "", .pages = pages};
}

}  // namespace sekisho::worker
