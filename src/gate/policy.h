#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/entry.h"
#include "base/json.h"
#include "base/replaceable.h"
#include "base/result.h"
#include "gate/label.h"

namespace sekisho::gate {

/// Where data may go, by the name that the policy approves: "engine.local", "screen", "api_key", "engine.NAME", …
struct Destination {
  std::string name;
  bool operator==(const Destination&) const = default;

  [[nodiscard]] static Destination screen() { return {"screen"}; }
  [[nodiscard]] static Destination api_key() { return {"api_key"}; }
  [[nodiscard]] static Destination local_engine() { return {"engine.local"}; }
  [[nodiscard]] static Destination engine(std::string_view name) { return {"engine." + std::string(name)}; }
  [[nodiscard]] static Destination exported() { return {"export"}; }
  [[nodiscard]] static Destination share() { return {"share"}; }
};

struct LevelRule {
  std::string name;        ///< 「機密性2」
  std::string short_name;  ///< 「2」, for a badge.
  int weight = 1;          ///< 1 to 3: how strongly the page shows it.
  bool batch_across_subjects = false;  ///< Whether the engine may compute different people's turns in one batch.
};

/// A 取扱制限 that labels may bear.
struct HandlingRule {
  std::string name;                  ///< 「複製禁止」
  std::vector<std::string> forbids;  ///< Names of destinations; "engine.*" is every engine but the local one.
};

struct PasswordRule {
  std::size_t min_characters = 12;
  std::size_t max_bytes = 1024;
};

struct SessionRule {
  std::int64_t idle_ms = 0;
  std::int64_t total_ms = 0;
};

/// At most `count` within any `window_ms`.
struct RateRule {
  std::int64_t count = 0;
  std::int64_t window_ms = 0;
};

struct RateRules {
  RateRule sign_in_per_account_and_address;
  RateRule sign_in_per_account;
  RateRule sign_in_per_address;
  RateRule requests_per_actor;
  RateRule turns_per_actor;
};

/// Whether `name` is one that a policy may use for a destination.
[[nodiscard]] bool is_destination(std::string_view name);
/// Whether `pattern`, a destination's name or "engine.*", means `destination`.
[[nodiscard]] bool means(std::string_view pattern, const Destination& destination);

/// The office's rules, read from one TOML file. A running server may replace them; copies of a Policy share that. Ranks of levels
/// keep their meaning, and references into rules that were replaced stay valid. Threads: safe from any.
class Policy {
 public:
  /// Unknown keys, unknown levels, levels named twice, a missing table: all are refused.
  /// Errors: kInvalid, with file, line and reason; kUnavailable (the file cannot be read).
  [[nodiscard]] static Result<Policy> load(const std::filesystem::path& path);
  /// `what` begins each error: the file's name.
  [[nodiscard]] static Result<Policy> parse(std::string_view toml, std::string_view what = "policy");

  /// Whether a running server may go on with `next`: its levels must begin with these, and it must know every 取扱制限 of these, so
  /// that labels of today keep their meaning. Errors: kInvalid, with the reason.
  [[nodiscard]] Result<void> may_become(const Policy& next) const;
  /// Puts the rules of `next`, which this may_become, in force here and in all copies.
  void replace(const Policy& next);
  [[nodiscard]] std::size_t versions() const { return rules_.versions(); }

  [[nodiscard]] const std::string& name() const { return rules().name; }
  [[nodiscard]] const std::string& sha256() const { return rules().sha256; }                 ///< Of its text, in hexadecimal.
  [[nodiscard]] const std::string& audit_witness() const { return rules().audit_witness; }  ///< A file for checkpoints; empty: none.
  [[nodiscard]] const std::vector<LevelRule>& levels() const { return rules().levels; }  ///< Lowest first.
  [[nodiscard]] Level highest() const { return Level{static_cast<int>(levels().size()) - 1}; }
  /// `level` must be one of this policy's.
  [[nodiscard]] const LevelRule& rule(Level level) const;
  /// By name or short name. Errors: kUnsupported (no such level here).
  [[nodiscard]] Result<Level> level_named(std::string_view name) const;
  /// The highest level that may go to `destination`; nothing where the policy does not name it.
  [[nodiscard]] std::optional<Level> approved_up_to(const Destination& destination) const;
  [[nodiscard]] const std::map<std::string, Level>& destinations() const { return rules().destinations; }

  [[nodiscard]] const std::vector<HandlingRule>& handling() const { return rules().handling; }
  /// Whether what bears `label` may not go to `destination`, whatever its level. A 取扱制限 that this policy does not know forbids all.
  [[nodiscard]] bool forbids(const Label& label, const Destination& destination) const;

  [[nodiscard]] const PasswordRule& password() const { return rules().password; }
  [[nodiscard]] const SessionRule& session() const { return rules().session; }
  [[nodiscard]] const RateRules& rates() const { return rules().rates; }

  /// `{"level":"機密性2","readers":[["総務課","財政課"]]}`, with `"handling":["複製禁止"]` where there is any: how labels are stored and sent.
  [[nodiscard]] Json to_json(const Label& label) const;
  /// Errors: kInvalid (shape), kUnsupported (a level or a 取扱制限 that this policy does not have).
  [[nodiscard]] Result<Label> label_from_json(const Json& json) const;
  /// The same as text, for a database column.
  [[nodiscard]] std::string to_text(const Label& label) const { return to_json(label).dump(); }
  [[nodiscard]] Result<Label> label_from_text(std::string_view text) const;
  [[nodiscard]] audit::EntryLabel to_entry(const Label& label) const;

 private:
  friend class PolicyReader;
  struct Rules {
    std::string name;
    std::string sha256;
    std::string audit_witness;
    std::vector<LevelRule> levels;
    std::map<std::string, Level> destinations;
    std::vector<HandlingRule> handling;
    PasswordRule password;
    SessionRule session;
    RateRules rates;
  };
  explicit Policy(Rules rules) : rules_(std::move(rules)) {}
  [[nodiscard]] const Rules& rules() const { return rules_.get(); }

  Replaceable<Rules> rules_;
};

}  // namespace sekisho::gate
