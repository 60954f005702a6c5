#include "gate/label.h"

#include <algorithm>
#include <utility>

namespace sekisho::gate {
namespace {

/// Whether whoever `narrow` admits is admitted by `wide` too.
bool implies(const ReaderSet& narrow, const ReaderSet& wide) { return std::includes(wide.begin(), wide.end(), narrow.begin(), narrow.end()); }

std::vector<std::string> sorted_once(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

/// Sorts, and leaves out each set that a narrower one makes needless. What stays is unique for the meaning.
std::vector<ReaderSet> normal_form(std::vector<ReaderSet> sets) {
  for (ReaderSet& set : sets) set = sorted_once(std::move(set));
  std::sort(sets.begin(), sets.end());
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  std::vector<ReaderSet> kept;
  for (const ReaderSet& set : sets) {
    const bool needless =
        std::any_of(sets.begin(), sets.end(), [&](const ReaderSet& other) { return other != set && implies(other, set); });
    if (!needless) kept.push_back(set);
  }
  return kept;
}

bool intersects(const ReaderSet& set, const std::vector<std::string>& groups) {
  return std::any_of(set.begin(), set.end(), [&](const std::string& name) { return std::binary_search(groups.begin(), groups.end(), name); });
}

}  // namespace

Label::Label(Level level, std::vector<ReaderSet> readers, HandlingSet handling)
    : level_(level), readers_(normal_form(std::move(readers))), handling_(sorted_once(std::move(handling))) {}

Label join(const Label& left, const Label& right) {
  std::vector<ReaderSet> sets = left.readers();
  sets.insert(sets.end(), right.readers().begin(), right.readers().end());
  HandlingSet handling = left.handling();
  handling.insert(handling.end(), right.handling().begin(), right.handling().end());
  return Label(std::max(left.level(), right.level()), std::move(sets), std::move(handling));
}

bool covers(const Label& wide, const Label& narrow) { return join(wide, narrow) == wide; }

bool admits(const Label& label, Level clearance, const std::vector<std::string>& groups) {
  return label.level() <= clearance &&
         std::all_of(label.readers().begin(), label.readers().end(), [&](const ReaderSet& set) { return intersects(set, groups); });
}

}  // namespace sekisho::gate
