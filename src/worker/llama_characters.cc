#include "worker/llama_characters.h"

#include <algorithm>

namespace sekisho::worker {
namespace {

/// Bytes of the character that starts with `lead`; 0 where none does.
std::size_t length_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// The character that is all of `bytes`; nothing where that is overlong, a surrogate or beyond Unicode.
std::optional<char32_t> decode(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() == 1) return lead;
  char32_t character = lead & (0x7FU >> bytes.size());
  for (const char byte : bytes.substr(1)) character = (character << 6) | (static_cast<unsigned char>(byte) & 0x3FU);
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool valid = character >= kSmallest[bytes.size()] && character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF);
  return valid ? std::optional(character) : std::nullopt;
}

std::string encode(char32_t character) {
  const auto byte = [](char32_t value) { return static_cast<char>(value); };
  if (character < 0x80) return {byte(character)};
  if (character < 0x800) return {byte(0xC0 | (character >> 6)), byte(0x80 | (character & 0x3F))};
  if (character < 0x10000) return {byte(0xE0 | (character >> 12)), byte(0x80 | ((character >> 6) & 0x3F)), byte(0x80 | (character & 0x3F))};
  return {byte(0xF0 | (character >> 18)), byte(0x80 | ((character >> 12) & 0x3F)), byte(0x80 | ((character >> 6) & 0x3F)), byte(0x80 | (character & 0x3F))};
}

/// Of one to three bytes: their value, with the count in front.
std::uint32_t key_of(std::string_view bytes) {
  auto key = static_cast<std::uint32_t>(bytes.size());
  for (const char byte : bytes) key = (key << 8) | static_cast<unsigned char>(byte);
  return key;
}

void add_beginnings(char32_t character, std::unordered_set<std::uint32_t>& beginnings) {
  const std::string bytes = encode(character);
  for (std::size_t count = 1; count < bytes.size(); ++count) beginnings.insert(key_of(std::string_view(bytes).substr(0, count)));
}

const std::unordered_set<std::uint32_t>& standard_beginnings() {
  static const std::unordered_set<std::uint32_t> beginnings = [] {
    std::unordered_set<std::uint32_t> all;
    for (const JisBlock& block : kJisTable) {
      for (std::uint32_t low = 0; low < 256; ++low) {
        if ((block.bits[low / 64] >> (low % 64)) & 1) add_beginnings(block.high * 256 + low, all);
      }
    }
    return all;
  }();
  return beginnings;
}

bool in_standards(char32_t character) {
  if (character < 0x80) return true;
  const std::uint32_t high = character / 256;
  const auto block = std::lower_bound(kJisTable.begin(), kJisTable.end(), high, [](const JisBlock& each, std::uint32_t wanted) { return each.high < wanted; });
  if (block == kJisTable.end() || block->high != high) return false;
  const std::uint32_t low = character % 256;
  return ((block->bits[low / 64] >> (low % 64)) & 1) != 0;
}

/// The character at the front of `text`, without it; nothing where the front is broken or incomplete (one byte is dropped).
std::optional<char32_t> take_character(std::string_view& text) {
  const std::size_t length = length_of(static_cast<unsigned char>(text[0]));
  std::optional<char32_t> character;
  if (length > 0 && length <= text.size() && std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length), is_continuation)) {
    character = decode(text.substr(0, length));
  }
  text.remove_prefix(character ? length : 1);
  return character;
}

}  // namespace

CharacterSet::CharacterSet(std::string_view prompt) {
  while (!prompt.empty()) {
    const std::optional<char32_t> character = take_character(prompt);
    if (!character || in_standards(*character)) continue;
    extra_.push_back(*character);
    add_beginnings(*character, extra_beginnings_);
  }
  std::sort(extra_.begin(), extra_.end());
  extra_.erase(std::unique(extra_.begin(), extra_.end()), extra_.end());
}

bool CharacterSet::contains(char32_t character) const {
  return in_standards(character) || std::binary_search(extra_.begin(), extra_.end(), character);
}

bool CharacterSet::continues(std::string_view bytes) const {
  if (bytes.empty() || bytes.size() > 3) return false;
  const std::uint32_t key = key_of(bytes);
  return standard_beginnings().contains(key) || extra_beginnings_.contains(key);
}

std::optional<std::string> continue_within(const CharacterSet& set, std::string_view pending, std::string_view bytes) {
  std::string current(pending);
  for (const char byte : bytes) {
    if (current.empty() == is_continuation(byte)) return std::nullopt;
    current += byte;
    const std::size_t length = length_of(static_cast<unsigned char>(current[0]));
    if (length == 0) return std::nullopt;
    if (current.size() < length) continue;
    const std::optional<char32_t> character = decode(current);
    if (!character || !set.contains(*character)) return std::nullopt;
    current.clear();
  }
  if (!current.empty() && !set.continues(current)) return std::nullopt;
  return current;
}

std::size_t incomplete_tail_bytes(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const char byte = text[text.size() - back];
    if (is_continuation(byte)) continue;
    return length_of(static_cast<unsigned char>(byte)) > back ? back : 0;
  }
  return 0;
}

}  // namespace sekisho::worker
