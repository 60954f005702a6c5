#include "gate/policy.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "crypto/hash.h"
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

namespace {

/// The rank of the level of that name or short name.
std::optional<Level> find_level(const std::vector<LevelRule>& levels, std::string_view name) {
  const auto found = std::find_if(levels.begin(), levels.end(), [&](const LevelRule& rule) { return rule.name == name || rule.short_name == name; });
  if (found == levels.end()) return std::nullopt;
  return Level{static_cast<int>(found - levels.begin())};
}

const HandlingRule* find_handling(const std::vector<HandlingRule>& rules, std::string_view name) {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const HandlingRule& rule) { return rule.name == name; });
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace

/// Builds a Policy from parsed TOML.
class PolicyReader {
 public:
  Result<Policy> read(Toml& toml, std::string_view text) {
    TomlFields fields = toml.root();
    rules_.sha256 = crypto::sha256(text).hex();
    rules_.name = fields.text("name");
    rules_.audit_witness = fields.text_if("audit_witness").value_or("");
    if (!rules_.audit_witness.empty() && !rules_.audit_witness.starts_with('/')) fields.reject("audit_witness", "must be a whole path, from / on");
    read_levels(fields.tables("levels"));
    read_destinations(fields.table("destinations"), fields);
    read_handling(fields.tables_if("handling"));
    read_password(fields.table("password"));
    read_session(fields.table("session"));
    read_rates(fields.table("rates"));
    fields.finish();
    if (toml.error()) return fail(*toml.error());
    return Policy(std::move(rules_));
  }

 private:
  void read_levels(std::vector<TomlFields> levels) {
    for (TomlFields& fields : levels) {
      LevelRule rule;
      rule.name = fields.text("name");
      rule.short_name = fields.text("short_name");
      rule.weight = static_cast<int>(fields.integer("weight", 1, 3));
      rule.batch_across_subjects = fields.flag("batch_across_subjects");
      if (find_level(rules_.levels, rule.name) || find_level(rules_.levels, rule.short_name)) fields.reject("name", "two levels of one name");
      if (!rules_.levels.empty() && rule.weight < rules_.levels.back().weight) fields.reject("weight", "less than a lower level's");
      fields.finish();
      rules_.levels.push_back(std::move(rule));
    }
  }
  void read_destinations(TomlFields fields, TomlFields& root) {
    for (const std::string& name : fields.keys()) {
      const std::optional<Level> level = find_level(rules_.levels, fields.text(name));
      if (!level) fields.reject(name, "no such level");
      if (!is_destination(name)) fields.reject(name, "screen, api_key, share, export or engine.NAME");
      if (level) rules_.destinations.emplace(name, *level);
    }
    if (!rules_.destinations.contains(Destination::screen().name)) root.reject("destinations", "screen: missing");
    fields.finish();
  }
  void read_handling(std::vector<TomlFields> rules) {
    for (TomlFields& fields : rules) {
      HandlingRule rule{fields.text("name"), fields.texts("forbids")};
      if (find_handling(rules_.handling, rule.name) != nullptr) fields.reject("name", "two of one name");
      for (const std::string& name : rule.forbids) {
        if (!is_destination(name)) fields.reject("forbids", fmt::format("\"{}\": screen, api_key, share, export, engine.NAME or engine.*", name));
      }
      fields.finish();
      rules_.handling.push_back(std::move(rule));
    }
  }
  void read_password(TomlFields fields) {
    rules_.password.min_characters = static_cast<std::size_t>(fields.integer("min_characters", 8, 128));
    rules_.password.max_bytes = static_cast<std::size_t>(fields.integer("max_bytes", 512, 4096));
    fields.finish();
  }
  void read_session(TomlFields fields) {
    rules_.session.idle_ms = fields.integer("idle_minutes", 1, 24 * 60) * 60'000;
    rules_.session.total_ms = fields.integer("total_hours", 1, 24 * 30) * 3'600'000;
    fields.finish();
  }
  static RateRule read_rate(TomlFields& rates, std::string_view key) {
    TomlFields fields = rates.table(key);
    const RateRule rule{.count = fields.integer("count", 1, 1'000'000), .window_ms = fields.integer("window_seconds", 1, 86'400) * 1000};
    fields.finish();
    return rule;
  }
  void read_rates(TomlFields fields) {
    rules_.rates.sign_in_per_account_and_address = read_rate(fields, "sign_in_per_account_and_address");
    rules_.rates.sign_in_per_account = read_rate(fields, "sign_in_per_account");
    rules_.rates.sign_in_per_address = read_rate(fields, "sign_in_per_address");
    rules_.rates.requests_per_actor = read_rate(fields, "requests_per_actor");
    rules_.rates.turns_per_actor = read_rate(fields, "turns_per_actor");
    fields.finish();
  }

  Policy::Rules rules_;
};

Result<Policy> Policy::parse(std::string_view text, std::string_view what) {
  Result<Toml> toml = Toml::parse(text, what);
  if (!toml) return fail(toml.error());
  return PolicyReader().read(*toml, text);
}

Result<Policy> Policy::load(const std::filesystem::path& path) {
  const Result<std::string> text = read_policy_file(path.string());
  return text ? parse(*text, path.filename().string()) : fail(text.error());
}

Result<void> Policy::may_become(const Policy& next) const {
  const Rules& now = rules();
  const Rules& then = next.rules();
  for (std::size_t i = 0; i < now.levels.size(); ++i) {
    if (i < then.levels.size() && then.levels[i].name == now.levels[i].name) continue;
    return fail(ErrorCode::kInvalid, fmt::format("policy.toml: levels: \"{}\" is missing or elsewhere; a running server only takes new ones above its own", now.levels[i].name));
  }
  for (const HandlingRule& rule : now.handling) {
    if (find_handling(then.handling, rule.name) == nullptr) return fail(ErrorCode::kInvalid, fmt::format("policy.toml: handling: \"{}\" is missing; labels may bear it", rule.name));
  }
  return {};
}

void Policy::replace(const Policy& next) {
  CHECK(may_become(next).has_value());
  rules_.replace(next.rules());
}

bool Policy::forbids(const Label& label, const Destination& destination) const {
  const std::vector<HandlingRule>& known = handling();
  return std::any_of(label.handling().begin(), label.handling().end(), [&](const std::string& name) {
    const HandlingRule* const rule = find_handling(known, name);
    if (rule == nullptr) return true;
    return std::any_of(rule->forbids.begin(), rule->forbids.end(), [&](const std::string& pattern) { return means(pattern, destination); });
  });
}

const LevelRule& Policy::rule(Level level) const {
  CHECK(level.rank >= 0 && level <= highest());
  return levels()[static_cast<std::size_t>(level.rank)];
}

Result<Level> Policy::level_named(std::string_view name) const {
  if (const auto level = find_level(levels(), name)) return *level;
  return fail(ErrorCode::kUnsupported, fmt::format("this policy has no level named \"{}\"", name));
}

std::optional<Level> Policy::approved_up_to(const Destination& destination) const {
  const std::map<std::string, Level>& known = destinations();
  const auto found = known.find(destination.name);
  if (found == known.end()) return std::nullopt;
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
    if (find_handling(this->handling(), name) == nullptr) return fail(ErrorCode::kUnsupported, fmt::format("this policy has no handling named \"{}\"", name));
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
