#include "main/model_desk.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "identity/change.h"
#include "main/models.h"
#include "main/resources.h"
#include "model/model_fetch.h"

namespace sekisho::main {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFile = "models.json";

Json read_state(const fs::path& folder) {
  std::ifstream file(folder / kFile, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto json = Json::parse(text);
  return json ? *std::move(json) : Json::object();
}

/// Whole or not at all.
Result<void> write_state(const fs::path& folder, const std::string& text) {
  const std::string there = (folder / kFile).string();
  const std::string fresh = there + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written = fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written) return fail(ErrorCode::kUnavailable, fresh + ": " + std::strerror(error));
  if (::rename(fresh.c_str(), there.c_str()) != 0) return fail(ErrorCode::kUnavailable, there + ": " + std::strerror(errno));
  return {};
}

}  // namespace

ModelChoice chosen_models(const fs::path& folder) {
  const Json json = read_state(folder);
  return {json.text_or("answering"), json.text_or("embedding")};
}

ModelDesk::ModelDesk(fs::path folder, audit::Chain& audit, std::vector<std::string> active, NamedModels named)
    : folder_(std::move(folder)), audit_(audit), active_(std::move(active)), named_(named) {
  const Json json = read_state(folder_);
  State state{.choice = chosen_models(folder_), .job = {}};
  if (const Json* job = json.find("job"); job != nullptr && !job->text_or("act").empty()) {
    state.job = {job->text_or("act"), job->text_or("name"), job->text_or("actor_id"), job->text_or("actor_name"), job->text_or("state"), 0, 0, {}};
    state.job.error = {error_code_named(job->text_or("code")), job->text_or("detail")};
  }
  state_.with([&](State& kept) { kept = std::move(state); });
}

ModelDesk::~ModelDesk() = default;

void ModelDesk::go_on() {
  const Job job = state_.with([](const State& state) { return state.job; });
  if (job.state != "running") return;
  if (job.act == "fetch") {
    worker_.with([&](std::jthread& worker) { worker = std::jthread([this, job](const std::stop_token& stop) { run(stop, job); }); });
  } else {
    ended(job, fail(ErrorCode::kCancelled, "the server was stopped"));
  }
}

Result<Json> ModelDesk::act(const gate::Actor& actor, std::string_view act, const std::string& name) {
  if (act != "list") {
    auto done = act == "choose" ? choose(actor, name) : begin(actor, act, name);
    if (!done) return fail(done.error());
  }
  return list();
}

Json ModelDesk::list() const {
  Json json = models_json(active_);
  const State state = state_.with([](const State& now) { return now; });
  json.set("chosen", Json::object({{"answering", state.choice.answering}, {"embedding", state.choice.embedding}}));
  json.set("named", Json::object({{"answering", named_.answering}, {"embedding", named_.embedding}}));
  json.set("job", state.job.act.empty() ? Json() : job_json(state.job));
  return json;
}

Json ModelDesk::job_json(const Job& job) {
  Json json = Json::object({{"act", job.act}, {"name", job.name}, {"state", job.state}, {"done_bytes", job.done_bytes}, {"total_bytes", job.total_bytes}});
  json.set("error", job.state == "failed" ? Json::object({{"code", std::string(name_of(job.error.code))}, {"detail", job.error.detail}}) : Json());
  return json;
}

Result<void> ModelDesk::begin(const gate::Actor& actor, std::string_view act, const std::string& name) {
  if (act != "fetch" && act != "verify") return fail(ErrorCode::kInvalid, "no such act");
  auto cache = open_model_cache();
  if (!cache) return fail(cache.error());
  auto known = cache->find(name);
  if (!known) return fail(known.error());
  if (act == "fetch" && !known->entry.fetchable) return fail(ErrorCode::kUnsupported, "the catalog has no source of " + name);
  if (act == "verify" && !known->installed) return fail(ErrorCode::kUnavailable, name + " is not installed");
  const Job job{std::string(act), known->entry.name, actor.id.text(), actor.name, "running", 0, known->entry.size_bytes, {}};
  return state_.with([&](State& state) -> Result<void> {
    if (state.job.state == "running") return fail(ErrorCode::kConflict, "another model is being fetched or verified");
    const auto recorded = identity::append_change(audit_, actor, "model." + job.act, {}, Json::object({{"model", job.name}, {"sha256", known->entry.sha256}}));
    if (!recorded) return recorded;
    State next{state.choice, job};
    if (auto kept = keep(next); !kept) return kept;
    state = std::move(next);
    // The one before has ended: it set the state as its last act.
    worker_.with([&](std::jthread& worker) { worker = std::jthread([this, job](const std::stop_token& stop) { run(stop, job); }); });
    return {};
  });
}

