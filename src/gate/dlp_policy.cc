#include "gate/dlp_policy.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "crypto/hash.h"
#include "gate/toml.h"

namespace sekisho::gate {
namespace {

constexpr std::array<std::string_view, 4> kPlaces = {"質問", "ファイル", "回答", "書き出し"};
constexpr std::array<std::string_view, 4> kActions = {"見逃す", "知らせる", "伏せる", "止める"};
constexpr std::array<std::string_view, 4> kActionNames = {"none", "warn", "mask", "block"};
constexpr std::string_view kAllKinds = "すべて";

template <typename List, typename Item>
bool contains(const List& list, const Item& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

std::string_view name_of(DlpPlace place) { return kPlaces[static_cast<std::size_t>(place)]; }
std::string_view name_of(DlpAction action) { return kActionNames[static_cast<std::size_t>(action)]; }

/// Builds a Dlp from parsed TOML.
class DlpReader {
 public:
  DlpReader(const Policy& policy, const text::WordAnalyser* words) : policy_(policy), words_(words) {}

  Result<Dlp> read(Toml& toml) {
    TomlFields fields = toml.root();
    std::vector<Dlp::Rule> rules;
    for (TomlFields& rule : fields.tables_if("rules")) rules.push_back(read_rule(rule));
    fields.finish();
    if (toml.error()) return fail(*toml.error());
    Dlp dlp(words_);
    dlp.rules_.replace(std::move(rules));
    return dlp;
  }

 private:
  Dlp::Rule read_rule(TomlFields& fields) {
    Dlp::Rule rule;
    rule.places = read_places(fields);
    rule.kinds = read_kinds(fields);
    rule.action = read_action(fields);
    for (std::string& name : fields.texts_if("destinations").value_or(std::vector<std::string>())) {
      const bool known = name == "engine.*" || policy_.approved_up_to(Destination{name}).has_value();
      if (!known) fields.reject("destinations", fmt::format("\"{}\": the policy names no such destination", name));
      rule.destinations.push_back(std::move(name));
    }
    for (const std::string& name : fields.texts_if("levels").value_or(std::vector<std::string>())) {
      if (const auto level = level_of(fields, "levels", name)) rule.levels.push_back(*level);
    }
    if (const auto name = fields.text_if("raise_to")) rule.raise_to = level_of(fields, "raise_to", *name);
    rule.at_least = fields.integer_if("at_least", 1, 1'000'000).value_or(1);
    if (contains(rule.places, DlpPlace::kFile) && rule.action == DlpAction::kMask) fields.reject("action", "a file cannot be masked: 知らせる or 止める");
    if (rule.action == DlpAction::kNone && rule.raise_to) fields.reject("raise_to", "means nothing beside 見逃す");
    fields.finish();
    return rule;
  }
  std::vector<DlpPlace> read_places(TomlFields& fields) {
    std::vector<DlpPlace> places;
    for (const std::string& name : fields.texts("places")) {
      const auto found = std::find(kPlaces.begin(), kPlaces.end(), name);
      if (found == kPlaces.end()) fields.reject("places", fmt::format("\"{}\": 質問, ファイル, 回答 or 書き出し", name));
      if (found != kPlaces.end()) places.push_back(static_cast<DlpPlace>(found - kPlaces.begin()));
    }
    return places;
  }
  std::vector<PersonalKind> read_kinds(TomlFields& fields) {
    std::vector<PersonalKind> kinds;
    for (const std::string& name : fields.texts("kinds")) {
      if (name == kAllKinds) {
        for (std::size_t i = 0; i < kPersonalKinds; ++i) kinds.push_back(static_cast<PersonalKind>(i));
        continue;
      }
      const auto kind = personal_kind_named(name);
      if (!kind) fields.reject("kinds", kind.error().detail);
      if (kind && *kind == PersonalKind::kCorporate) fields.reject("kinds", "法人番号 is public and never personal");
      if (kind) kinds.push_back(*kind);
    }
    if (contains(kinds, PersonalKind::kName) && words_ == nullptr) fields.reject("kinds", "氏名 needs the dictionary");
    return kinds;
  }
  DlpAction read_action(TomlFields& fields) {
    const std::string name = fields.text("action");
    const auto found = std::find(kActions.begin(), kActions.end(), name);
    if (found == kActions.end() && !name.empty()) fields.reject("action", fmt::format("\"{}\": 見逃す, 知らせる, 伏せる or 止める", name));
    return found == kActions.end() ? DlpAction::kBlock : static_cast<DlpAction>(found - kActions.begin());
  }
  std::optional<Level> level_of(TomlFields& fields, std::string_view key, const std::string& name) {
    const Result<Level> level = policy_.level_named(name);
    if (level) return *level;
    fields.reject(key, level.error().detail);
    return std::nullopt;
  }

  const Policy& policy_;
  const text::WordAnalyser* words_;
};

Result<Dlp> Dlp::parse(std::string_view text, const Policy& policy, const text::WordAnalyser* words, std::string_view what) {
  Result<Toml> toml = Toml::parse(text, what);
  if (!toml) return fail(toml.error());
  Result<Dlp> dlp = DlpReader(policy, words).read(*toml);
  if (dlp) dlp->sha256_ = crypto::sha256(text).hex();
  return dlp;
}

Result<Dlp> Dlp::load(const std::string& path, const Policy& policy, const text::WordAnalyser* words) {
  const Result<std::string> text = read_policy_file(path);
  return text ? parse(*text, policy, words, std::filesystem::path(path).filename().string()) : fail(text.error());
}

const Dlp& Dlp::none() {
  static const Dlp kNone(nullptr);
  return kNone;
}

bool Dlp::speaks(const Rule& rule, DlpPlace place, const std::vector<Destination>& destinations, Level level) const {
  if (!contains(rule.places, place) || (!rule.levels.empty() && !contains(rule.levels, level))) return false;
  if (rule.destinations.empty()) return true;
  return std::any_of(destinations.begin(), destinations.end(), [&](const Destination& to) {
    return std::any_of(rule.destinations.begin(), rule.destinations.end(), [&](const std::string& pattern) { return means(pattern, to); });
  });
}

bool Dlp::acts(DlpPlace place, const std::vector<Destination>& destinations, Level level) const {
  const std::vector<Rule>& rules = rules_.get();
  return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) { return speaks(rule, place, destinations, level); });
}

bool Dlp::seeks(PersonalKind kind, DlpPlace place, const std::vector<Destination>& destinations, Level level) const {
  const std::vector<Rule>& rules = rules_.get();
  return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
    return speaks(rule, place, destinations, level) && contains(rule.kinds, kind) && rule.action != DlpAction::kNone;
  });
}

