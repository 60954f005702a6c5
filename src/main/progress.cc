#include "main/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>

#include <fmt/format.h>

#include "main/plain_text.h"

namespace sekisho::main {
namespace {

constexpr std::int64_t kShowEvery_ms = 100;
constexpr std::size_t kColumns_default = 80;

std::size_t columns_of_terminal() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kColumns_default;
}

}  // namespace

std::string progress_words(std::size_t done, std::size_t total, std::int64_t elapsed_ms) {
  std::string words = fmt::format("{} / {}（{} %）", done, total, total == 0 ? 100 : done * 100 / total);
  if (done == 0 || done >= total) return words;
  const auto left = static_cast<double>(elapsed_ms) / static_cast<double>(done) * static_cast<double>(total - done);
  return words + "　残り 約" + duration_words(static_cast<std::int64_t>(left));
}

ProgressLine::ProgressLine() : on_terminal_(::isatty(STDERR_FILENO) != 0) {}

void ProgressLine::show(std::string_view text) {
  if (!on_terminal_) return;
  const std::int64_t now = clock_.steady_ms();
  if (shown_ && now - shown_ms_ < kShowEvery_ms) return;
  shown_ = true;
  shown_ms_ = now;
  // The last column stays free: a full line would wrap and could not be written over.
  std::cerr << "\r" << fit_columns(printable(text), columns_of_terminal() - 1) << "\033[K" << std::flush;
}

void ProgressLine::clear() {
  if (!shown_) return;
  shown_ = false;
  std::cerr << "\r\033[K" << std::flush;
}

}  // namespace sekisho::main
