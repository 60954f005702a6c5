#include "audit/prune.h"

#include <fcntl.h>

#include <cerrno>
#include <optional>

#include <fmt/format.h>

#include "audit/pruned.h"
#include "audit/segment.h"
#include "audit/verify.h"
#include "base/file_descriptor.h"
#include "store/disk_error.h"

namespace sekisho::audit {
namespace {

Error prune_error(const char* what) {
  const int number = errno;
  return store::disk_error(fmt::format("removing old entries: cannot {}", what), number);
}

/// What would be left of the log if all files that are old enough went.
Result<Pruned> old_part(const std::filesystem::path& directory, const std::vector<Segment>& segments, std::int64_t covered, std::int64_t before_ms) {
  Result<Pruned> pruned = read_pruned(directory);
  if (!pruned) return pruned;
  Pruned now = *pruned;
  Pruned whole = *pruned;  // Up to the end of a file.
  std::size_t next = 0;
  Result<void> read = for_each_entry(directory, [&](const ReadLine& line) {
    while (next < segments.size() && segments[next].first_sequence < line.sequence) ++next;
    const bool begins_file = next < segments.size() && segments[next].first_sequence == line.sequence;
    if (begins_file) whole = now;
    const bool last_file = next + 1 >= segments.size() && begins_file;
    if (last_file || line.sequence > covered || line.entry.time_ms >= before_ms) return false;
    now.tree.add(line.hash);
    now.head = line.hash;
    if (line.entry.kind == kKeyedKind) now.keys.emplace(line.entry.details.text_or("key"), line.sequence);
    return true;
  });
  if (!read) return fail(read.error());
  return whole;
}

Result<void> write_record(store::Disk& disk, const std::filesystem::path& path, const Pruned& pruned) {
  const FileDescriptor file(disk.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const std::string bytes = pruned.text() + "\n";
  if (!file.valid() || !store::write_all(disk, file.get(), bytes.data(), bytes.size()) || disk.fsync(file.get()) != 0) return fail(prune_error("write what is left"));
  return {};
}

/// The files whose Entries are all gone.
Result<std::int64_t> remove_files(store::Disk& disk, const std::filesystem::path& directory, std::int64_t up_to) {
  const Result<std::vector<Segment>> segments = list_segments(directory);
  if (!segments) return fail(segments.error());
  std::int64_t removed = 0;
  for (const Segment& segment : *segments) {
    if (segment.first_sequence > up_to) break;
    if (disk.unlink(segment.path) != 0) return fail(prune_error("remove a file"));
    ++removed;
  }
  if (!store::sync_folder(disk, directory)) return fail(prune_error("sync the folder"));
  return removed;
}

}  // namespace

Result<Removed> prune(const std::filesystem::path& directory, Chain& chain, Notary& notary, std::int64_t before_ms, store::Disk& disk) {
  const Result<CheckpointLine> checkpoint = notary.checkpoint();
  if (!checkpoint) return fail(checkpoint.error());
  const Result<VerifyReport> report = verify(directory);
  if (!report) return fail(report.error());
  if (report->broken) return fail(ErrorCode::kCorrupt, "the log is not whole, so nothing is removed: " + report->broken->why);
  const Result<std::vector<Segment>> segments = list_segments(directory);
  const Result<Pruned> before = read_pruned(directory);
  if (!segments || !before) return fail(segments ? before.error() : segments.error());
  const Result<Pruned> pruned = old_part(directory, *segments, checkpoint->tree.size(), before_ms);
  if (!pruned) return fail(pruned.error());
  Removed removed{pruned->size() - before->size(), 0, pruned->size()};
  if (removed.entries > 0) {
    const std::filesystem::path next = directory / (std::string(kPrunedFile) + ".next");
    if (Result<void> written = write_record(disk, next, *pruned); !written) return fail(written.error());
    Entry entry;
    entry.kind = std::string(kPrunedKind);
    entry.details = Json::object({{"sha256", pruned->sha256().hex()}, {"size", pruned->size()}, {"root", pruned->tree.root().hex()}, {"before_ms", before_ms}});
    if (Result<EntryReceipt> told = chain.append(std::move(entry)); !told) return fail(told.error());
    if (Result<CheckpointLine> covered = notary.checkpoint(); !covered) return fail(covered.error());
    if (disk.rename(next, directory / kPrunedFile) != 0 || !store::sync_folder(disk, directory)) return fail(prune_error("put the record in place"));
  }
  Result<std::int64_t> files = remove_files(disk, directory, pruned->size());
  if (!files) return fail(files.error());
  removed.files = *files;
  return removed;
}

}  // namespace sekisho::audit
