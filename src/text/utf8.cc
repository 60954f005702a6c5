#include "text/utf8.h"

#include "base/check.h"

namespace sekisho::text {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

bool is_scalar(char32_t c) { return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF); }

/// The length that `first` announces, 0 where it begins no sequence.
std::size_t announced_size(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

}  // namespace

Character character_at(std::string_view text, std::size_t offset) {
  CHECK(offset < text.size());
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[offset + i]); };
  const std::size_t size = announced_size(byte(0));
  if (size == 1) return {byte(0), offset, 1};
  if (size == 0 || offset + size > text.size()) return {kReplacement, offset, 1};
  static constexpr char32_t kFirstMask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t value = byte(0) & kFirstMask[size];
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(byte(i))) return {kReplacement, offset, 1};
    value = (value << 6) | (byte(i) & 0x3FU);
  }
  static constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[size] || !is_scalar(value)) return {kReplacement, offset, 1};
  return {value, offset, size};
}

std::vector<Character> characters(std::string_view text) {
  std::vector<Character> all;
  all.reserve(text.size() / 2);
  for_each_character(text, [&](const Character& c) { all.push_back(c); });
  return all;
}

bool is_valid_utf8(std::string_view text) {
  for (std::size_t offset = 0; offset < text.size();) {
    const Character c = character_at(text, offset);
    if (c.value == kReplacement && c.size == 1) return false;
    offset = c.end();
  }
  return true;
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for_each_character(text, [&](const Character&) { ++count; });
  return count;
}

std::size_t byte_of_character(std::string_view text, std::size_t index) {
  std::size_t offset = 0;
  for (; index > 0 && offset < text.size(); --index) offset = character_at(text, offset).end();
  return offset;
}

std::string_view first_characters(std::string_view text, std::size_t count) { return text.substr(0, byte_of_character(text, count)); }

std::size_t character_boundary_before(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return text.size();
  for (std::size_t back = 1; back <= 3 && back <= offset; ++back) {
    if (character_at(text, offset - back).end() > offset) return offset - back;
  }
  return offset;
}

void append_utf8(std::string& to, char32_t character) {
  const char32_t c = is_scalar(character) ? character : kReplacement;
  const auto put = [&](char32_t byte) { to.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

std::u32string to_utf32(std::string_view text) {
  std::u32string result;
  result.reserve(text.size() / 2);
  for_each_character(text, [&](const Character& c) { result.push_back(c.value); });
  return result;
}

std::string to_utf8(std::u32string_view text) {
  std::string result;
  result.reserve(text.size() * 3);
  for (const char32_t c : text) append_utf8(result, c);
  return result;
}

std::string repaired_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for_each_character(text, [&](const Character& c) { append_utf8(result, c.value); });
  return result;
}

}  // namespace sekisho::text
