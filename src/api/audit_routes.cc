#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <utility>

#include "api/respond.h"
#include "api/routes.h"
#include "audit/entry.h"
#include "audit/verify.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

/// What an auditor looks for; empty: everything.
struct Wanted {
  std::string kind;     ///< The beginning of the kind: "release", "account.created".
  std::string actor;    ///< Part of the name.
  std::string outcome;  ///< audit::name_of.
  std::int64_t from_ms = 0;
  std::int64_t to_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t before = std::numeric_limits<std::int64_t>::max();  ///< Sequence.

  [[nodiscard]] bool holds_for(const audit::ReadLine& line) const {
    const audit::Entry& entry = line.entry;
    return entry.kind.starts_with(kind) && entry.actor_name.find(actor) != std::string::npos && (outcome.empty() || audit::name_of(entry.outcome) == outcome) &&
           entry.time_ms >= from_ms && entry.time_ms < to_ms;
  }
};

Result<Wanted> wanted_by(const Request& request) {
  Wanted wanted;
  wanted.kind = request.query_value("kind").value_or("");
  wanted.actor = request.query_value("actor").value_or("");
  wanted.outcome = request.query_value("outcome").value_or("");
  const auto from = number_of(request, "from", wanted.from_ms);
  const auto to = number_of(request, "to", wanted.to_ms);
  const auto before = number_of(request, "before", wanted.before);
  for (const auto* number : {&from, &to, &before}) {
    if (!*number) return fail(number->error());
  }
  wanted.from_ms = *from;
  wanted.to_ms = *to;
  wanted.before = *before;
  return wanted;
}

Json entry_json(const audit::ReadLine& line) {
  const audit::Entry& entry = line.entry;
  return Json::object({{"sequence", line.sequence},
                       {"time_ms", entry.time_ms},
                       {"kind", entry.kind},
                       {"actor_name", entry.actor_name},
                       {"subjects", texts_json(entry.subjects)},
                       {"level", entry.label ? Json(entry.label->level) : Json()},
                       {"outcome", audit::name_of(entry.outcome)},
                       {"details", entry.details},
                       {"hash", line.hash.hex()}});
}

/// Newest first: the log is read from its beginning, and the last that fit are kept.
Result<Json> list(Context& context, const Request& request) {
  const auto limit = limit_of(request, 50, 200);
  if (!limit) return fail(limit.error());
  auto wanted = wanted_by(request);
  if (!wanted) return fail(wanted.error());
  std::deque<Json> kept;
  bool more = false;
  auto read = audit::for_each_entry(context.audit_folder, [&](const audit::ReadLine& line) {
    if (line.sequence >= wanted->before) return false;
    if (!wanted->holds_for(line)) return true;
    kept.push_back(entry_json(line));
    if (kept.size() > *limit) {
      kept.pop_front();
      more = true;
    }
    return true;
  });
  if (!read) return fail(read.error());
  Json::Array items(kept.rbegin(), kept.rend());
  const Json next = more ? *kept.front().find("sequence") : Json();
  return Json::object({{"items", Json::array(std::move(items))}, {"next", next}});
}

Result<Json> verify(Context& context) {
  auto report = audit::verify(context.audit_folder, {.now_ms = context.clock.wall_ms()});
  if (!report) return fail(report.error());
  Json broken;
  if (report->broken) {
    broken = Json::object({{"sequence", report->broken->sequence}, {"file", report->broken->file}, {"line", report->broken->line}, {"why", report->broken->why}});
  }
  return Json::object({{"entries", report->entries},
                       {"segments", report->segments},
                       {"first_time_ms", report->first_time_ms},
                       {"last_time_ms", report->last_time_ms},
                       {"recoveries", report->recoveries},
                       {"head", report->head.hash.hex()},
                       {"checkpoints", report->checkpoints},
                       {"covered", report->covered ? Json(report->covered->size) : Json()},
                       {"broken", std::move(broken)}});
}

}  // namespace

void add_audit_routes(http::Router& router, Context& context) {
  router.add(Method::kGet, "/api/v1/audit/entries", declared(identity::kAuditor), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, list(context, request)); });
  router.add(Method::kPost, "/api/v1/audit/verify", declared(identity::kAuditor), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, verify(context)); });
}

}  // namespace sekisho::api
