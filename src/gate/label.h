#pragma once

#include <compare>
#include <string>
#include <vector>

namespace sekisho::gate {

/// A level of secrecy (機密性) by its place in the policy's ordered list; 0 is the lowest. Its name is the policy's.
struct Level {
  int rank = 0;
  auto operator<=>(const Level&) const = default;
};

/// Names of groups, any one of which admits. Sorted, none twice. Empty: nobody is admitted.
using ReaderSet = std::vector<std::string>;

/// Names of 取扱制限 (複製禁止, 転送禁止, …), what may not be done with a text whatever its level. Sorted, none twice.
using HandlingSet = std::vector<std::string>;

/// 格付: how secret, who may read, and what may not be done with it. A person may read who is cleared for the level and is in at least one group of
/// *every* reader set. No reader set: everyone who is cleared.
///
/// Always in normal form (sets sorted; a set that another one implies is left out), so that equal meaning is `==`.
/// Threads: a plain value.
class Label {
 public:
  Label() = default;  ///< The lowest level, everyone, nothing forbidden.
  explicit Label(Level level, std::vector<ReaderSet> readers = {}, HandlingSet handling = {});

  [[nodiscard]] Level level() const { return level_; }
  [[nodiscard]] const std::vector<ReaderSet>& readers() const { return readers_; }
  [[nodiscard]] const HandlingSet& handling() const { return handling_; }
  bool operator==(const Label&) const = default;

 private:
  Level level_;
  std::vector<ReaderSet> readers_;
  HandlingSet handling_;
};

/// The least label that protects as much as both: the higher level, the reader sets and the 取扱制限 of both.
/// Idempotent, commutative, associative; Label() is its unit.
[[nodiscard]] Label join(const Label& left, const Label& right);

/// Whether `wide` protects at least as much as `narrow`: join(wide, narrow) == wide.
[[nodiscard]] bool covers(const Label& wide, const Label& narrow);

/// Whether a person cleared to `clearance` and in `groups` (sorted) may read what bears `label`.
[[nodiscard]] bool admits(const Label& label, Level clearance, const std::vector<std::string>& groups);

}  // namespace sekisho::gate
