#include "audit/entry.h"

#include <algorithm>
#include <string>

#include "audit/merkle.h"

namespace sekisho::audit {
namespace {

constexpr std::string_view kHashOpen = R"(,"hash":")";
constexpr std::string_view kHashClose = R"("})";
constexpr std::size_t kHexCharacters = 64;
constexpr std::size_t kHashBytes = kHashOpen.size() + kHexCharacters + kHashClose.size();

Json sorted(const Json& json) {
  if (const Json::Array* items = json.as_array()) {
    Json::Array copy;
    copy.reserve(items->size());
    for (const Json& item : *items) copy.push_back(sorted(item));
    return Json(std::move(copy));
  }
  if (const Json::Object* members = json.as_object()) {
    Json::Object copy;
    copy.reserve(members->size());
    for (const Json::Member& member : *members) copy.emplace_back(member.first, sorted(member.second));
    std::sort(copy.begin(), copy.end(), [](const Json::Member& a, const Json::Member& b) { return a.first < b.first; });
    return Json(std::move(copy));
  }
  const bool is_fraction = json.as_number().has_value() && json.as_int() == nullptr;
  return is_fraction ? Json(json.dump()) : json;
}

Json texts_to_json(const std::vector<std::string>& texts) {
  Json::Array items;
  for (const std::string& text : texts) items.emplace_back(text);
  return Json(std::move(items));
}

Json label_to_json(const std::optional<EntryLabel>& label) {
  if (!label) return nullptr;
  Json::Array sets;
  for (const std::vector<std::string>& set : label->readers) sets.push_back(texts_to_json(set));
  return Json::object({{"level", label->level}, {"readers", Json(std::move(sets))}});
}

Json body_of(const Entry& entry, std::int64_t sequence, const crypto::Digest& previous) {
  return Json::object({{"actor", Json::object({{"id", entry.actor_id}, {"name", entry.actor_name}})},
                       {"details", entry.details},
                       {"kind", entry.kind},
                       {"label", label_to_json(entry.label)},
                       {"outcome", name_of(entry.outcome)},
                       {"previous", previous.hex()},
                       {"sequence", sequence},
                       {"subjects", texts_to_json(entry.subjects)},
                       {"time_ms", entry.time_ms}});
}

Result<Outcome> outcome_named(std::string_view name) {
  for (const Outcome outcome : {Outcome::kAllowed, Outcome::kDenied, Outcome::kDone, Outcome::kFailed}) {
    if (name_of(outcome) == name) return outcome;
  }
  return fail(ErrorCode::kCorrupt, "unknown outcome");
}

Result<std::optional<EntryLabel>> label_from_json(const Json* json) {
  if (json == nullptr) return std::nullopt;
  JsonReader reader(*json, "$.label");
  EntryLabel label;
  label.level = reader.text("level");
  const Json* sets = reader.raw_if("readers");
  if (sets == nullptr || sets->as_array() == nullptr) return fail(ErrorCode::kCorrupt, "$.label.readers: not a list");
  for (const Json& set : *sets->as_array()) {
    std::vector<std::string> names;
    if (set.as_array() == nullptr) return fail(ErrorCode::kCorrupt, "$.label.readers: not a list of lists");
    for (const Json& name : *set.as_array()) {
      if (name.as_string() == nullptr) return fail(ErrorCode::kCorrupt, "$.label.readers: a name is not text");
      names.push_back(*name.as_string());
    }
    label.readers.push_back(std::move(names));
  }
  if (Result<void> done = reader.finish(); !done) return fail(ErrorCode::kCorrupt, done.error().detail);
  return label;
}

Result<ReadLine> read_body(const Json& json) {
  ReadLine line;
  JsonReader reader(json);
  const Json* actor = reader.raw_if("actor");
  if (actor == nullptr) return fail(ErrorCode::kCorrupt, "$.actor is missing");
  JsonReader actor_reader(*actor, "$.actor");
  line.entry.actor_id = actor_reader.text("id");
  line.entry.actor_name = actor_reader.text("name");
  if (Result<void> done = actor_reader.finish(); !done) return fail(ErrorCode::kCorrupt, done.error().detail);
  const Json* details = reader.raw_if("details");
  if (details == nullptr || details->as_object() == nullptr) return fail(ErrorCode::kCorrupt, "$.details: not an object");
  line.entry.details = *details;
  line.entry.kind = reader.text("kind");
  if (json.find("label") == nullptr) return fail(ErrorCode::kCorrupt, "$.label is missing");
  Result<std::optional<EntryLabel>> label = label_from_json(reader.raw_if("label"));
  if (!label) return fail(label.error());
  line.entry.label = std::move(*label);
  const Result<Outcome> outcome = outcome_named(reader.text("outcome"));
  const Result<crypto::Digest> previous = crypto::Digest::from_hex(reader.text("previous"));
  line.sequence = reader.integer("sequence");
  line.entry.subjects = reader.texts("subjects", 100'000);
  line.entry.time_ms = reader.integer("time_ms");
  if (Result<void> done = reader.finish(); !done) return fail(ErrorCode::kCorrupt, done.error().detail);
  if (!outcome || !previous) return fail(ErrorCode::kCorrupt, "$.outcome or $.previous is malformed");
  line.entry.outcome = *outcome;
  line.previous = *previous;
  return line;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAllowed: return "allowed";
    case Outcome::kDenied: return "denied";
    case Outcome::kDone: return "done";
    case Outcome::kFailed: return "failed";
  }
  return "failed";
}

std::string canonical(const Json& json) { return sorted(json).dump(); }

Line to_line(const Entry& entry, std::int64_t sequence, const crypto::Digest& previous) {
  Line line;
  line.text = canonical(body_of(entry, sequence, previous));
  line.hash = leaf_hash(line.text);
  line.text.pop_back();
  line.text.append(kHashOpen).append(line.hash.hex()).append(kHashClose);
  return line;
}

Result<ReadLine> parse_line(std::string_view line) {
  if (line.size() <= kHashBytes || !line.ends_with(kHashClose)) return fail(ErrorCode::kCorrupt, "the line does not end with its hash");
  const std::string_view end = line.substr(line.size() - kHashBytes);
  const Result<crypto::Digest> written = crypto::Digest::from_hex(end.substr(kHashOpen.size(), kHexCharacters));
  if (!end.starts_with(kHashOpen) || !written) return fail(ErrorCode::kCorrupt, "the line does not end with its hash");
  const std::string body = std::string(line.substr(0, line.size() - kHashBytes)) + "}";
  if (leaf_hash(body) != *written) return fail(ErrorCode::kCorrupt, "the line is not the one that was hashed");
  const Result<Json> json = Json::parse(body);
  if (!json) return fail(ErrorCode::kCorrupt, json.error().detail);
  if (canonical(*json) != body) return fail(ErrorCode::kCorrupt, "the line is not in canonical form");
  Result<ReadLine> read = read_body(*json);
  if (read) read->hash = *written;
  return read;
}

}  // namespace sekisho::audit
