#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "main/office.h"
#include "main/open_sockets.h"
#include "main/outcome.h"

namespace sekisho::main {

/// What of a running server is no part of its office.
struct ServingModel {
  bool serving = false;  ///< Whether a server runs here; else the report tells of the data folder alone.
  std::string name, sha256;
};

/// What an auditor asks when nothing may leave, as facts gathered now and signed with the log's key: seals of the workers, open
/// sockets of each of our processes, destinations that the policy approves, releases by label and destination, hashes of
/// programs and model, and the checkpoint that it stands on. The form is in docs/audit-format.md, "Reports".
/// ≈ 1 s, and the whole log is read. Errors: kUnavailable, kCorrupt.
[[nodiscard]] Result<std::string> egress_report(Office& office, const ServingModel& model);

/// What of these sockets is neither a way in that the server listens on nor a pair between our processes: pure, for tests.
[[nodiscard]] std::vector<std::string> ways_out(const std::vector<OurProcess>& processes);

/// A report for a person. `report` must come from a report that was checked.
[[nodiscard]] std::string egress_words(const Json& report);

/// The same as a command in the office that is open: {"report", "egress"}. Nothing for other arguments.
[[nodiscard]] std::optional<Outcome> run_report_in(Office& office, const std::vector<std::string>& arguments, const ServingModel& model);

}  // namespace sekisho::main
