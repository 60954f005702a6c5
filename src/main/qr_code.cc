#include "main/qr_code.h"

#include <cstddef>
#include <memory>

#include <fmt/format.h>
#include <qrencode.h>

namespace sekisho::main {
namespace {

constexpr std::size_t kQuiet = 4;  ///< Modules around the code, as the standard wants.

/// With the quiet zone: outside is light.
bool dark(const QrCode& code, std::size_t row, std::size_t column) {
  const bool inside = row >= kQuiet && column >= kQuiet && row - kQuiet < code.size() && column - kQuiet < code.size();
  return inside && code[row - kQuiet][column - kQuiet];
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else out += c;
  }
  return out;
}

}  // namespace

Result<QrCode> qr_code(std::string_view text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> made(QRcode_encodeString(std::string(text).c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free);
  if (!made) return fail(ErrorCode::kTooLarge, "too long for a QR code");
  const auto width = static_cast<std::size_t>(made->width);
  QrCode code(width, std::vector<bool>(width));
  for (std::size_t i = 0; i < width * width; ++i) code[i / width][i % width] = (made->data[i] & 1) != 0;
  return code;
}

std::string for_terminal(const QrCode& code) {
  static constexpr const char* kHalves[] = {"█", "▀", "▄", " "};  // Light is drawn, dark is the ground.
  const std::size_t width = code.size() + 2 * kQuiet;
  std::string text;
  for (std::size_t row = 0; row < width; row += 2) {
    for (std::size_t column = 0; column < width; ++column) {
      text += kHalves[(dark(code, row, column) ? 2 : 0) + (dark(code, row + 1, column) ? 1 : 0)];
    }
    text += '\n';
  }
  return text;
}

std::string to_svg(const QrCode& code, std::string_view caption) {
  const std::size_t width = code.size() + 2 * kQuiet;
  std::string path;
  for (std::size_t row = 0; row < width; ++row) {
    for (std::size_t column = 0; column < width; ++column) {
      if (dark(code, row, column)) path += fmt::format("M{} {}h1v1h-1z", column, row);
    }
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}mm\" height=\"{1}mm\" viewBox=\"0 0 {0} {1}\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n"
      "<path d=\"{2}\" shape-rendering=\"crispEdges\"/>\n<text x=\"{3}\" y=\"{4}\" font-size=\"1\" font-family=\"monospace\" textLength=\"{5}\">{6}</text>\n</svg>\n",
      width, width + 3, path, kQuiet, width + 1, code.size(), escaped(caption));
}

}  // namespace sekisho::main
