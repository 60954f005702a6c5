#include "audit/verify.h"

#include <algorithm>

#include <fmt/format.h>

#include "audit/pruned.h"
#include "audit/segment.h"
#include "audit/verify_checkpoints.h"

namespace sekisho::audit {
namespace {

struct Walk {
  Pruned pruned;  ///< The walk begins behind it.
  ChainCheck check;
  std::optional<Finding> broken;
  std::string rest;  ///< After the last line feed of the last file.
  bool stopped = false;
};

Result<Walk> begin_walk(const std::filesystem::path& directory) {
  Walk walk;
  Result<Pruned> pruned = read_pruned(directory);
  if (!pruned && pruned.error().code != ErrorCode::kCorrupt) return fail(pruned.error());
  if (!pruned) {
    walk.broken = Finding{0, std::string(kPrunedFile), 0, pruned.error().detail};
    return walk;
  }
  walk.check = ChainCheck(pruned->size() + 1, pruned->head);
  walk.pruned = std::move(*pruned);
  return walk;
}

/// Reads one file; stops at the first bad line or when `each` says so.
Result<void> walk_segment(const Segment& segment, Walk& walk, const std::function<bool(const ReadLine&)>& each) {
  const std::string file = segment.path.filename().string();
  const auto broken = [&](std::int64_t line, std::string why) {
    walk.broken = Finding{walk.check.next_sequence(), file, line, std::move(why)};
  };
  if (!walk.rest.empty()) broken(0, "the file before this one ends in the middle of a line");
  if (!walk.broken && segment.first_sequence != walk.check.next_sequence()) {
    broken(0, fmt::format("the file begins with entry {} where {} must follow", segment.first_sequence, walk.check.next_sequence()));
  }
  if (walk.broken) return {};
  Result<LineReader> reader = LineReader::open(segment.path);
  if (!reader) return fail(reader.error());
  for (std::int64_t number = 1;; ++number) {
    Result<std::optional<std::string>> line = reader->next();
    if (!line) return fail(line.error());
    if (!*line) break;
    const Result<ReadLine> read = walk.check.accept(**line);
    if (!read) {
      broken(number, read.error().detail);
      return {};
    }
    if (!each(*read)) {
      walk.stopped = true;
      return {};
    }
  }
  walk.rest = reader->rest();
  // A crash cuts a line short; it does not change the line feed of a whole one.
  if (!walk.rest.empty() && walk.rest.back() != '\0' && parse_line(std::string_view(walk.rest).substr(0, walk.rest.size() - 1))) {
    broken(0, "the line feed after the last entry was changed");
  }
  return {};
}

Result<std::int64_t> walk_all(const std::filesystem::path& directory, Walk& walk, const std::function<bool(const ReadLine&)>& each) {
  Result<std::vector<Segment>> all = list_segments(directory);
  if (!all) return fail(all.error());
  if (all->empty()) return fail(ErrorCode::kDenied, "no audit log in this folder");
  if (walk.broken) return 0;
  const std::vector<Segment> segments = behind(std::move(*all), walk.pruned.size());
  if (segments.empty()) walk.broken = Finding{walk.check.next_sequence(), std::string(kPrunedFile), 0, "no entry is left behind those that were removed"};
  for (const Segment& segment : segments) {
    if (Result<void> walked = walk_segment(segment, walk, each); !walked) return fail(walked.error());
    if (walk.broken || walk.stopped) break;
  }
  return static_cast<std::int64_t>(segments.size());
}

/// Receipts and tree heads that someone keeps outside.
struct Kept {
  const VerifyOptions& options;
  bool entry_found = false;
  std::vector<TreeHead> missing;  ///< Not borne out so far.
  MerkleEdge tree;

  /// Of what was removed, the last Entry and the whole tree are known; of earlier trees what the checkpoints say.
  void begin(const Pruned& pruned, const CheckpointAudit& checkpoints) {
    tree = pruned.tree;
    entry_found = !options.witnessed || (options.witnessed->sequence == pruned.size() && options.witnessed->hash == pruned.head);
    std::erase_if(missing, [&](const TreeHead& head) {
      return head.size < pruned.size() ? checkpoints.holds(head) : head == TreeHead{pruned.size(), pruned.tree.root()};
    });
  }
  void see(const ReadLine& line) {
    if (options.witnessed && options.witnessed->sequence == line.sequence && options.witnessed->hash == line.hash) entry_found = true;
    if (options.trees.empty()) return;
    tree.add(line.hash);
    std::erase_if(missing, [this](const TreeHead& head) { return head.size == tree.size() && head.root == tree.root(); });
  }
  [[nodiscard]] std::optional<Finding> finding() const {
    if (!entry_found) return Finding{options.witnessed->sequence, "", 0, "the entry that was witnessed is not in this log"};
    if (!missing.empty()) return Finding{missing.front().size, "", 0, "the checkpoint that was kept is not this log's"};
    return std::nullopt;
  }
};

}  // namespace

Result<VerifyReport> verify(const std::filesystem::path& directory, const VerifyOptions& options) {
  // The checkpoints first: a server at work may add Entries meanwhile, but covers none that are not there.
  Result<CheckpointAudit> checkpoints = CheckpointAudit::read(options.checkpoints.value_or(directory / kCheckpointFile));
  if (!checkpoints) return fail(checkpoints.error());
  VerifyReport report;
  Result<Walk> begun = begin_walk(directory);
  if (!begun) return fail(begun.error());
  Walk& walk = *begun;
  Kept kept{options, false, options.trees, {}};
  kept.begin(walk.pruned, *checkpoints);
  checkpoints->begin(walk.pruned);
  const Result<std::int64_t> segments = walk_all(directory, walk, [&](const ReadLine& line) {
    if (line.sequence == walk.pruned.size() + 1) report.first_time_ms = line.entry.time_ms;
    report.last_time_ms = line.entry.time_ms;
    if (line.entry.kind == "log.recovered") ++report.recoveries;
    kept.see(line);
    checkpoints->see(line);
    return true;
  });
  if (!segments) return fail(segments.error());
  report.segments = *segments;
  report.removed = walk.pruned.size();
  report.head = walk.check.head();
  report.entries = report.head.sequence;
  report.unfinished_end = !walk.rest.empty() && !walk.broken;
  report.broken = walk.broken;
  checkpoints->tell(report);
  if (!report.broken) report.broken = kept.finding();
  if (report.broken) return report;
  Result<std::optional<Finding>> finding = checkpoints->finding(options);
  if (!finding) return fail(finding.error());
  report.broken = std::move(*finding);
  return report;
}

Result<void> for_each_entry(const std::filesystem::path& directory, const std::function<bool(const ReadLine&)>& each) {
  Result<Walk> walk = begin_walk(directory);
  if (!walk) return fail(walk.error());
  const Result<std::int64_t> segments = walk_all(directory, *walk, each);
  if (!segments) return fail(segments.error());
  if (walk->broken) return fail(ErrorCode::kCorrupt, fmt::format("entry {}: {}", walk->broken->sequence, walk->broken->why));
  return {};
}

}  // namespace sekisho::audit
