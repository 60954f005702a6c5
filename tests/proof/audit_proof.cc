// Proof G10: no tampering with the audit log goes unseen, and no loss of power loses what was acknowledged.
//
//   audit_proof [--tamperings N] [--crashes N] [--seed N] [--sample FOLDER --samples N] [--threads N]
//
// --sample writes every so many tamperings as folders with their verdicts, for another verifier (tests/proof/audit_samples.py).
// Exit status 1 where anything went unseen or was lost.
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "audit/verify.h"
#include "base/json.h"
#include "base/log.h"
#include "crash_points.h"
#include "store/test_folder.h"
#include "tampering.h"

namespace {

using namespace sekisho;
using namespace sekisho::proof;
namespace fs = std::filesystem;

constexpr std::int64_t kTamperingsOfAWorld = 500;
constexpr std::int64_t kControlRuns = 50;

struct Options {
  std::int64_t tamperings = 0, crashes = 0, samples = 0, threads = 2;
  std::uint64_t seed = 1;
  fs::path sample;
};

struct Tally {
  std::mutex mutex;
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> ways;  ///< Done, unseen.
  std::string first_unseen;
};

void put(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes; }

std::string joined(const std::vector<std::string>& lines) {
  std::string bytes;
  for (const std::string& line : lines) bytes.append(line).push_back('\n');
  return bytes;
}

/// One folder that is filled again and again.
class Desk {
 public:
  std::optional<audit::Finding> look(const World& world, const Tampering& tampering) {
    fs::create_directories(log_);
    for (const auto& entry : fs::directory_iterator(log_)) {
      if (!tampering.files.contains(entry.path().filename().string())) fs::remove(entry.path());
    }
    for (const auto& [name, bytes] : tampering.files) put(log_ / name, bytes);
    audit::VerifyOptions options{.now_ms = world.now_ms};
    if (tampering.needs == Kept::kPublicKey) options.public_key = world.public_key;
    if (tampering.needs == Kept::kPaper) options.trees = {audit::TreeHead::from_paper(world.paper).value()};
    if (tampering.needs == Kept::kWitness) {
      put(folder_ / "witness.jsonl", joined(world.seals));
      options.witness = folder_ / "witness.jsonl";
    }
    const Result<audit::VerifyReport> report = audit::verify(log_, options);
    if (!report) return audit::Finding{0, "", 0, report.error().detail};  // No log is left.
    return report->broken;
  }

