#pragma once

namespace sekisho::text {

/// The common form of a variant character (旧字体, 異体字, 康煕部首 that NFKC leaves, one dash, one wave); `character` itself where it has none.
/// `character` is already NFKC with case folded.
[[nodiscard]] char32_t folded_character(char32_t character);

}  // namespace sekisho::text
