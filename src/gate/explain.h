#pragma once

#include <string>

#include "audit/entry.h"
#include "gate/policy.h"

namespace sekisho::gate {

/// Tells an official why something was let out or refused: who, what, its label, where to, the decision, its reason and what can be
/// done. From the Entry alone, and the policy of today, which is said where it would decide otherwise. In Japanese, lines with line ends.
/// Any Entry is told; those of releases ("release.…") with their reason. Threads: pure.
[[nodiscard]] std::string explain(const audit::Entry& entry, std::int64_t sequence, const Policy& policy);

}  // namespace sekisho::gate
