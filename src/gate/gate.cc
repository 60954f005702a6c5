#include "gate/gate.h"

#include <algorithm>
#include <utility>

#include "gate/personal.h"

namespace sekisho::gate {
namespace {

audit::Entry entry_by(const Actor& actor, std::string kind, std::vector<std::string> subjects, audit::Outcome outcome) {
  audit::Entry entry;
  entry.kind = std::move(kind);
  entry.actor_id = actor.id.text();
  entry.actor_name = actor.name;
  entry.subjects = std::move(subjects);
  entry.outcome = outcome;
  return entry;
}

Json credential_of(const Actor& actor) {
  Json credential = Json::object({{"kind", name_of(actor.credential)}});
  if (!actor.key.empty()) credential.set("key", actor.key.text());
  return credential;
}

Json names_of(const std::vector<Destination>& destinations) {
  Json::Array names;
  for (const Destination& destination : destinations) names.emplace_back(destination.name);
  return Json(std::move(names));
}

/// The groups of the first reader set that does not admit `actor`.
Json lacking(const Actor& actor, const Label& label) {
  for (const ReaderSet& set : label.readers()) {
    if (!may_read(actor, Label(Level{}, {set}))) return Json::Array(set.begin(), set.end());
  }
  return Json::array();
}

bool approved(const Policy& policy, const Destination& destination, Level level) {
  const std::optional<Level> up_to = policy.approved_up_to(destination);
  return up_to && level <= *up_to;
}

}  // namespace

std::string_view name_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::kNone: return "none";
    case Refusal::kClearance: return "clearance";
    case Refusal::kReaders: return "readers";
    case Refusal::kDestination: return "destination";
    case Refusal::kHandling: return "handling";
  }
  return "none";
}

bool Permit::is_for(const Destination& destination) const {
  return std::find(destinations_.begin(), destinations_.end(), destination) != destinations_.end();
}

Gate::Gate(const Policy& policy, audit::Chain& chain, const Dlp& dlp) : policy_(policy), chain_(chain), dlp_(dlp) {}

bool may_read(const Actor& actor, const Label& label) {
  std::vector<std::string> groups = actor.groups;
  if (!actor.id.empty()) {
    const std::string own = personal_group(actor.id);
    groups.insert(std::lower_bound(groups.begin(), groups.end(), own), own);
  }
  return admits(label, actor.clearance, groups);
}

Refusal judge(const Policy& policy, const Actor& actor, const Label& label, const std::vector<Destination>& destinations) {
  if (label.level() > actor.clearance) return Refusal::kClearance;
  if (!may_read(actor, label)) return Refusal::kReaders;
  if (destinations.empty()) return Refusal::kDestination;
  for (const Destination& destination : destinations) {
    if (!approved(policy, destination, label.level())) return Refusal::kDestination;
    const bool by_key_to_screen = actor.credential == Credential::kApiKey && destination == Destination::screen();
    if (by_key_to_screen && !approved(policy, Destination::api_key(), label.level())) return Refusal::kDestination;
    if (policy.forbids(label, destination) || (by_key_to_screen && policy.forbids(label, Destination::api_key()))) return Refusal::kHandling;
  }
  return Refusal::kNone;
}

Result<Permit> Gate::admit(const Actor& actor, const Label& label, std::vector<Destination> destinations, const Purpose& purpose) {
  const Refusal refusal = judge(actor, label, destinations);
  const bool allowed = refusal == Refusal::kNone;
  PermitId id = PermitId::random();
  audit::Entry entry =
      entry_by(actor, "release." + purpose.what, purpose.subjects, allowed ? audit::Outcome::kAllowed : audit::Outcome::kDenied);
  entry.label = policy_.to_entry(label);
  entry.details = Json::object({{"credential", credential_of(actor)}, {"destinations", names_of(destinations)}, {"facts", purpose.facts}});
  entry.details.set("clearance", actor.clearance <= policy_.highest() ? policy_.rule(actor.clearance).name : std::string());
  if (refusal == Refusal::kReaders) entry.details.set("lacks", lacking(actor, label));
  if (!label.handling().empty()) entry.details.set("handling", Json::Array(label.handling().begin(), label.handling().end()));
  entry.details.set(allowed ? "permit" : "refusal", allowed ? id.text() : std::string(name_of(refusal)));
  const Result<audit::EntryReceipt> receipt = chain_.append(std::move(entry));
  if (!receipt) return fail(ErrorCode::kUnavailable, "no record, no permit: " + receipt.error().detail);
  if (!allowed) return fail(ErrorCode::kDenied, "not there or not allowed");
  return Permit(std::move(id), label, std::move(destinations), *receipt);
}

Result<audit::EntryReceipt> Gate::close(const Actor& actor, const Permit& permit, const Purpose& purpose, audit::Outcome outcome) {
  audit::Entry entry = entry_by(actor, "closed." + purpose.what, purpose.subjects, outcome);
  entry.label = policy_.to_entry(permit.label());
  entry.details = Json::object({{"facts", purpose.facts}, {"opened_by", permit.receipt().sequence}, {"permit", permit.id().text()}});
  return chain_.append(std::move(entry));
}

Result<audit::EntryReceipt> Gate::record(const Actor& actor, std::string kind, std::vector<std::string> subjects, audit::Outcome outcome,
                                         Json details) {
  audit::Entry entry = entry_by(actor, std::move(kind), std::move(subjects), outcome);
  entry.details = Json::object({{"credential", credential_of(actor)}, {"facts", std::move(details)}});
  return chain_.append(std::move(entry));
}

}  // namespace sekisho::gate
