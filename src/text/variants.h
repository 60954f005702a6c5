#pragma once

#include <string>
#include <string_view>

namespace sekisho::text {

/// One key for all the ways in which a word is written: 申込, 申込み, 申し込み and 申し込む; 取扱い and 取り扱い;
/// サーバ and サーバー. `base` is a dictionary form in index form (words.h, normalize.h). The key is for comparing only, never shown.
///
/// Rules: a word with two or more kanji loses its okurigana (送り仮名の付け方, 通則 6 and 7), unless の joins them (女の子 is not 女子);
/// katakana loses its last ー, and ヴァ, ヴィ, フェイ … become バ, ビ, フェー …; a table holds the rest (行う/行なう, 子供/子ども).
/// Where no rule applies the key is `base`. Threads: pure.
[[nodiscard]] std::string variant_key(std::string_view base);

/// Whether `left` and `right`, which the dictionary takes for two words, are one word in official writing: 申 + 込み, 貸 + 付け, 障 + がい.
/// Both are surfaces in index form. Threads: pure.
[[nodiscard]] bool joins_as_one_word(std::string_view left, std::string_view right);

/// The name of these rules, part of the analyser version.
[[nodiscard]] std::string_view variants_version();

}  // namespace sekisho::text
