#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "gate/dlp.h"
#include "text/words.h"

/// What is found by words: mail addresses, addresses, dates of birth, names. Places are code points of a stretch in index form,
/// but for names, which are bytes of it.
namespace sekisho::gate::dlp {

struct FoundWords {
  PersonalKind kind = PersonalKind::kMail;
  std::size_t begin = 0;
  std::size_t end = 0;
};

[[nodiscard]] std::vector<FoundWords> find_mails(std::u32string_view points);
/// 都道府県 or 市区町村 and a house number: 東京都千代田区霞が関2-1-3, 霞が関二丁目1番3号.
[[nodiscard]] std::vector<FoundWords> find_addresses(std::u32string_view points);
/// A date beside 生年月日, 生まれ or 生, in any calendar.
[[nodiscard]] std::vector<FoundWords> find_births(std::u32string_view points);
/// 姓 and 名 in a row, 姓 before 様 or さん, whoever stands behind 「氏名：」. `folded` is in index form; places are its bytes.
[[nodiscard]] std::vector<FoundWords> find_names(std::string_view folded, const text::WordAnalyser& words);

}  // namespace sekisho::gate::dlp
