#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sekisho::main {

/// A QR code (JIS X 0510): rows of dark (true) and light modules, without the quiet zone around it.
using QrCode = std::vector<std::vector<bool>>;

/// `text` with error correction M; letters A-Z, digits and ':' alone are packed most densely. Errors: kTooLarge.
[[nodiscard]] Result<QrCode> qr_code(std::string_view text);

/// For a terminal with light letters on a dark ground, two rows a line, the quiet zone included.
[[nodiscard]] std::string for_terminal(const QrCode& code);
/// For paper: an SVG image, 1 mm a module, with `caption` under it.
[[nodiscard]] std::string to_svg(const QrCode& code, std::string_view caption);

}  // namespace sekisho::main
