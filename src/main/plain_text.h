#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sekisho::main {

/// `text` for a terminal: without control characters but line ends and tabs, and without those that turn the direction of
/// writing, so that a document cannot move the cursor, change colours, or show one thing as another.
[[nodiscard]] std::string printable(std::string_view text);
/// The beginning of `text` on one line: line ends become spaces, and "…" stands for what is left out.
[[nodiscard]] std::string excerpt(std::string_view text, std::size_t max_characters);
/// Cut to at most so many columns of a terminal, where East Asian characters take two.
[[nodiscard]] std::string fit_columns(std::string_view text, std::size_t columns);

/// "512 バイト", "38 KB", "1.2 MB".
[[nodiscard]] std::string size_words(std::uint64_t bytes);
/// "45秒", "3分20秒", "1時間5分".
[[nodiscard]] std::string duration_words(std::int64_t milliseconds);

}  // namespace sekisho::main
