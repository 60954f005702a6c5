#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::text {

/// How the bytes of a text file spell its characters. Every "Shift_JIS" is CP932, as Windows writes it; EUC-JP is CP51932
/// with JIS X 0212; ISO-2022-JP includes CP50220's half-width kana and the rows of NEC and IBM.
enum class Encoding { kUtf8, kCp932, kEucJp, kIso2022Jp, kUtf16Le, kUtf16Be };

/// "utf-8", "cp932", "euc-jp", "iso-2022-jp", "utf-16le", "utf-16be".
[[nodiscard]] std::string_view name_of(Encoding encoding);
/// Also knows the names that files declare ("Shift_JIS", "x-sjis", "windows-31j", "EUC-JP", …), in any case.
[[nodiscard]] std::optional<Encoding> encoding_named(std::string_view name);

/// Finds out what `bytes` are: byte order mark, escapes of ISO-2022-JP, UTF-16 without a mark, valid UTF-8, and else the
/// reading that looks most like Japanese (RETRIEVAL.md, "Extraction, measured"). Reads at most the first 256 KiB; bytes
/// that are plain ASCII or nothing at all are UTF-8. Always answers.
[[nodiscard]] Encoding detect_encoding(std::string_view bytes);

/// A text as UTF-8 and what it cost.
struct Decoded {
  std::string text;                      ///< Valid UTF-8 without a byte order mark.
  Encoding encoding = Encoding::kUtf8;
  std::size_t undecodable = 0;           ///< Byte sequences that are no character; each became one U+FFFD.
  std::vector<std::size_t> undecodable_at;  ///< Byte offsets in the input of the first 20 of them.
  std::size_t private_use = 0;           ///< Characters of the private use area (外字), kept as they are.
  std::vector<char32_t> private_use_characters;  ///< The first 20 different ones.
};

/// Reads `bytes` in the given encoding; a matching byte order mark is dropped.
[[nodiscard]] Decoded decode(std::string_view bytes, Encoding encoding);
/// decode(bytes, detect_encoding(bytes)).
[[nodiscard]] Decoded decode(std::string_view bytes);

/// A character that CP932 cannot hold.
struct Unencodable {
  char32_t character = 0;
  std::size_t count = 0;
  std::size_t first_at = 0;  ///< Byte offset in the UTF-8 text of the first one.
};

struct EncodedCp932 {
  std::string bytes;                     ///< Each missing character became 〓.
  std::vector<Unencodable> missing;      ///< In order of their first place; empty: nothing was lost.
};

/// Writes UTF-8 as CP932. Both forms of the 波ダッシュ class are accepted (〜～ ‖∥ −－ —― ¢￠ £￡ ¬￢). Ill-formed UTF-8
/// counts as U+FFFD.
[[nodiscard]] EncodedCp932 encode_cp932(std::string_view utf8);

}  // namespace sekisho::text