Result<void> ModelDesk::choose(const gate::Actor& actor, const std::string& name) {
  auto cache = open_model_cache();
  if (!cache) return fail(cache.error());
  auto known = cache->find(name);
  if (!known) return fail(known.error());
  if (!known->installed) return fail(ErrorCode::kUnavailable, name + " is not installed");
  const bool embedding = known->entry.embedding;
  if (embedding ? named_.embedding : named_.answering) return fail(ErrorCode::kConflict, "the command line names the model");
  return state_.with([&](State& state) -> Result<void> {
    State next = state;
    (embedding ? next.choice.embedding : next.choice.answering) = known->entry.name;
    const auto recorded = identity::append_change(audit_, actor, "model.choose", {},
                                                  Json::object({{"model", known->entry.name}, {"sha256", known->entry.sha256}, {"as", embedding ? "embedding" : "answering"}}));
    if (!recorded) return recorded;
    if (auto kept = keep(next); !kept) return kept;
    state = std::move(next);
    return {};
  });
}

void ModelDesk::run(const std::stop_token& stop, const Job& job) {
  const Result<void> outcome = work(stop, job);
  // Stopped with the server: it stays "running", and the next start goes on with it.
  if (!outcome && outcome.error().code == ErrorCode::kCancelled) return;
  ended(job, outcome);
}

Result<void> ModelDesk::work(const std::stop_token& stop, const Job& job) {
  const auto progress = [this](std::int64_t done, std::int64_t total) {
    state_.with([&](State& state) { state.job.done_bytes = done, state.job.total_bytes = total; });
  };
  auto cache = open_model_cache();
  if (!cache) return fail(cache.error());
  if (job.act == "verify") return cache->verify(job.name, progress);
  auto script = find_resource("tools/fetch_model");
  auto catalog = find_resource("models/catalog.toml");
  if (!script) return fail(script.error());
  if (!catalog) return fail(catalog.error());
  auto path = model::fetch_model({.script = script->string(), .catalog_path = catalog->string(), .cache_folder = cache->folder(), .name = job.name},
                                 [&](const model::FetchProgress& said) { if (said.total_bytes > 0) progress(said.done_bytes, said.total_bytes); }, stop);
  if (!path) return fail(path.error());
  return {};
}

void ModelDesk::ended(const Job& job, const Result<void>& outcome) {
  audit::Entry entry;
  entry.kind = job.act == "fetch" ? "model.fetched" : "model.verified";
  entry.actor_id = job.actor_id;
  entry.actor_name = job.actor_name;
  entry.outcome = outcome ? audit::Outcome::kDone : audit::Outcome::kFailed;
  entry.details = Json::object({{"model", job.name}});
  if (!outcome) entry.details.set("code", std::string(name_of(outcome.error().code)));
  if (auto recorded = audit_.append(std::move(entry)); !recorded) log_error("model.end_not_recorded", {{"detail", recorded.error().detail}});
  state_.with([&](State& state) {
    state.job.state = outcome ? "done" : "failed";
    if (!outcome) state.job.error = outcome.error();
    if (auto kept = keep(state); !kept) log_error("model.state_not_kept", {{"detail", kept.error().detail}});
  });
}

Result<void> ModelDesk::keep(const State& state) const {
  Json job = Json::object({{"act", state.job.act},
                           {"name", state.job.name},
                           {"actor_id", state.job.actor_id},
                           {"actor_name", state.job.actor_name},
                           {"state", state.job.state},
                           {"code", std::string(name_of(state.job.error.code))},
                           {"detail", state.job.error.detail}});
  return write_state(folder_, Json::object({{"answering", state.choice.answering}, {"embedding", state.choice.embedding}, {"job", std::move(job)}}).dump());
}

}  // namespace sekisho::main
