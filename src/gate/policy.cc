#include "gate/policy.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/check.h"
#include "base/limits.h"

namespace sekisho::gate {
namespace {

/// Reads one table member by member. The first error is kept, with its line; what nobody asked for is an error too.
class Fields {
 public:
  Fields(const toml::table& table, std::string path, std::optional<Error>& error) : table_(table), path_(std::move(path)), error_(error) {}

  std::string text(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return {};
    if (const auto* value = node->as_string(); value != nullptr && !value->get().empty()) return value->get();
    reject(*node, key, "must be text");
    return {};
  }
  std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max) {
    const toml::node* node = take(key);
    if (node == nullptr) return min;
    if (const auto* value = node->as_integer(); value != nullptr && value->get() >= min && value->get() <= max) return value->get();
    reject(*node, key, fmt::format("must be a whole number from {} to {}", min, max));
    return min;
  }
  bool flag(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return false;
    if (const auto* value = node->as_boolean()) return value->get();
    reject(*node, key, "must be true or false");
    return false;
  }
  const toml::table& table(std::string_view key) {
    static const toml::table kNone;
    const toml::node* node = take(key);
    if (node == nullptr) return kNone;
    if (const toml::table* value = node->as_table()) return *value;
    reject(*node, key, "must be a table");
    return kNone;
  }
  const toml::array& tables(std::string_view key) {
    static const toml::array kNone;
    const toml::node* node = take(key);
    if (node == nullptr) return kNone;
    const toml::array* value = node->as_array();
    if (value != nullptr && !value->empty() && value->is_homogeneous(toml::node_type::table)) return *value;
    reject(*node, key, "must be a list of tables, at least one");
    return kNone;
  }
  void reject(const toml::node& node, std::string_view key, std::string_view why) {
    if (!error_) error_ = Error{ErrorCode::kInvalid, fmt::format("policy, line {}: {}{}: {}", node.source().begin.line, path_, key, why)};
  }
  /// A misspelt key is named before the one that it should have been.
  void finish() {
    for (const auto& [key, node] : table_) {
      if (!asked_.contains(std::string(key.str()))) reject(node, key.str(), "unknown");
    }
    if (!missing_.empty()) reject(table_, missing_, "missing");
  }

 private:
  const toml::node* take(std::string_view key) {
    asked_.emplace(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr && missing_.empty()) missing_ = key;
    return node;
  }

  const toml::table& table_;
  std::string path_;
  std::optional<Error>& error_;
  std::set<std::string> asked_;
  std::string missing_;
};

bool is_destination(std::string_view name) {
  constexpr std::string_view kEngine = "engine.";
  return name == "screen" || name == "api_key" || name == "share" || name == "export" || (name.starts_with(kEngine) && name.size() > kEngine.size());
}

}  // namespace

/// Builds a Policy from parsed TOML.
class PolicyReader {
 public:
  Result<Policy> read(const toml::table& root) {
    Fields fields(root, "", error_);
    policy_.name_ = fields.text("name");
    read_levels(fields.tables("levels"));
    read_destinations(fields.table("destinations"));
    read_password(fields.table("password"));
    read_session(fields.table("session"));
    read_rates(fields.table("rates"));
    fields.finish();
    if (error_) return fail(*error_);
    return std::move(policy_);
  }

 private:
  void read_levels(const toml::array& levels) {
    for (const toml::node& node : levels) {
      Fields fields(*node.as_table(), "levels.", error_);
      LevelRule rule;
      rule.name = fields.text("name");
      rule.short_name = fields.text("short_name");
      rule.weight = static_cast<int>(fields.integer("weight", 1, 3));
      rule.batch_across_subjects = fields.flag("batch_across_subjects");
      if (policy_.level_named(rule.name) || policy_.level_named(rule.short_name)) fields.reject(node, "name", "two levels of one name");
      if (!policy_.levels_.empty() && rule.weight < policy_.levels_.back().weight) fields.reject(node, "weight", "less than a lower level's");
      fields.finish();
      policy_.levels_.push_back(std::move(rule));
    }
  }
  void read_destinations(const toml::table& table) {
    Fields fields(table, "destinations.", error_);
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      const Result<Level> level = policy_.level_named(fields.text(name));
      if (!level) fields.reject(node, name, "no such level");
      if (!is_destination(name)) fields.reject(node, name, "screen, api_key, share, export or engine.NAME");
      if (level) policy_.destinations_.emplace(name, *level);
    }
    if (!policy_.approved_up_to(Destination::screen())) fields.reject(table, "screen", "missing");
    fields.finish();
  }
  void read_password(const toml::table& table) {
    Fields fields(table, "password.", error_);
    policy_.password_.min_characters = static_cast<std::size_t>(fields.integer("min_characters", 8, 128));
    policy_.password_.max_bytes = static_cast<std::size_t>(fields.integer("max_bytes", 512, 4096));
    fields.finish();
  }
  void read_session(const toml::table& table) {
    Fields fields(table, "session.", error_);
    policy_.session_.idle_ms = fields.integer("idle_minutes", 1, 24 * 60) * 60'000;
    policy_.session_.total_ms = fields.integer("total_hours", 1, 24 * 30) * 3'600'000;
    fields.finish();
  }
  RateRule read_rate(Fields& rates, std::string_view key) {
    Fields fields(rates.table(key), fmt::format("rates.{}.", key), error_);
    const RateRule rule{.count = fields.integer("count", 1, 1'000'000), .window_ms = fields.integer("window_seconds", 1, 86'400) * 1000};
    fields.finish();
    return rule;
  }
  void read_rates(const toml::table& table) {
    Fields fields(table, "rates.", error_);
    policy_.rates_.sign_in_per_account_and_address = read_rate(fields, "sign_in_per_account_and_address");
    policy_.rates_.sign_in_per_account = read_rate(fields, "sign_in_per_account");
    policy_.rates_.sign_in_per_address = read_rate(fields, "sign_in_per_address");
    policy_.rates_.requests_per_actor = read_rate(fields, "requests_per_actor");
    policy_.rates_.turns_per_actor = read_rate(fields, "turns_per_actor");
    fields.finish();
  }

  Policy policy_;
  std::optional<Error> error_;
};

Result<Policy> Policy::parse(std::string_view toml) {
  const toml::parse_result parsed = toml::parse(toml);
  if (!parsed) {
    return fail(ErrorCode::kInvalid,
                fmt::format("policy, line {}: {}", parsed.error().source().begin.line, parsed.error().description()));
  }
  return PolicyReader().read(parsed.table());
}

Result<Policy> Policy::load(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(limits::kPolicyBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.is_open()) return fail(ErrorCode::kUnavailable, "cannot read the policy " + path.string() + ": " + std::strerror(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > limits::kPolicyBytes) return fail(ErrorCode::kTooLarge, fmt::format("a policy of more than {} bytes", limits::kPolicyBytes));
  return parse(text);
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
  return Json::object({{"level", rule(label.level()).name}, {"readers", Json(std::move(sets))}});
}

Result<Label> Policy::label_from_json(const Json& json) const {
  JsonReader reader(json, "$.label");
  const std::string level_name = reader.text("level", {.min_characters = 1});
  const Json* sets = reader.raw_if("readers");
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
  return Label(*level, std::move(readers));
}

Result<Label> Policy::label_from_text(std::string_view text) const {
  const Result<Json> json = Json::parse(text);
  if (!json) return fail(json.error());
  return label_from_json(*json);
}

audit::EntryLabel Policy::to_entry(const Label& label) const { return {rule(label.level()).name, label.readers()}; }

}  // namespace sekisho::gate
