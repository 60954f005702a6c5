#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "api/respond.h"
#include "api/routes.h"
#include "audit/entry.h"
#include "audit/export.h"
#include "audit/verify.h"
#include "gate/gate.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

/// What an auditor asks for.
struct Wanted {
  audit::EntryFilter filter;
  std::int64_t before = std::numeric_limits<std::int64_t>::max();  ///< Sequence.
};

Result<Wanted> wanted_by(const Request& request) {
  Wanted wanted;
  audit::EntryFilter& filter = wanted.filter;
  filter.kind = request.query_value("kind").value_or("");
  filter.actor = request.query_value("actor").value_or("");
  filter.outcome = request.query_value("outcome").value_or("");
  filter.level = request.query_value("level").value_or("");
  filter.subject = request.query_value("subject").value_or("");
  const auto from = number_of(request, "from", filter.from_ms);
  const auto to = number_of(request, "to", filter.to_ms);
  const auto before = number_of(request, "before", wanted.before);
  for (const auto* number : {&from, &to, &before}) {
    if (!*number) return fail(number->error());
  }
  filter.from_ms = *from;
  filter.to_ms = *to;
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
    if (!wanted->filter.admits(line)) return true;
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

/// The Entries that are asked for as a file; that it was taken is an Entry itself.
Result<http::Response> export_log(Context& context, const Request& request) {
  const std::string name(request.query_value("form").value_or(""));
  const auto form = audit::log_form_named(name);
  if (!form) return fail(form.error());
  auto wanted = wanted_by(request);
  if (!wanted) return fail(wanted.error());
  auto opened = audit::LogExport::open(context.audit_folder, *form, wanted->filter);
  if (!opened) return fail(opened.error());
  const audit::EntryFilter& filter = wanted->filter;
  const Json facts = Json::object({{"form", name}, {"kind", filter.kind}, {"actor", filter.actor}, {"outcome", filter.outcome}, {"level", filter.level}, {"subject", filter.subject}});
  auto recorded = context.gate.record(actor_of(request), "log.exported", {}, audit::Outcome::kDone, facts);
  if (!recorded) return fail(recorded.error());
  http::Response response;
  response.headers.add("Content-Type", std::string(audit::media_type_of(*form)));
  response.headers.add("Content-Disposition", "attachment; filename=\"sekisho-audit." + std::string(audit::extension_of(*form)) + "\"");
  // Shared: a body's source must be copyable, and an open file is not.
  response.source = [file = std::make_shared<audit::LogExport>(std::move(*opened))] { return file->next(); };
  return response;
}

}  // namespace

void add_audit_routes(http::Router& router, Context& context) {
  router.add(Method::kGet, "/api/v1/audit/entries", declared(identity::kAuditor), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, list(context, request)); });
  router.add(Method::kGet, "/api/v1/audit/export", declared(identity::kAuditor), http::BodyRule::none(), [&context](Request& request) {
    auto response = export_log(context, request);
    return response ? *std::move(response) : error_answer(request, response.error());
  });
  router.add(Method::kPost, "/api/v1/audit/verify", declared(identity::kAuditor), http::BodyRule::none(),
             [&context](Request& request) { return answer(request, verify(context)); });
}

}  // namespace sekisho::api
