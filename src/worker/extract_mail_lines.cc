#include "worker/extract_mail_lines.h"

#include <array>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "base/limits.h"
#include "text/utf8.h"
#include "worker/extract_compound.h"
#include "worker/extract_lines.h"

namespace sekisho::worker {

std::vector<Line> mail_lines(const MailHead& head) {
  constexpr std::size_t kFieldCharacters = 4'000;
  std::vector<Line> lines;
  if (!without_outer_space(head.subject).empty()) lines.push_back({.text = head.subject, .level = 1});
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) lines.push_back({.text = fmt::format("{}: {}", name, text::first_characters(value, kFieldCharacters)), .level = 0});
  };
  add("差出人", head.from);
  add("宛先", head.to);
  add("写し", head.copies);
  add("日時", head.date);
  std::string names;
  for (const std::string& name : head.attachments) names += (names.empty() ? "" : "、") + name;
  add("添付", names);
  return lines;
}

std::string mail_date(std::string_view field) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::size_t comma = field.find(',');
  const std::string rest(without_outer_space(comma == std::string_view::npos ? field : field.substr(comma + 1)));
  int day = 0;
  int year = 0;
  int hour = 0;
  int minute = 0;
  std::array<char, 4> month{};
  if (std::sscanf(rest.c_str(), "%2d %3s %4d %2d:%2d", &day, month.data(), &year, &hour, &minute) == 5) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (kMonths[i] == month.data()) return fmt::format("{}年{}月{}日 {}:{:02}", year, i + 1, day, hour, minute);
    }
  }
  return std::string(field);
}

std::string unpacked_rtf(std::string_view packed) {
  constexpr std::size_t kWindow = 4096;
  constexpr std::size_t kMost = 64 * limits::kMiB;
  const std::size_t raw_bytes = u32_at(packed, 4);
  if (u32_at(packed, 8) == 0x414C454D) return std::string(packed.substr(std::min<std::size_t>(16, packed.size()), raw_bytes));  // "MELA": not packed at all.
  if (u32_at(packed, 8) != 0x75465A4C || raw_bytes > kMost) return {};
  std::string window =
      "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0"
      "\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
  std::size_t write = window.size();
  window.resize(kWindow, ' ');
  std::string out;
  const auto put = [&](char c) {
    out += c;
    window[write] = c;
    write = (write + 1) % kWindow;
  };
  for (std::size_t at = 16; at < packed.size() && out.size() < raw_bytes;) {
    const auto flags = static_cast<unsigned char>(packed[at++]);
    for (int bit = 0; bit < 8 && at < packed.size() && out.size() < raw_bytes; ++bit) {
      if ((flags >> bit & 1) == 0) {
        put(packed[at++]);
        continue;
      }
      const unsigned pair = static_cast<unsigned char>(packed[at]) << 8 | (at + 1 < packed.size() ? static_cast<unsigned char>(packed[at + 1]) : 0U);
      at += 2;
      const std::size_t from = pair >> 4;
      if (from == write) return out;
      for (std::size_t i = 0; i < (pair & 0xF) + 2; ++i) put(window[(from + i) % kWindow]);
    }
  }
  return out;
}

}  // namespace sekisho::worker
