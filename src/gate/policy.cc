#include "gate/policy.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "gate/toml.h"

namespace sekisho::gate {

bool is_destination(std::string_view name) {
  constexpr std::string_view kEngine = "engine.";
  return name == "screen" || name == "api_key" || name == "share" || name == "export" || (name.starts_with(kEngine) && name.size() > kEngine.size());
}

bool means(std::string_view pattern, const Destination& destination) {
  if (pattern == "engine.*") return destination.name.starts_with("engine.") && destination != Destination::local_engine();
  return pattern == destination.name;
}

/// Builds a Policy from parsed TOML.
class PolicyReader {
 public:
  Result<Policy> read(Toml& toml) {
    TomlFields fields = toml.root();
    policy_.name_ = fields.text("name");
    read_levels(fields.tables("levels"));
    read_destinations(fields.table("destinations"), fields);
    read_handling(fields.tables_if("handling"));
    read_password(fields.table("password"));
    read_session(fields.table("session"));
    read_rates(fields.table("rates"));
    fields.finish();
    if (toml.error()) return fail(*toml.error());
    return std::move(policy_);
  }

 private:
  void read_levels(std::vector<TomlFields> levels) {
    for (TomlFields& fields : levels) {
      LevelRule rule;
      rule.name = fields.text("name");
      rule.short_name = fields.text("short_name");
      rule.weight = static_cast<int>(fields.integer("weight", 1, 3));
      rule.batch_across_subjects = fields.flag("batch_across_subjects");
      if (policy_.level_named(rule.name) || policy_.level_named(rule.short_name)) fields.reject("name", "two levels of one name");
      if (!policy_.levels_.empty() && rule.weight < policy_.levels_.back().weight) fields.reject("weight", "less than a lower level's");
      fields.finish();
      policy_.levels_.push_back(std::move(rule));
    }
  }
  void read_destinations(TomlFields fields, TomlFields& root) {
    for (const std::string& name : fields.keys()) {
      const Result<Level> level = policy_.level_named(fields.text(name));
      if (!level) fields.reject(name, "no such level");
      if (!is_destination(name)) fields.reject(name, "screen, api_key, share, export or engine.NAME");
      if (level) policy_.destinations_.emplace(name, *level);
    }
    if (!policy_.approved_up_to(Destination::screen())) root.reject("destinations", "screen: missing");
    fields.finish();
  }
  void read_handling(std::vector<TomlFields> rules) {
    for (TomlFields& fields : rules) {
      HandlingRule rule{fields.text("name"), fields.texts("forbids")};
      const bool known = std::any_of(policy_.handling_.begin(), policy_.handling_.end(), [&](const HandlingRule& other) { return other.name == rule.name; });
      if (known) fields.reject("name", "two of one name");
      for (const std::string& name : rule.forbids) {
        if (!is_destination(name)) fields.reject("forbids", fmt::format("\"{}\": screen, api_key, share, export, engine.NAME or engine.*", name));
      }
      fields.finish();
      policy_.handling_.push_back(std::move(rule));
    }
  }
  void read_password(TomlFields fields) {
    policy_.password_.min_characters = static_cast<std::size_t>(fields.integer("min_characters", 8, 128));
    policy_.password_.max_bytes = static_cast<std::size_t>(fields.integer("max_bytes", 512, 4096));
    fields.finish();
  }
  void read_session(TomlFields fields) {
    policy_.session_.idle_ms = fields.integer("idle_minutes", 1, 24 * 60) * 60'000;
    policy_.session_.total_ms = fields.integer("total_hours", 1, 24 * 30) * 3'600'000;
    fields.finish();
  }
  static RateRule read_rate(TomlFields& rates, std::string_view key) {
    TomlFields fields = rates.table(key);
    const RateRule rule{.count = fields.integer("count", 1, 1'000'000), .window_ms = fields.integer("window_seconds", 1, 86'400) * 1000};
    fields.finish();
    return rule;
  }
  void read_rates(TomlFields fields) {
    policy_.rates_.sign_in_per_account_and_address = read_rate(fields, "sign_in_per_account_and_address");
    policy_.rates_.sign_in_per_account = read_rate(fields, "sign_in_per_account");
    policy_.rates_.sign_in_per_address = read_rate(fields, "sign_in_per_address");
    policy_.rates_.requests_per_actor = read_rate(fields, "requests_per_actor");
    policy_.rates_.turns_per_actor = read_rate(fields, "turns_per_actor");
    fields.finish();
  }

  Policy policy_;
};

Result<Policy> Policy::parse(std::string_view text) {
  Result<Toml> toml = Toml::parse(text, "policy");
  if (!toml) return fail(toml.error());
  return PolicyReader().read(*toml);
}

Result<Policy> Policy::load(const std::filesystem::path& path) {
  const Result<std::string> text = read_policy_file(path.string());
  return text ? parse(*text) : fail(text.error());
}

bool Policy::forbids(const Label& label, const Destination& destination) const {
  return std::any_of(label.handling().begin(), label.handling().end(), [&](const std::string& name) {
    const auto rule = std::find_if(handling_.begin(), handling_.end(), [&](const HandlingRule& known) { return known.name == name; });
    if (rule == handling_.end()) return true;
    return std::any_of(rule->forbids.begin(), rule->forbids.end(), [&](const std::string& pattern) { return means(pattern, destination); });
  });
}

const LevelRule& Policy::rule(Level level) const {
  CHECK(level.rank >= 0 && level <= highest());
  return levels_[static_cast<std::size_t>(level.rank)];
}

Result<Level> Policy::level_named(std::string_view name) const {
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    if (levels_[i].name == name || levels_[i].short_name == name) return Level{static_cast<int>(i)};
  }
  return fail(ErrorCode::kUnsupported, fmt::format("this policy has no level named \"{}\"", name));
}

std::optional<Level> Policy::approved_up_to(const Destination& destination) const {
  const auto found = destinations_.find(destination.name);
  if (found == destinations_.end()) return std::nullopt;
  return found->second;
}

Json Policy::to_json(const Label& label) const {
  Json::Array sets;
  for (const ReaderSet& set : label.readers()) {
    Json::Array names;
    for (const std::string& name : set) names.emplace_back(name);
    sets.emplace_back(std::move(names));
  }
  Json json = Json::object({{"level", rule(label.level()).name}, {"readers", Json(std::move(sets))}});
  if (!label.handling().empty()) json.set("handling", Json::Array(label.handling().begin(), label.handling().end()));
  return json;
}

Result<Label> Policy::label_from_json(const Json& json) const {
  JsonReader reader(json, "$.label");
  const std::string level_name = reader.text("level", {.min_characters = 1});
  const Json* sets = reader.raw_if("readers");
  HandlingSet handling = reader.texts_if("handling", 100, {.min_characters = 1, .max_characters = 64}).value_or(HandlingSet());
  if (Result<void> done = reader.finish(); !done) return fail(done.error());
  std::vector<ReaderSet> readers;
  if (sets == nullptr || sets->as_array() == nullptr) return fail(ErrorCode::kInvalid, "$.label.readers: must be a list of lists of groups");
  for (const Json& set : *sets->as_array()) {
    const Json wrapped = Json::object({{"set", set}});
    JsonReader names(wrapped, "$.label.readers");
    readers.push_back(names.texts("set", 1000, {.min_characters = 1, .max_characters = 64}));
    if (Result<void> done = names.finish(); !done) return fail(done.error());
  }
  const Result<Level> level = level_named(level_name);
  if (!level) return fail(level.error());
  for (const std::string& name : handling) {
    const bool known = std::any_of(handling_.begin(), handling_.end(), [&](const HandlingRule& rule) { return rule.name == name; });
    if (!known) return fail(ErrorCode::kUnsupported, fmt::format("this policy has no handling named \"{}\"", name));
  }
  return Label(*level, std::move(readers), std::move(handling));
}

Result<Label> Policy::label_from_text(std::string_view text) const {
  const Result<Json> json = Json::parse(text);
  if (!json) return fail(json.error());
  return label_from_json(*json);
}

audit::EntryLabel Policy::to_entry(const Label& label) const { return {rule(label.level()).name, label.readers()}; }

}  // namespace sekisho::gate
