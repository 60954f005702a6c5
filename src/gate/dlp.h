#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/words.h"

/// Finds what identifies a person in a text: numbers by their form, check digit, label and neighbourhood, names by
/// morphology, addresses by tables. No model decides. What is done about it is gate/dlp_policy.h.
namespace sekisho::gate {

enum class PersonalKind : std::uint8_t {
  kMyNumber,      ///< 個人番号
  kCorporate,     ///< 法人番号: public, never personal. Known so that nothing else takes it for its own.
  kLicence,       ///< 運転免許証の番号
  kPassport,      ///< 旅券番号
  kResidence,     ///< 在留カードの番号
  kPension,       ///< 基礎年金番号
  kResidentCode,  ///< 住民票コード
  kInsured,       ///< 被保険者番号
  kAccount,       ///< 口座番号
  kPhone,         ///< 電話番号
  kPostal,        ///< 郵便番号
  kMail,          ///< メールアドレス
  kAddress,       ///< 住所
  kName,          ///< 氏名
  kBirth,         ///< 生年月日
};
inline constexpr std::size_t kPersonalKinds = 15;
/// 「個人番号」, 「氏名」, …: as policies, the log and the page write it.
[[nodiscard]] std::string_view name_of(PersonalKind kind);
/// Errors: kInvalid.
[[nodiscard]] Result<PersonalKind> personal_kind_named(std::string_view name);

struct Finding {
  PersonalKind kind = PersonalKind::kMyNumber;
  std::size_t begin = 0;  ///< Bytes of the text that was searched.
  std::size_t end = 0;
  bool operator==(const Finding&) const = default;
};

/// What of `text` identifies a person, in order, not overlapping; 法人番号 is left out. Any bytes are accepted.
///
/// Numbers are found however they are written: any width, 漢数字 and 大字, circled, separated by anything but words, one digit a
/// line or a table cell, with characters of no width between, with O for 0 and l for 1. A labelled number counts though it is
/// wrong; one without a label counts where its form and check digit say so and nothing near it says otherwise. One random number of
/// twelve digits in ten passes the check of a 個人番号: where a text is full of such numbers and few pass, none of them counts.
/// Names (氏名) are searched where `words` is given: ≈ 4 MB/s a thread; all else at the speed of memory on ordinary text.
/// Threads: pure. Memory: the findings, and 64 KiB at a time of what surrounds them.
[[nodiscard]] std::vector<Finding> find_personal(std::string_view text, const text::WordAnalyser* words = nullptr);

/// How many of each kind, by PersonalKind.
using PersonalCounts = std::array<std::int64_t, kPersonalKinds>;
[[nodiscard]] PersonalCounts count_personal(const std::vector<Finding>& findings);

}  // namespace sekisho::gate
