#include "http/headers.h"

#include <algorithm>

namespace sekisho::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

void Headers::add(std::string_view name, std::string_view value) { lines_.push_back({std::string(name), std::string(value)}); }

void Headers::set(std::string_view name, std::string_view value) {
  std::erase_if(lines_, [&](const Header& line) { return same_ignoring_case(line.name, name); });
  add(name, value);
}

void Headers::set_default(std::string_view name, std::string_view value) {
  if (count(name) == 0) add(name, value);
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Header& line : lines_) {
    if (same_ignoring_case(line.name, name)) return line.value;
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines_, [&](const Header& line) { return same_ignoring_case(line.name, name); }));
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (const Header& line : lines_) {
    if (!same_ignoring_case(line.name, name)) continue;
    std::string_view rest = line.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view item = rest.substr(0, comma);
      if (same_ignoring_case(trim(item.substr(0, item.find(';'))), token)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

}  // namespace sekisho::http