 private:
  const store::TestFolder folder_{store::TestFolder::On::kMemory};
  const fs::path log_ = folder_ / "audit";
};

void keep_sample(const fs::path& folder, const World& world, const Tampering& tampering, const std::optional<audit::Finding>& found) {
  fs::create_directories(folder / "audit");
  for (const auto& [name, bytes] : tampering.files) put(folder / "audit" / name, bytes);
  put(folder / "witness.jsonl", joined(world.seals));
  constexpr const char* kNeeds[] = {"nothing", "public_key", "paper", "witness"};
  Json json = Json::object({{"name", tampering.name}, {"needs", kNeeds[static_cast<int>(tampering.needs)]}, {"public_key", world.public_key},
                            {"paper", world.paper}, {"now_ms", world.now_ms}, {"found", Json()}});
  if (found) {
    json = Json::object({{"name", tampering.name}, {"needs", kNeeds[static_cast<int>(tampering.needs)]}, {"public_key", world.public_key},
                         {"paper", world.paper}, {"now_ms", world.now_ms},
                         {"found", Json::object({{"sequence", found->sequence}, {"file", found->file}, {"line", found->line}, {"why", found->why}})}});
  }
  put(folder / "case.json", json.dump());
}

/// Tamperings `first`, `first + step`, … below the number wanted.
void tamper_all(const Options& options, std::int64_t first, std::int64_t step, Tally& tally) {
  Desk desk;
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> ways;
  const std::int64_t every = options.samples > 0 ? std::max<std::int64_t>(1, options.tamperings / options.samples) : 0;
  std::optional<World> world, other;
  std::int64_t made = -1;
  for (std::int64_t i = first; i < options.tamperings; i += step) {
    if (i / kTamperingsOfAWorld != made) {
      made = i / kTamperingsOfAWorld;
      world = make_world(options.seed * 1'000'003 + static_cast<std::uint64_t>(made) * 2);
      other = make_world(options.seed * 1'000'003 + static_cast<std::uint64_t>(made) * 2 + 1);
    }
    std::mt19937_64 random(options.seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(i));
    std::optional<Tampering> tampering;
    while (!tampering) tampering = tamper(*world, *other, random);
    const std::optional<audit::Finding> found = desk.look(*world, *tampering);
    auto& [done, unseen] = ways[tampering->name];
    ++done;
    if (!found) ++unseen;
    if (every > 0 && i % every == 0) keep_sample(options.sample / fmt::format("{:08}", i), *world, *tampering, found);
    const std::lock_guard lock(tally.mutex);
    if (!found && tally.first_unseen.empty()) {
      tally.first_unseen = fmt::format("{} (number {})", tampering->name, i);
      keep_sample(fs::temp_directory_path() / "unseen_tampering", *world, *tampering, found);
    }
  }
  const std::lock_guard lock(tally.mutex);
  for (const auto& [name, count] : ways) {
    tally.ways[name].first += count.first;
    tally.ways[name].second += count.second;
  }
}

bool prove_tamperings(const Options& options) {
  Tally tally;
  std::vector<std::thread> threads;
  for (std::int64_t t = 0; t < options.threads; ++t) threads.emplace_back([&, t] { tamper_all(options, t, options.threads, tally); });
  for (std::thread& thread : threads) thread.join();
  std::int64_t done = 0;
  std::int64_t unseen = 0;
  for (const auto& [name, count] : tally.ways) {
    fmt::print("  {:58} {:9} {:9}\n", name, count.first, count.second);
    done += count.first;
    unseen += count.second;
  }
  fmt::print("tamperings: {} in {} ways, {} unseen{}\n", done, tally.ways.size(), unseen, unseen > 0 ? ": " + tally.first_unseen : "");
  return unseen == 0 && done == options.tamperings;
}

bool prove_crashes(const Options& options) {
  std::vector<CrashCount> counts(static_cast<std::size_t>(options.threads));
  std::vector<std::thread> threads;
  const std::int64_t each = (options.crashes + options.threads - 1) / options.threads;
  for (std::size_t t = 0; t < counts.size(); ++t) {
    const std::int64_t from = each * static_cast<std::int64_t>(t);
    threads.emplace_back([&, t, from] { counts[t] = lose_power(options.seed * 1'000'000 + static_cast<std::uint64_t>(from), std::min(each, options.crashes - from)); });
  }
  for (std::thread& thread : threads) thread.join();
  CrashCount total;
  for (const CrashCount& count : counts) {
    total.runs += count.runs;
    total.twice += count.twice;
    total.permits += count.permits;
    total.entries += count.entries;
    total.checkpoints += count.checkpoints;
    total.removed += count.removed;
    total.lost_entries += count.lost_entries;
    total.lost_checkpoints += count.lost_checkpoints;
    total.not_whole += count.not_whole;
    if (total.first_trouble.empty()) total.first_trouble = count.first_trouble;
  }
  fmt::print("crash points: {} ({} with a second crash in the recovery); acknowledged: {} entries, all of them releases' ({} permits), {} checkpoints; {} entries removed as old\n", total.runs,
             total.twice, total.entries, total.permits, total.checkpoints, total.removed);
  fmt::print("lost: {} entries, {} checkpoints; {} logs not whole{}\n", total.lost_entries, total.lost_checkpoints, total.not_whole,
             total.first_trouble.empty() ? "" : ": " + total.first_trouble);
  const CrashCount control = lose_power(options.seed, kControlRuns, LossyDisk::Honesty::kLying);
  fmt::print("control, {} crash points of a disk that lies about syncing: {} entries lost, {} logs not whole\n", control.runs, control.lost_entries, control.not_whole);
  return total.lost_entries + total.lost_checkpoints + total.not_whole == 0 && total.runs == options.crashes && control.lost_entries + control.not_whole > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--tamperings") options.tamperings = std::stoll(argv[i + 1]);
    if (name == "--crashes") options.crashes = std::stoll(argv[i + 1]);
    if (name == "--samples") options.samples = std::stoll(argv[i + 1]);
    if (name == "--threads") options.threads = std::stoll(argv[i + 1]);
    if (name == "--seed") options.seed = std::stoull(argv[i + 1]);
    if (name == "--sample") options.sample = argv[i + 1];
  }
  set_log_level(static_cast<LogLevel>(static_cast<int>(LogLevel::kError) + 1));
  const bool seen = options.tamperings == 0 || prove_tamperings(options);
  const bool kept = options.crashes == 0 || prove_crashes(options);
  return seen && kept ? 0 : 1;
}
