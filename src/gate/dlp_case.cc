#include "gate/dlp_case.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "gate/case_lines.h"

namespace sekisho::gate {
namespace {

/// 「個人番号「…」、電話番号「…」」 in its parts; the first one that is not of that form is `wrong`.
std::vector<std::string> findings_of(std::string_view value, std::optional<std::string>& wrong) {
  constexpr std::string_view kOpen = "「", kClose = "」", kComma = "、";
  std::vector<std::string> all;
  while (!value.empty()) {
    const std::size_t open = value.find(kOpen);
    const std::size_t close = value.find(kClose, open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || close == std::string_view::npos || !personal_kind_named(value.substr(0, open))) {
      wrong = std::string(value);
      return all;
    }
    all.emplace_back(value.substr(0, close + kClose.size()));
    value.remove_prefix(close + kClose.size());
    if (value.starts_with(kComma)) value.remove_prefix(kComma.size());
  }
  return all;
}

}  // namespace

Result<std::vector<DlpCase>> parse_dlp_cases(std::string_view text) {
  std::vector<DlpCase> cases;
  std::vector<bool> told;  // Whether a case says what is found.
  auto taken = for_each_case_line(text, [&](int number, std::string_view key, std::string_view value) -> Result<void> {
    const auto wrong = [](std::string_view why) { return fail(ErrorCode::kInvalid, std::string(why)); };
    if (key == "例") {
      cases.push_back({std::string(value), number, {}, {}});
      told.push_back(false);
      return {};
    }
    if (cases.empty()) return wrong("「例」より前にある");
    if (key == "文") {
      cases.back().text += (cases.back().text.empty() ? "" : "\n") + std::string(value);
    } else if (key == "見つかる") {
      told.back() = true;
      std::optional<std::string> unknown;
      const std::vector<std::string> found = value == "なし" ? std::vector<std::string>() : findings_of(value, unknown);
      if (unknown) return wrong(fmt::format("「{}」は、種類「…」の形でない", *unknown));
      cases.back().expected.insert(cases.back().expected.end(), found.begin(), found.end());
    } else {
      return wrong(fmt::format("「{}」は知らない", key));
    }
    return {};
  });
  if (!taken) return fail(taken.error());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].text.empty() || !told[i]) return fail(ErrorCode::kInvalid, fmt::format("{}行目: 例「{}」に文か、見つかるがない", cases[i].line, cases[i].name));
  }
  return cases;
}

std::vector<std::string> found_in_words(std::string_view text, const text::WordAnalyser* words) {
  std::vector<std::string> all;
  for (const Finding& finding : find_personal(text, words)) all.push_back(fmt::format("{}「{}」", name_of(finding.kind), text.substr(finding.begin, finding.end - finding.begin)));
  return all;
}

}  // namespace sekisho::gate
