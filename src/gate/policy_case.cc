#include "gate/policy_case.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "gate/case_lines.h"

namespace sekisho::gate {
namespace {

struct Verdict {
  Refusal refusal;
  std::string_view words;
};
constexpr std::array<Verdict, 5> kVerdicts = {{{Refusal::kNone, "許可"},
                                               {Refusal::kClearance, "拒否（格付の上限）"},
                                               {Refusal::kReaders, "拒否（閲覧者）"},
                                               {Refusal::kDestination, "拒否（行き先）"},
                                               {Refusal::kHandling, "拒否（取扱制限）"}}};

std::vector<std::string> list_of(std::string_view text) {
  constexpr std::string_view kComma = "、";
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(kComma), text.size());
    if (const std::string_view item = trimmed(text.substr(0, end)); !item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(end + kComma.size(), text.size()));
  }
  return items;
}

Result<Destination> destination_in_words(std::string_view words) {
  constexpr std::string_view kEngine = "エンジン ";
  if (words == "画面") return Destination::screen();
  if (words == "手元のエンジン") return Destination::local_engine();
  if (words == "APIキー") return Destination::api_key();
  if (words == "共有") return Destination::share();
  if (words == "書き出し") return Destination::exported();
  if (words.starts_with(kEngine)) return Destination::engine(trimmed(words.substr(kEngine.size())));
  return fail(ErrorCode::kInvalid, fmt::format("行き先「{}」は知らない", words));
}

/// Takes a file's lines one by one.
class CaseReader {
 public:
  explicit CaseReader(const Policy& policy) : policy_(policy) {}

  Result<void> take(int line, std::string_view key, std::string_view value) {
    if (key == "例") return begin(line, value);
    if (!case_) return fail(ErrorCode::kInvalid, "「例」より前にある");
    if (key == "格付の上限") return level(value, case_->actor.clearance);
    if (key == "文書") return document(value);
    if (key == "閲覧者") return readers(value);
    if (key == "取扱制限") return handling(value);
    if (key == "行き先") return destinations(value);
    if (key == "資格") return credential(value);
    if (key == "結果") return verdict(value);
    if (key != "所属") return fail(ErrorCode::kInvalid, fmt::format("「{}」は知らない", key));
    case_->actor.groups = list_of(value);
    std::sort(case_->actor.groups.begin(), case_->actor.groups.end());
    return {};
  }
  Result<std::vector<PolicyCase>> finish() {
    if (Result<void> ended = end(); !ended) return fail(ended.error());
    return std::move(cases_);
  }

 private:
  Result<void> begin(int line, std::string_view name) {
    if (Result<void> ended = end(); !ended) return ended;
    case_.emplace();
    case_->name = name;
    case_->line = line;
    return {};
  }
  Result<void> end() {
    if (!case_) return {};
    if (documents_.empty() || case_->destinations.empty() || !has_verdict_) {
      return fail(ErrorCode::kInvalid, fmt::format("例「{}」に文書、行き先、結果のどれかがない", case_->name));
    }
    for (const Label& label : documents_) case_->label = join(case_->label, label);
    cases_.push_back(std::move(*case_));
    case_.reset();
    documents_.clear();
    has_verdict_ = false;
    return {};
  }
  Result<void> level(std::string_view name, Level& to) const {
    const Result<Level> found = policy_.level_named(name);
    if (!found) return fail(ErrorCode::kInvalid, fmt::format("格付「{}」はこの方針にない", name));
    to = *found;
    return {};
  }
  Result<void> document(std::string_view name) {
    Level found;
    if (Result<void> named = level(name, found); !named) return named;
    documents_.push_back(Label(found));
    return {};
  }
  Result<void> readers(std::string_view value) {
    if (documents_.empty()) return fail(ErrorCode::kInvalid, "「文書」より前にある");
    documents_.back() = join(documents_.back(), Label(Level{}, {list_of(value)}));
    return {};
  }
  Result<void> handling(std::string_view value) {
    if (documents_.empty()) return fail(ErrorCode::kInvalid, "「文書」より前にある");
    HandlingSet names = list_of(value);
    for (const std::string& name : names) {
      const bool known = std::any_of(policy_.handling().begin(), policy_.handling().end(), [&](const HandlingRule& rule) { return rule.name == name; });
      if (!known) return fail(ErrorCode::kInvalid, fmt::format("取扱制限「{}」はこの方針にない", name));
    }
    documents_.back() = join(documents_.back(), Label(Level{}, {}, std::move(names)));
    return {};
  }
  Result<void> destinations(std::string_view value) {
    for (const std::string& words : list_of(value)) {
      Result<Destination> destination = destination_in_words(words);
      if (!destination) return fail(destination.error());
      case_->destinations.push_back(std::move(*destination));
    }
    return {};
  }
  Result<void> credential(std::string_view value) {
    if (value != "画面" && value != "APIキー") return fail(ErrorCode::kInvalid, "資格は画面かAPIキー");
    case_->actor.credential = value == "画面" ? Credential::kSession : Credential::kApiKey;
    return {};
  }
  Result<void> verdict(std::string_view value) {
    for (const Verdict& known : kVerdicts) {
      if (known.words != value) continue;
      case_->expected = known.refusal;
      has_verdict_ = true;
      return {};
    }
    return fail(ErrorCode::kInvalid, fmt::format("結果「{}」は知らない", value));
  }

  const Policy& policy_;
  std::vector<PolicyCase> cases_;
  std::optional<PolicyCase> case_;
  std::vector<Label> documents_;
  bool has_verdict_ = false;
};

}  // namespace

CaseVerdict try_case(const Policy& policy, const PolicyCase& example) {
  const Refusal decided = judge(policy, example.actor, example.label, example.destinations);
  return {decided, decided == example.expected};
}

std::string_view verdict_in_words(Refusal refusal) {
  const auto found = std::find_if(kVerdicts.begin(), kVerdicts.end(), [&](const Verdict& verdict) { return verdict.refusal == refusal; });
  return found == kVerdicts.end() ? "許可" : found->words;
}

Result<std::vector<PolicyCase>> parse_cases(const Policy& policy, std::string_view text) {
  CaseReader reader(policy);
  auto taken = for_each_case_line(text, [&](int number, std::string_view name, std::string_view value) { return reader.take(number, name, value); });
  if (!taken) return fail(taken.error());
  return reader.finish();
}

}  // namespace sekisho::gate
