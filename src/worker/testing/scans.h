#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Scans made for tests: pages of a PDF as a scanner would have them, drawn with the machine's fonts (fonts-noto-cjk).
namespace sekisho::worker::testing {

struct ScanOptions {
  double dots_an_inch = 200;
  int quarters = 0;          ///< Laid on the glass turned clockwise by so many.
  double skew_degrees = 0;
  double dust = 0;           ///< Share of dots that are black or white by chance (always the same chance).
  bool stamp = false;        ///< A red seal over the middle of the first lines.
  bool shadow = false;       ///< Darker towards one edge.
  std::string format = "png";  ///< "png", "jpeg", "tiff", "bmp", "gif", "webp".
};

/// The first page of `pdf` as a file of a picture; "" where it cannot be drawn.
[[nodiscard]] std::string scan_of(std::string_view pdf, const ScanOptions& options = {});
/// A sheet of paper with nothing but dust and a grey picture on it.
[[nodiscard]] std::string picture_without_text();
/// Files of one picture each as one TIFF of several.
[[nodiscard]] std::string tiff_of(const std::vector<std::string>& pictures);
/// A PDF with such a picture (of 200 dots an inch) on each page, and no text.
[[nodiscard]] std::string scanned_pdf(const std::vector<std::string>& pictures);

/// The share of characters of `expected` that are wrong, missing or too many in `found` (Levenshtein), spaces, line ends and
/// the width of letters aside.
[[nodiscard]] double character_errors(std::string_view expected, std::string_view found);

}  // namespace sekisho::worker::testing
