#include "crash_points.h"

#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "audit/chain.h"
#include "audit/notary.h"
#include "audit/prune.h"
#include "audit/segment.h"
#include "audit/verify.h"
#include "base/log.h"
#include "gate/gate.h"
#include "gate/policy.h"
#include "store/test_folder.h"

namespace sekisho::proof {
namespace {

constexpr std::int64_t kCallsOfARun = 170;  ///< About as many as a run makes when nothing happens.

/// What was acknowledged, by whom it was promised to last.
struct Promised {
  std::map<std::int64_t, crypto::Digest> entries;
  std::map<std::int64_t, audit::TreeHead> checkpoints;  ///< By line number.
  std::int64_t permits = 0;
};

/// One office under a disk that may fail.
class Run {
 public:
  Run(std::uint64_t seed, const gate::Policy& policy, LossyDisk::Honesty honesty) : random_(seed), policy_(policy), honesty_(honesty) {}

  /// Works until the power goes, or the work is done; then loses what was not synced.
  void work() {
    LossyDisk disk(static_cast<std::int64_t>(random_() % kCallsOfARun) + 1, random_(), honesty_);
    if (start(disk)) {
      gate::Gate gate(policy_, *chain_);
      const bool many = random_() % 4 == 0;
      for (int round = 0; round < 8 && !disk.crashed(); ++round) {
        many ? admit_together(gate) : admit(gate, 1 + static_cast<int>(random_() % 3));
        if (random_() % 2 == 0) checkpoint();
        if (random_() % 6 == 0) static_cast<void>(audit::prune(log_, *chain_, *notary_, clock_.wall_ms(), disk));
        clock_.advance_ms(static_cast<std::int64_t>(random_() % 1000));
      }
    }
    stop();
    disk.lose_what_was_not_synced();
  }

  /// A start that fails in the middle of recovering.
  void fail_again() {
    LossyDisk disk(static_cast<std::int64_t>(random_() % 25) + 1, random_());
    if (start(disk)) checkpoint();
    stop();
    disk.lose_what_was_not_synced();
  }

  /// Starts once more and holds what is there against what was promised.
  void judge(CrashCount& count) {
    count.entries += static_cast<std::int64_t>(promised_.entries.size());
    count.permits += promised_.permits;
    count.checkpoints += static_cast<std::int64_t>(promised_.checkpoints.size());
    if (!start(store::Disk::real()) || !notary_->checkpoint()) return trouble(count, why_);
    stop();
    const Result<audit::VerifyReport> report = audit::verify(log_, {.now_ms = clock_.wall_ms()});
    if (!report || report->broken) return trouble(count, report ? report->broken->why : report.error().detail);
    if (report->beginnings != 1) return trouble(count, "the key was lost");
    std::int64_t found = 0;
    for (const auto& [sequence, hash] : promised_.entries) found += sequence <= report->removed ? 1 : 0;  // Old enough, and proved.
    count.removed += report->removed;
    Result<void> read = audit::for_each_entry(log_, [&](const audit::ReadLine& line) {
      const auto promised = promised_.entries.find(line.sequence);
      if (promised != promised_.entries.end() && promised->second == line.hash) ++found;
      return true;
    });
    if (!read) return trouble(count, read.error().detail);
    count.lost_entries += static_cast<std::int64_t>(promised_.entries.size()) - found;
    count.lost_checkpoints += lost_checkpoints();
  }

 private:
  bool start(store::Disk& disk) {
    Result<audit::MerkleEdge> known = audit::last_known_tree(log_);
    if (!known) return failed(known.error());
    auto chain = audit::Chain::open(log_, clock_, {.segment_bytes = 1500, .known = std::move(*known), .disk = &disk});
    if (!chain) return failed(chain.error());
    chain_ = std::move(*chain);
    auto notary = audit::Notary::open(log_, *chain_, clock_, {.keys = folder_ / "keys", .key_checkpoints = 2, .disk = &disk});
    if (!notary) return failed(notary.error());
    notary_ = std::move(*notary);
    return true;
  }
  bool failed(const Error& error) {
    why_ = error.detail;
    stop();
    return false;
  }
  void stop() {
    notary_.reset();
    chain_.reset();
  }

  void admit(gate::Gate& gate, int times) {
    const gate::Actor actor = gate::Actor::local_operator("山田", policy_.highest());
    for (int i = 0; i < times; ++i) {
      const Result<gate::Permit> permit = gate.admit(actor, gate::Label(policy_.highest(), {}), gate::Destination::screen(), {"answer", {"turn"}});
      if (!permit) continue;
      const std::lock_guard lock(mutex_);
      promised_.entries[permit->receipt().sequence] = permit->receipt().hash;
      ++promised_.permits;
    }
  }
  void admit_together(gate::Gate& gate) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) threads.emplace_back([&] { admit(gate, 2); });
    for (std::thread& thread : threads) thread.join();
  }
  void checkpoint() {
    const Result<audit::CheckpointLine> line = notary_->checkpoint();
    if (line) promised_.checkpoints[line->number] = line->head();
  }

  std::int64_t lost_checkpoints() {
    auto missing = promised_.checkpoints;
    Result<audit::LineReader> reader = audit::LineReader::open(log_ / audit::kCheckpointFile);
    while (reader) {
      const Result<std::optional<std::string>> text = reader->next();
      if (!text || !*text) break;
      const Result<audit::CheckpointLine> line = audit::parse_checkpoint_line(**text);
      const auto promised = line ? missing.find(line->number) : missing.end();
      if (promised != missing.end() && promised->second == line->head()) missing.erase(promised);
    }
    return static_cast<std::int64_t>(missing.size());
  }
  static void trouble(CrashCount& count, const std::string& why) {
    if (count.first_trouble.empty()) count.first_trouble = why;
    ++count.not_whole;
  }

  std::mt19937_64 random_;
  const gate::Policy& policy_;
  const LossyDisk::Honesty honesty_;
  FakeClock clock_;
  const store::TestFolder folder_{store::TestFolder::On::kMemory};
  const std::filesystem::path log_ = folder_ / "audit";
  std::unique_ptr<audit::Chain> chain_;
  std::unique_ptr<audit::Notary> notary_;
  std::mutex mutex_;
  Promised promised_;
  std::string why_;
};

}  // namespace

CrashCount lose_power(std::uint64_t from, std::int64_t count, LossyDisk::Honesty honesty) {
  CrashCount total;
  const Result<gate::Policy> policy = gate::Policy::load(std::filesystem::path(SEKISHO_SOURCE_DIR) / "policies/ministry.toml");
  if (!policy) {
    total.not_whole = count;
    total.first_trouble = policy.error().detail;
    return total;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t seed = from + static_cast<std::uint64_t>(i);
    const std::int64_t troubles = total.not_whole + total.lost_entries + total.lost_checkpoints;
    Run run(seed, *policy, honesty);
    run.work();
    if (seed % 3 == 0) {
      run.fail_again();
      ++total.twice;
    }
    run.judge(total);
    ++total.runs;
    if (total.not_whole + total.lost_entries + total.lost_checkpoints > troubles) {
      total.first_trouble += total.first_trouble.find("seed") == std::string::npos ? " (seed " + std::to_string(seed) + ")" : "";
    }
  }
  return total;
}

}  // namespace sekisho::proof
