#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "gate/dlp.h"

/// The words beside a number that say what it is. All texts here are in index form (text/normalize.h), spaces and line ends taken out.
namespace sekisho::gate::dlp {

/// What a label says.
struct LabelMeaning {
  std::optional<PersonalKind> kind;  ///< Nothing: it says that the number is something else (注文番号, 金額).
  std::size_t begin = 0;             ///< Code points in the text that was searched.
  std::size_t end = 0;
};

/// The last label in `before`: what stands before a number. A digit between the label and the number makes it another number's
/// (個人番号（12桁） is its own).
[[nodiscard]] std::optional<LabelMeaning> label_before(std::u32string_view before);
/// A label that follows a number: 「…（個人番号）」, 「…が私のマイナンバーです」, not that of the number after.
[[nodiscard]] std::optional<LabelMeaning> label_after(std::u32string_view after);
/// Whether the words around speak of a person: 氏名, 住所, 世帯, 源泉徴収 …
[[nodiscard]] bool speaks_of_a_person(std::u32string_view around);
/// 円, 人, 件, kg …: what follows an amount.
[[nodiscard]] bool begins_with_unit(std::u32string_view after);

}  // namespace sekisho::gate::dlp
