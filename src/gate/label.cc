#include "gate/label.h"

#include <algorithm>
#include <utility>

namespace sekisho::gate {
namespace {

/// Whether whoever `narrow` admits is admitted by `wide` too.
bool implies(const ReaderSet& narrow, const ReaderSet& wide) { return std::includes(wide.begin(), wide.end(), narrow.begin(), narrow.end()); }

/// Sorts, and leaves out each set that a narrower one makes needless. What stays is unique for the meaning.
std::vector<ReaderSet> normal_form(std::vector<ReaderSet> sets) {
  for (ReaderSet& set : sets) {
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
  }
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

Label::Label(Level level, std::vector<ReaderSet> readers) : level_(level), readers_(normal_form(std::move(readers))) {}

Label join(const Label& left, const Label& right) {
  std::vector<ReaderSet> sets = left.readers();
  sets.insert(sets.end(), right.readers().begin(), right.readers().end());
  return Label(std::max(left.level(), right.level()), std::move(sets));
}

bool covers(const Label& wide, const Label& narrow) { return join(wide, narrow) == wide; }

bool admits(const Label& label, Level clearance, const std::vector<std::string>& groups) {
  return label.level() <= clearance &&
         std::all_of(label.readers().begin(), label.readers().end(), [&](const ReaderSet& set) { return intersects(set, groups); });
}

}  // namespace sekisho::gate
