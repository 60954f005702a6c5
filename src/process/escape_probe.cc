#include "process/escape_probe.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <fmt/format.h>

#include "process/sandbox.h"

namespace sekisho::process {
namespace {

Verdict verdict(std::string_view name, const Attempt& attempt, bool required) {
  return {.name = fmt::format("probe.{}", name), .holds = !attempt.escaped, .required = required,
          .detail = attempt.error == 0 ? "it worked" : std::strerror(attempt.error)};
}

}  // namespace

void probe_escape(SealReport& report) {
  const auto begin = std::chrono::steady_clock::now();
  for (const EscapeProbe& probe : special_probes()) report.probes.push_back(verdict(probe.name, probe.attempt(), probe.required));
  for (const CallProbe& probe : call_probes()) report.probes.push_back(verdict(probe.name, attempt(probe), true));
  report.took_us += std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace sekisho::process
