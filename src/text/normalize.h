#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::text {

/// The form in which text is indexed and compared, with the way back to the original.
///
/// It is NFKC with case folded, 異体字 and 旧字体 folded to the common form (國→国, 髙→高, 﨑→崎, 邊→辺), 康煕部首 to their
/// kanji, half-width kana to full width, the wave-dash class to one member each (〜～→~, −－→-, —―‐→-), IVS, SVS, zero-width
/// and control characters gone, each line end "\n". It is for the index only: the original is what people see and cite.
struct IndexForm {
  std::string text;
  /// For each byte of `text`, the byte offset in the original where the character it came from begins; one more
  /// entry for the end. Never decreases.
  std::vector<std::uint32_t> origin;

  /// The range of original bytes from which bytes [begin, end) of `text` came.
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  [[nodiscard]] Range original_range(std::size_t begin, std::size_t end) const;
};

/// Accepts any bytes (see utf8.h); texts beyond 4 GiB are our bug. Threads: pure.
[[nodiscard]] IndexForm index_form(std::string_view original);
/// index_form(original).text, cheaper.
[[nodiscard]] std::string fold(std::string_view original);

/// The name of this folding, part of the analyser version: changes whenever fold() may give another result.
[[nodiscard]] std::string_view normalize_version();

}  // namespace sekisho::text
