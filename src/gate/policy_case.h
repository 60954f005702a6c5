#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gate/actor.h"
#include "gate/gate.h"
#include "gate/label.h"
#include "gate/policy.h"

namespace sekisho::gate {

/// One example of what a policy must decide, written so that an official can read and write it:
///
///     例: 他の課の文書は読めない
///     格付の上限: 機密性2
///     所属: 財政課
///     文書: 機密性2
///     閲覧者: 総務課、企画課
///     取扱制限: 複製禁止
///     行き先: 画面、手元のエンジン
///     結果: 拒否（閲覧者）
///
/// 格付の上限 left out: the lowest; 所属: none. Several 文書 are read together; 閲覧者 and 取扱制限 belong to the 文書 above them, and each line must admit. 資格: 画面 (the
/// default) or APIキー. 結果: 許可, 拒否（格付の上限）, 拒否（閲覧者）, 拒否（行き先）,
/// 拒否（取扱制限）. `#` begins a comment.
struct PolicyCase {
  std::string name;
  int line = 0;  ///< Of 例.
  Actor actor;
  Label label;
  std::vector<Destination> destinations;
  Refusal expected = Refusal::kNone;
};

/// Reads a .case file against the policy whose level names it uses.
/// Errors: kInvalid, with the line and the reason.
[[nodiscard]] Result<std::vector<PolicyCase>> parse_cases(const Policy& policy, std::string_view text);

/// What the policy decides of a case, against what the case expects.
struct CaseVerdict {
  Refusal decided = Refusal::kNone;
  bool as_expected = false;
};
[[nodiscard]] CaseVerdict try_case(const Policy& policy, const PolicyCase& example);

/// 「許可」, 「拒否（閲覧者）」, …: as a case writes it.
[[nodiscard]] std::string_view verdict_in_words(Refusal refusal);

}  // namespace sekisho::gate
