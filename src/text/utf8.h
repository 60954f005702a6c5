#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// UTF-8 as bytes: decoding, counting and cutting. "Character" means a Unicode code point here.
///
/// Every function takes any bytes: a byte that begins no valid sequence (RFC 3629: no overlong forms, no surrogates)
/// counts as one character, U+FFFD, of one byte. Threads: pure functions.
namespace sekisho::text {

/// One character and where its bytes are.
struct Character {
  char32_t value = 0;
  std::size_t begin = 0;  ///< Byte offset of the first byte.
  std::size_t size = 0;   ///< Bytes, 1 to 4.
  [[nodiscard]] std::size_t end() const { return begin + size; }
};

/// The character that begins at byte `offset`, which must be below `text.size()`.
[[nodiscard]] Character character_at(std::string_view text, std::size_t offset);
/// All characters of `text` in order.
[[nodiscard]] std::vector<Character> characters(std::string_view text);

/// Calls `visit(const Character&)` for each character in order.
template <typename Visit>
void for_each_character(std::string_view text, Visit&& visit) {
  for (std::size_t offset = 0; offset < text.size();) {
    const Character character = character_at(text, offset);
    visit(character);
    offset = character.end();
  }
}

[[nodiscard]] bool is_valid_utf8(std::string_view text);
[[nodiscard]] std::size_t count_characters(std::string_view text);
/// Byte offset of character number `index`, or `text.size()` where there are not so many.
[[nodiscard]] std::size_t byte_of_character(std::string_view text, std::size_t index);
/// The first `count` characters (all of them where there are fewer).
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t count);
/// The largest offset ≤ `offset` that does not fall inside a character.
[[nodiscard]] std::size_t character_boundary_before(std::string_view text, std::size_t offset);

/// Appends `character`; a value that is no Unicode scalar is appended as U+FFFD.
void append_utf8(std::string& to, char32_t character);
[[nodiscard]] std::u32string to_utf32(std::string_view text);
[[nodiscard]] std::string to_utf8(std::u32string_view text);
/// A copy in which each invalid byte is U+FFFD: always valid UTF-8.
[[nodiscard]] std::string repaired_utf8(std::string_view text);

[[nodiscard]] constexpr bool is_hiragana(char32_t c) { return c >= 0x3041 && c <= 0x309F; }
[[nodiscard]] constexpr bool is_katakana(char32_t c) { return (c >= 0x30A1 && c <= 0x30FF && c != 0x30FB) || (c >= 0x31F0 && c <= 0x31FF); }
/// CJK unified and compatibility ideographs, 々 and 〆 and 〇.
[[nodiscard]] constexpr bool is_kanji(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF) ||
         (c >= 0x3005 && c <= 0x3007);
}
[[nodiscard]] constexpr bool is_ascii_digit(char32_t c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_ascii_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/// Half-width and full-width spaces, tabs and line ends.
[[nodiscard]] constexpr bool is_space(char32_t c) {
  return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

}  // namespace sekisho::text
