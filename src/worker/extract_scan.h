#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "worker/extract_ocr.h"
#include "worker/extract_output.h"

namespace sekisho::worker {

/// Recognises pictures of pages and sends what they say. Knows of each document how many pages it has noted and how long it took.
class ScanReader {
 public:
  /// `output` must outlive it.
  explicit ScanReader(ExtractOutput& output) : output_(output) {}

  /// Whether this machine can recognise text and there is time left for this document. The first call reads tesseract's data.
  [[nodiscard]] bool can_read();
  /// Sends page `number` with its confidence, and notes ocr, ocr_low, ocr_unread or empty_page. False: stop.
  [[nodiscard]] bool page(std::int64_t number, Raster picture, double dots_an_inch);

 private:
  ExtractOutput& output_;
  std::optional<std::unique_ptr<Recogniser>> recogniser_;  ///< Nothing: not asked for yet; null: not possible here.
  std::size_t noted_ = 0;
};

}  // namespace sekisho::worker