bool Dlp::seeks_words(DlpPlace place, const std::vector<Destination>& destinations, Level level) const {
  return seeks(PersonalKind::kName, place, destinations, level) || seeks(PersonalKind::kAddress, place, destinations, level);
}

std::vector<Finding> Dlp::find(DlpPlace place, const std::vector<Destination>& destinations, Level level, std::string_view text) const {
  if (!acts(place, destinations, level)) return {};
  return find_personal(text, seeks(PersonalKind::kName, place, destinations, level) ? words_ : nullptr);
}

DlpVerdict Dlp::judge(DlpPlace place, const std::vector<Destination>& destinations, Level level, std::string_view text) const {
  return decide(place, destinations, level, find(place, destinations, level, text));
}

DlpVerdict Dlp::decide(DlpPlace place, const std::vector<Destination>& destinations, Level level, const std::vector<Finding>& findings) const {
  DlpVerdict verdict;
  const PersonalCounts counts = count_personal(findings);
  std::array<std::optional<DlpAction>, kPersonalKinds> actions;
  for (const Rule& rule : rules_.get()) {
    if (!speaks(rule, place, destinations, level)) continue;
    std::int64_t found = 0;
    for (const PersonalKind kind : rule.kinds) found += counts[static_cast<std::size_t>(kind)];
    if (found < rule.at_least) continue;
    for (const PersonalKind kind : rule.kinds) {
      std::optional<DlpAction>& action = actions[static_cast<std::size_t>(kind)];
      // The first rule that speaks of a kind decides: 見逃す before a wider rule makes an exception.
      if (!action) action = rule.action;
      else continue;
      if (counts[static_cast<std::size_t>(kind)] > 0 && rule.raise_to && (!verdict.raise_to || *verdict.raise_to < *rule.raise_to)) verdict.raise_to = rule.raise_to;
    }
  }
  for (const Finding& finding : findings) {
    const DlpAction action = actions[static_cast<std::size_t>(finding.kind)].value_or(DlpAction::kNone);
    if (action == DlpAction::kNone) continue;
    verdict.items.push_back({finding, action});
    verdict.action = std::max(verdict.action, action);
  }
  if (verdict.raise_to && *verdict.raise_to <= level) verdict.raise_to.reset();
  return verdict;
}

Json DlpVerdict::counts() const {
  PersonalCounts counts{};
  for (const Item& item : items) ++counts[static_cast<std::size_t>(item.finding.kind)];
  Json json = Json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) json.set(std::string(name_of(static_cast<PersonalKind>(i))), counts[i]);
  }
  return json;
}

Json DlpVerdict::facts(DlpPlace place) const {
  return Json::object({{"action", name_of(action)}, {"found", counts()}, {"place", name_of(place)}});
}

}  // namespace sekisho::gate
