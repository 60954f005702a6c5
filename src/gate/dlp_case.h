#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gate/dlp.h"

namespace sekisho::gate {

/// One example of what is found in a text and what is not, written so that an official can read and write it:
///
///     例: 見出しがあれば、検査数字が合わなくても個人番号
///     文: 個人番号：123456789012
///     見つかる: 個人番号「123456789012」
///
///     例: 法人番号は公開の番号
///     文: 法人番号 7123456789012
///     見つかる: なし
///
/// Several 文 are the lines of one text. Several 見つかる, or several in one line parted by 、, are found in that order. `#` begins a comment.
struct DlpCase {
  std::string name;
  int line = 0;  ///< Of 例.
  std::string text;
  std::vector<std::string> expected;  ///< 「個人番号「123456789012」」
};

/// Errors: kInvalid, with the line and the reason.
[[nodiscard]] Result<std::vector<DlpCase>> parse_dlp_cases(std::string_view text);

/// What is found in a case's text, as a case writes it.
[[nodiscard]] std::vector<std::string> found_in_words(std::string_view text, const text::WordAnalyser* words);

}  // namespace sekisho::gate
