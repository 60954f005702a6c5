#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "worker/extract_pdf_layout.h"
#include "worker/extract_sheet.h"

/// Reading the letters of a picture (tesseract with `jpn` and `jpn_vert`).
namespace sekisho::worker {

inline constexpr const char* kOcrData = "/usr/share/tesseract-ocr/5/tessdata";  ///< Debian's; must be readable.
inline constexpr std::int64_t kOcrPage_ms = 60'000;
inline constexpr std::int64_t kOcrDocument_ms = 3'600'000;  ///< The server's patience (library/extract.cc) is a little longer.
/// Of 100. What is recognised with less is guessed: it is not kept.
inline constexpr int kOcrLeastConfidence = 60;

/// What stands in a picture of a page.
struct Scan {
  std::vector<PdfWord> words;  ///< In points, as the upright page has them; without what is surely wrong. Empty: nothing that could be read.
  double height = 0;           ///< Of the upright page, in points.
  int confidence = 0;          ///< Of the characters on average, 0 to 100.
  bool has_ink = false;        ///< There is something, writing or not.
  bool ran_out_of_time = false;
  Raster upright;              ///< The page turned upright and straight.
  double dots_a_point = 1;     ///< Of `upright`.
};

class Recogniser {
 public:
  /// Null where this machine has no data for Japanese. Reads them (5 MB) from a folder that the seal leaves readable.
  [[nodiscard]] static std::unique_ptr<Recogniser> create();
  ~Recogniser();
  Recogniser(const Recogniser&) = delete;
  Recogniser& operator=(const Recogniser&) = delete;

  /// Finds out by itself which way up the picture is, how it is skewed, and whether its lines run across or down.
  /// `dots_an_inch` is what words are measured by; 0: what the picture says, or 200. Threads: one.
  [[nodiscard]] Scan read(Raster picture, double dots_an_inch);
  /// Whether kOcrDocument_ms have gone by since it was made.
  [[nodiscard]] bool is_out_of_time() const;

 private:
  struct State;
  explicit Recogniser(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Before the seal: no threads of OpenMP, and no words of libraries on standard error.
void prepare_ocr();

}  // namespace sekisho::worker
