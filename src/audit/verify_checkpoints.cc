#include "audit/verify_checkpoints.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "audit/segment.h"

namespace sekisho::audit {
namespace {

constexpr std::int64_t kClockSkew_ms = 5 * 60 * 1000;

/// Hands over the whole lines until `each` returns false; returns what no line feed ends.
Result<std::string> for_each_line(const std::filesystem::path& file, const std::function<bool(const std::string&)>& each) {
  Result<LineReader> reader = LineReader::open(file);
  if (!reader) return fail(reader.error());
  for (;;) {
    Result<std::optional<std::string>> line = reader->next();
    if (!line) return fail(line.error());
    if (!*line) return reader->rest();
    if (!each(**line)) return std::string();
  }
}

/// A crash cuts a line short; it does not change the line feed of a whole one.
bool line_feed_was_changed(const std::string& rest) {
  return !rest.empty() && rest.back() != '\0' && parse_checkpoint_line(std::string_view(rest).substr(0, rest.size() - 1)).has_value();
}

}  // namespace

Finding CheckpointAudit::found(std::int64_t sequence, std::int64_t line, std::string why) const {
  return {sequence, file_.filename().string(), line, std::move(why)};
}

void CheckpointAudit::keep(const CheckpointLine& line) {
  if (line.brings_key()) {
    keys_.push_back(line.key);
    if (line.begins()) beginning_line_ = line.number;
    return;
  }
  kept_.push_back({line.head(), line.number, line.time_ms, keys_.size() - 1});
}

Result<CheckpointAudit> CheckpointAudit::read(const std::filesystem::path& file) {
  CheckpointAudit audit;
  audit.file_ = file;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return audit;
  const Result<std::string> rest = for_each_line(file, [&](const std::string& text) {
    const Result<CheckpointLine> line = audit.check_.accept(text);
    if (!line) {
      audit.broken_ = audit.found(0, audit.check_.lines() + 1, line.error().detail);
      return false;
    }
    audit.lines_.push_back(line_hash(text));
    audit.keep(*line);
    return true;
  });
  if (!rest) return fail(rest.error());
  if (line_feed_was_changed(*rest)) audit.broken_ = audit.found(0, 0, "the line feed after the last line was changed");
  return audit;
}

void CheckpointAudit::begin(const Pruned& pruned) {
  pruned_ = pruned;
  tree_ = pruned.tree;
  told_ = pruned.keys;
  // The Entries of earlier checkpoints are gone; that the tree over them goes on as it was signed is seen at the next.
  while (seen_ < kept_.size() && kept_[seen_].head.size < tree_.size()) ++seen_;
  compare();
}

void CheckpointAudit::see(const ReadLine& line) {
  tree_.add(line.hash);
  if (line.entry.kind == kKeyedKind) told_.emplace(line.entry.details.text_or("key"), line.sequence);
  if (line.entry.kind == kPrunedKind && line.entry.details.text_or("sha256") == pruned_.sha256().hex()) told_of_removal_ = true;
  compare();
}

bool CheckpointAudit::holds(const TreeHead& head) const {
  return std::any_of(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.head == head; });
}

void CheckpointAudit::compare() {
  if (seen_ >= kept_.size() || kept_[seen_].head.size != tree_.size()) return;
  if (!differs_ && kept_[seen_].head.root != tree_.root()) differs_ = seen_;
  ++seen_;
}

void CheckpointAudit::tell(VerifyReport& report) const {
  report.checkpoints = static_cast<std::int64_t>(kept_.size());
  report.keys = static_cast<std::int64_t>(keys_.size());
  report.beginnings = check_.beginnings();
  report.key = check_.beginning();
  report.tree = {tree_.size(), tree_.root()};
  if (!kept_.empty()) report.covered = kept_.back().head;
}

