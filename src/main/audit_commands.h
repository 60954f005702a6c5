#pragma once

#include <optional>
#include <string>
#include <vector>

#include "main/office.h"
#include "main/outcome.h"

namespace sekisho::main {

/// What `sekisho audit …` needs the open office for: {"audit", "checkpoint"} writes one now and tells it as JSON;
/// {"audit", "prune", MILLISECONDS} removes what is all older; {"audit", "erase", LEVEL, MONTH, REASON} erases keys of sealed content. Nothing for other arguments. Threads: safe from any; runs in the server while it runs (admin_socket.h), else in the command itself.
[[nodiscard]] std::optional<Outcome> run_audit_in(Office& office, const std::vector<std::string>& arguments);

/// 「2026年7月15日 10時42分」, in this machine's zone.
[[nodiscard]] std::string time_words(std::int64_t time_ms);

}  // namespace sekisho::main
