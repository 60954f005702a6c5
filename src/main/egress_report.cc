#include "main/egress_report.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "audit/signed_text.h"
#include "audit/verify.h"
#include "base/file_descriptor.h"
#include "crypto/hash.h"
#include "main/doctor.h"
#include "main/resources.h"

namespace sekisho::main {
namespace fs = std::filesystem;
namespace {

Json texts_json(const std::vector<std::string>& texts) { return Json(Json::Array(texts.begin(), texts.end())); }

Result<std::string> hash_of(const fs::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail(ErrorCode::kUnavailable, "cannot read " + path.string());
  auto hash = crypto::sha256_of_file(file.get());
  if (!hash) return fail(hash.error());
  return hash->hex();
}

/// Our programs and what they load beside them: the libraries of the engine.
Result<Json> hashes_json(const ServingModel& model) {
  std::vector<fs::path> files;
  std::error_code ec;
  for (fs::directory_iterator entry(program_folder(), ec), end; !ec && entry != end; entry.increment(ec)) {
    const std::string name = entry->path().filename();
    const bool ours = name == "sekisho" || name == "sekisho-model" || name == "sekisho-extract";
    if (ours || (name.find(".so") != std::string::npos && !entry->is_symlink())) files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  Json::Array items;
  for (const fs::path& file : files) {
    auto hash = hash_of(file);
    if (!hash) return fail(hash.error());
    items.push_back(Json::object({{"name", file.filename().string()}, {"sha256", *hash}}));
  }
  if (!model.sha256.empty()) items.push_back(Json::object({{"name", "model:" + model.name}, {"sha256", model.sha256}}));
  return Json(std::move(items));
}

Json sockets_json(const std::vector<OurProcess>& processes) {
  Json::Array items;
  for (const OurProcess& process : processes) {
    // Equal sockets are counted: a server has many connections from one proxy.
    std::map<std::tuple<std::string, std::string, std::string, std::string>, std::int64_t> counts;
    for (const OpenSocket& socket : process.sockets) ++counts[{socket.kind, socket.state, socket.local, socket.remote}];
    Json::Array sockets;
    for (const auto& [socket, count] : counts) {
      sockets.push_back(Json::object({{"kind", std::get<0>(socket)}, {"state", std::get<1>(socket)}, {"local", std::get<2>(socket)},
                                      {"remote", std::get<3>(socket)}, {"count", count}}));
    }
    items.push_back(Json::object({{"pid", std::int64_t{process.pid}}, {"program", process.program}, {"network", process.network},
                                  {"readable", process.readable}, {"sockets", Json(std::move(sockets))}}));
  }
  return Json(std::move(items));
}

Json seals_json(const std::vector<HealthVerdict>& verdicts) {
  Json::Array items;
  for (const HealthVerdict& verdict : verdicts) {
    items.push_back(Json::object({{"worker", verdict.area}, {"name", verdict.name}, {"ok", verdict.ok}, {"detail", verdict.detail}}));
  }
  return Json(std::move(items));
}

Json policy_json(const Office& office) {
  Json::Array destinations;
  for (const auto& [name, level] : office.policy.destinations()) {
    const bool outside = name.starts_with("engine.") && name != gate::Destination::local_engine().name;
    destinations.push_back(Json::object({{"name", name}, {"up_to", office.policy.rule(level).name}, {"outside", outside}}));
  }
  return Json::object({{"name", office.policy.name()}, {"sha256", office.policy.sha256()}, {"destinations", Json(std::move(destinations))}});
}

/// Releases of the first `size` Entries, by destination, label and decision.
Result<Json> releases_json(const fs::path& log, std::int64_t size) {
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> counts;
  Result<void> read = audit::for_each_entry(log, [&](const audit::ReadLine& line) {
    if (line.sequence > size) return false;
    const audit::Entry& entry = line.entry;
    const Json* destinations = entry.details.find("destinations");
    if (!entry.kind.starts_with("release.") || destinations == nullptr || destinations->as_array() == nullptr) return true;
    for (const Json& destination : *destinations->as_array()) {
      const std::string name = destination.as_string() != nullptr ? *destination.as_string() : "";
      ++counts[{name, entry.label ? entry.label->level : "", std::string(audit::name_of(entry.outcome))}];
    }
    return true;
  });
  if (!read) return fail(read.error());
  Json::Array items;
  for (const auto& [what, count] : counts) {
    items.push_back(Json::object({{"destination", std::get<0>(what)}, {"level", std::get<1>(what)}, {"outcome", std::get<2>(what)}, {"count", count}}));
  }
  return Json(std::move(items));
}

/// What speaks against "nothing leaves", in English; empty: nothing does.
std::vector<std::string> findings_of(const std::vector<HealthVerdict>& seals, const std::vector<OurProcess>& processes, const audit::VerifyReport& log) {
  std::vector<std::string> findings = ways_out(processes);
  for (const HealthVerdict& verdict : seals) {
    if (!verdict.ok) findings.push_back(fmt::format("{} {}: {}", verdict.area, verdict.name, verdict.detail));
  }
  if (log.broken) findings.push_back(fmt::format("the audit log is not whole: {}", log.broken->why));
  return findings;
}

std::string port_of(const std::string& address) { return address.substr(std::min(address.size(), address.rfind(':'))); }

}  // namespace

std::vector<std::string> ways_out(const std::vector<OurProcess>& processes) {
  std::set<std::string> entrances;  // Ports that the server listens on.
  for (const OurProcess& process : processes) {
    if (process.program != "sekisho") continue;
    for (const OpenSocket& socket : process.sockets) {
      if (socket.kind == "tcp" && socket.state == "listen") entrances.insert(port_of(socket.local));
    }
  }
  std::vector<std::string> found;
  for (const OurProcess& process : processes) {
    for (const OpenSocket& socket : process.sockets) {
      const bool pair = socket.kind == "unix";
      const bool came_in = process.program == "sekisho" && socket.kind == "tcp" && entrances.contains(port_of(socket.local));
      if (!pair && !came_in) found.push_back(fmt::format("{} ({}): {} {} {} → {}", process.program, process.pid, socket.kind, socket.state, socket.local, socket.remote));
    }
  }
  return found;
}

Result<std::string> egress_report(Office& office, const ServingModel& model) {
  const fs::path log = office.folder() / "audit";
  auto checkpoint = office.notary->checkpoint();
  if (!checkpoint) return fail(checkpoint.error());
  auto keys = audit::key_lines(log);
  if (!keys) return fail(keys.error());
  // The log as far as the report tells of it, while it goes on.
  const audit::TreeHead head = checkpoint->head();
  auto verified = audit::verify(log, {.trees = {head}, .now_ms = office.clock.wall_ms()});
  if (!verified) return fail(verified.error());
  const std::vector<OurProcess> processes = model.serving ? our_processes() : std::vector<OurProcess>();
  const std::vector<HealthVerdict> seals = check_seals();
  auto hashes = hashes_json(model);
  auto releases = releases_json(log, head.size);
  for (const auto* part : {&hashes, &releases}) {
    if (!*part) return fail(part->error());
  }
  const std::vector<std::string> findings = findings_of(seals, processes, *verified);
  Json report = Json::object({{"kind", "egress"}, {"format", 1}, {"office", office.name()}, {"time_ms", office.clock.wall_ms()}, {"serving", model.serving},
                              {"ok", findings.empty()}, {"findings", texts_json(findings)}, {"seals", seals_json(seals)}, {"processes", sockets_json(processes)},
                              {"policy", policy_json(office)}, {"releases", *std::move(releases)}, {"hashes", *std::move(hashes)}});
  report.set("log", Json::object({{"size", head.size}, {"root", head.root.hex()}, {"from_ms", verified->first_time_ms}, {"to_ms", verified->last_time_ms}}));
  report.set("keys", texts_json(*keys));
  return audit::sign_report(std::move(report), *office.notary);
}

std::optional<Outcome> run_report_in(Office& office, const std::vector<std::string>& arguments, const ServingModel& model) {
  if (arguments != std::vector<std::string>{"report", "egress"}) return std::nullopt;
  auto report = egress_report(office, model);
  if (!report) return failed(report.error());
  return Outcome{0, *report + "\n", ""};
}

}  // namespace sekisho::main