std::optional<Finding> CheckpointAudit::against_log() const {
  if (differs_) {
    const Kept& kept = kept_[*differs_];
    return found(kept.head.size, kept.line, "the log up to here is not the one that the checkpoint covers");
  }
  if (seen_ < kept_.size()) {
    const Kept& kept = kept_[seen_];
    return found(kept.head.size, kept.line, fmt::format("the checkpoint covers {} entries, the log has {}: its end was cut off", kept.head.size, tree_.size()));
  }
  return broken_;
}

/// What was removed must be told of, and covered by a checkpoint: else anybody could remove.
std::optional<Finding> CheckpointAudit::against_removal() const {
  if (pruned_.size() == 0) return std::nullopt;
  if (!told_of_removal_) return Finding{pruned_.size(), std::string(kPrunedFile), 0, "the log does not tell of what was removed"};
  if (kept_.empty() || kept_.back().head.size < pruned_.size()) return Finding{pruned_.size(), std::string(kPrunedFile), 0, "no checkpoint covers what was removed"};
  return std::nullopt;
}

std::optional<std::int64_t> CheckpointAudit::told_in_vain(const std::vector<std::string>& keys) const {
  std::optional<std::int64_t> first;
  for (const auto& [key, sequence] : told_) {
    const bool known = std::find(keys.begin(), keys.end(), key) != keys.end();
    if (!known && (!first || sequence < *first)) first = sequence;
  }
  return first;
}

Result<std::optional<Finding>> CheckpointAudit::against_keys(const VerifyOptions& options) const {
  for (const Kept& kept : kept_) {
    const auto told = told_.find(keys_[kept.key]);
    if (told == told_.end() || told->second > kept.head.size) {
      return found(kept.head.size, kept.line, "the log does not tell of the key that signed the checkpoint");
    }
  }
  if (const auto sequence = told_in_vain(keys_)) {
    // A server at work may have brought the key in after the file was read.
    const Result<CheckpointAudit> now = read(file_);
    if (!now) return fail(now.error());
    if (told_in_vain(now->keys_)) return found(*sequence, 0, "the log tells of a key that the checkpoint file does not bring in");
  }
  if (!options.public_key.empty() && options.public_key != check_.beginning()) {
    return found(0, beginning_line_, "the checkpoints do not begin with the public key that was given");
  }
  return std::nullopt;
}

Result<std::optional<Finding>> CheckpointAudit::against_witness(const std::filesystem::path& witness) const {
  const std::string name = witness.filename().string();
  std::optional<Finding> finding;
  std::int64_t number = 0;
  const Result<std::string> rest = for_each_line(witness, [&](const std::string& text) {
    ++number;
    const Result<CheckpointLine> line = parse_checkpoint_line(text);
    if (!line) {
      finding = Finding{0, name, number, "the witness: " + line.error().detail};
    } else if (line->number > static_cast<std::int64_t>(lines_.size()) || lines_[static_cast<std::size_t>(line->number) - 1] != line_hash(text)) {
      finding = Finding{line->tree.size(), name, number, "the checkpoint file does not hold the line that was witnessed"};
    }
    return !finding;
  });
  if (!rest) return fail(rest.error());
  if (number == 0) finding = Finding{0, name, 0, "the witness holds no checkpoint"};
  return finding;
}

std::optional<Finding> CheckpointAudit::against_clock(std::int64_t now_ms) const {
  for (const Kept& kept : kept_) {
    if (kept.time_ms > now_ms + kClockSkew_ms) return found(kept.head.size, kept.line, "the checkpoint is from the future");
  }
  return std::nullopt;
}

Result<std::optional<Finding>> CheckpointAudit::finding(const VerifyOptions& options) const {
  if (auto finding = against_log()) return finding;
  if (auto finding = against_removal()) return finding;
  auto finding = against_keys(options);
  if (!finding || *finding) return finding;
  if (options.witness) {
    finding = against_witness(*options.witness);
    if (!finding || *finding) return finding;
  }
  return options.now_ms ? against_clock(*options.now_ms) : std::nullopt;
}

}  // namespace sekisho::audit
