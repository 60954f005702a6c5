#include "main/doctor.h"

#include <algorithm>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "audit/verify.h"
#include "base/clock.h"
#include "main/resources.h"
#include "process/extract_protocol.h"
#include "process/model_protocol.h"
#include "process/spawn.h"

namespace sekisho::main {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kSealTimeout_ms = 20'000;
constexpr std::uintmax_t kRoomNeeded_bytes = std::uintmax_t{1} << 30;

struct Worker {
  const char* program;
  const char* area;
  std::uint16_t sealed_type;
};

constexpr Worker kWorkers[] = {
    {"sekisho-model", "seal.model", static_cast<std::uint16_t>(process::model::MessageType::kSealed)},
    {"sekisho-extract", "seal.extract", static_cast<std::uint16_t>(process::extract::MessageType::kSealed)},
};

Result<process::SealReport> seal_of(const Worker& worker) {
  auto program = find_program(worker.program);
  if (!program) return fail(program.error());
  const int empty = open("/dev/null", O_RDONLY | O_CLOEXEC);
  process::SpawnOptions options;
  options.program = program->string();
  options.input_fd = empty;
  auto child = process::spawn(options);
  close(empty);
  if (!child) return fail(child.error());
  auto frame = (*child)->channel().receive(kSealTimeout_ms);
  if (!frame) return fail(frame.error());
  if (!*frame || (*frame)->type != worker.sealed_type) return fail(ErrorCode::kUnavailable, "the worker ended before it was sealed");
  auto json = Json::parse((*frame)->payload);
  if (!json) return fail(json.error());
  return process::SealReport::from_json(*json);
}

std::string area_name(const std::string& area) {
  if (area == "seal.model") return "モデルの隔離（sekisho-model）";
  if (area == "seal.extract") return "文書読取りの隔離（sekisho-extract）";
  if (area == "audit") return "監査の記録";
  if (area == "store") return "データの保管";
  if (area == "disk") return "ディスク";
  if (area == "model") return "モデル";
  return area;
}

HealthVerdict audit_verdict(const fs::path& folder) {
  auto report = audit::verify(folder / "audit", {.now_ms = SystemClock().wall_ms()});
  if (!report) return {"audit", "chain", false, report.error().detail};
  if (report->broken) {
    return {"audit", "chain", false, fmt::format("entry {} ({}:{}): {}", report->broken->sequence, report->broken->file, report->broken->line, report->broken->why)};
  }
  return {"audit", "chain", true, fmt::format("{} entries, unbroken; {} checkpoints", report->entries, report->checkpoints)};
}

}  // namespace

Json to_json(const std::vector<HealthVerdict>& verdicts) {
  Json::Array items;
  for (const HealthVerdict& verdict : verdicts) {
    items.push_back(Json::object({{"area", verdict.area}, {"name", verdict.name}, {"ok", verdict.ok}, {"detail", verdict.detail}}));
  }
  const bool ok = std::all_of(verdicts.begin(), verdicts.end(), [](const HealthVerdict& verdict) { return verdict.ok; });
  return Json::object({{"ok", ok}, {"verdicts", Json::array(std::move(items))}});
}

std::string in_japanese(const std::vector<HealthVerdict>& verdicts) {
  std::vector<std::string> areas;
  for (const HealthVerdict& verdict : verdicts) {
    if (std::find(areas.begin(), areas.end(), verdict.area) == areas.end()) areas.push_back(verdict.area);
  }
  std::string out;
  for (const std::string& area : areas) {
    std::size_t probes = 0;
    std::size_t refused = 0;
    std::string lines;
    for (const HealthVerdict& verdict : verdicts) {
      if (verdict.area != area) continue;
      const bool probe = verdict.name.starts_with("probe.");
      if (probe) ++probes;
      if (probe && verdict.ok) {
        ++refused;
        continue;
      }
      lines += fmt::format("  {} {}  {}\n", verdict.ok ? "✓" : "✗ 異常", verdict.name, verdict.detail);
    }
    if (probes > 0) lines += fmt::format("  {} 脱出の試み {} 件のうち {} 件を拒否\n", refused == probes ? "✓" : "✗ 異常", probes, refused);
    out += fmt::format("{}\n{}", area_name(area), lines);
  }
  return out;
}

std::vector<HealthVerdict> verdicts_of(const std::string& area, const process::SealReport& report) {
  std::vector<HealthVerdict> verdicts;
  for (const process::Verdict& layer : report.layers) {
    const std::string detail = layer.detail + (layer.holds || layer.required ? "" : " (not required here)");
    verdicts.push_back({area, layer.name, layer.holds || !layer.required, detail});
  }
  for (const process::Verdict& probe : report.probes) verdicts.push_back({area, "probe." + probe.name, probe.holds, probe.detail});
  return verdicts;
}

std::vector<HealthVerdict> check_seals() {
  std::vector<HealthVerdict> verdicts;
  for (const Worker& worker : kWorkers) {
    auto report = seal_of(worker);
    if (!report) {
      verdicts.push_back({worker.area, "start", false, report.error().detail});
      continue;
    }
    for (HealthVerdict& verdict : verdicts_of(worker.area, *report)) verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

std::vector<HealthVerdict> check_folder(const fs::path& folder) {
  std::vector<HealthVerdict> verdicts;
  std::error_code ec;
  const fs::perms rights = fs::status(folder, ec).permissions();
  const bool closed = !ec && (rights & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none;
  verdicts.push_back({"store", "folder_rights", closed, closed ? "only its owner may enter" : "others may enter: chmod 700"});
  const fs::space_info room = fs::space(folder, ec);
  verdicts.push_back({"disk", "room", !ec && room.available >= kRoomNeeded_bytes,
                      ec ? ec.message() : fmt::format("{:.1f} GB free", static_cast<double>(room.available) / 1e9)});
  verdicts.push_back(audit_verdict(folder));
  return verdicts;
}

Outcome run_doctor(const std::optional<fs::path>& folder, bool json) {
  std::vector<HealthVerdict> verdicts = check_seals();
  if (folder) {
    for (HealthVerdict& verdict : check_folder(*folder)) verdicts.push_back(std::move(verdict));
  }
  const bool ok = std::all_of(verdicts.begin(), verdicts.end(), [](const HealthVerdict& verdict) { return verdict.ok; });
  return {ok ? 0 : kExitFailed, json ? to_json(verdicts).dump() + "\n" : in_japanese(verdicts), ""};
}

}  // namespace sekisho::main
