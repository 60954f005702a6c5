#include "main/plain_text.h"

#include <fmt/format.h>

#include "text/utf8.h"

namespace sekisho::main {
namespace {

/// C0, C1, and the bidirectional controls of UAX #9.
bool is_hidden_control(char32_t c) {
  if (c == '\n' || c == '\t') return false;
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  text::for_each_character(text, [&](const text::Character& c) {
    if (!is_hidden_control(c.value)) text::append_utf8(out, c.value);
  });
  return out;
}

std::string excerpt(std::string_view text, std::size_t max_characters) {
  std::string line;
  bool after_space = true;
  text::for_each_character(printable(text), [&](const text::Character& c) {
    const bool space = c.value == '\n' || c.value == '\t' || c.value == ' ';
    if (!space) {
      text::append_utf8(line, c.value);
    } else if (!after_space) {
      line += ' ';
    }
    after_space = space;
  });
  if (line.ends_with(' ')) line.pop_back();
  if (text::count_characters(line) <= max_characters) return line;
  return std::string(text::first_characters(line, max_characters)) + "…";
}

std::string fit_columns(std::string_view text, std::size_t columns) {
  std::size_t used = 0;
  std::string out;
  text::for_each_character(text, [&](const text::Character& c) {
    used += c.value < 0x1100 ? 1 : 2;
    if (used <= columns) text::append_utf8(out, c.value);
  });
  return out;
}

std::string size_words(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} バイト", bytes);
  if (bytes < 1'000'000) return fmt::format("{} KB", (bytes + 500) / 1000);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string duration_words(std::int64_t milliseconds) {
  const std::int64_t seconds = (milliseconds + 500) / 1000;
  if (seconds < 60) return fmt::format("{}秒", seconds);
  if (seconds < 3600) return fmt::format("{}分{}秒", seconds / 60, seconds % 60);
  return fmt::format("{}時間{}分", seconds / 3600, seconds % 3600 / 60);
}

}  // namespace sekisho::main
