#include "audit/chain.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

#include "audit/pruned.h"
#include "audit/segment.h"
#include "base/check.h"
#include "base/file_descriptor.h"
#include "base/id.h"
#include "base/log.h"
#include "store/disk_error.h"

namespace sekisho::audit {
namespace {

Error log_error_of(const char* what) {
  const int number = errno;
  return store::disk_error(fmt::format("the audit log: cannot {}", what), number);
}

std::filesystem::path torn_path(const std::filesystem::path& directory, std::int64_t next_sequence) {
  return directory / fmt::format("torn-{:020}.part", next_sequence);
}

/// Where the last file stands: the walk over its whole lines, and the bytes behind them.
struct Tail {
  ChainCheck check;
  MerkleEdge tree;  ///< Over all whole lines; those that it held already are not added again.
  std::filesystem::path path;
  std::uint64_t whole_bytes = 0;
  std::string torn;
};

/// The hash of the last line of a file that a later file follows.
Result<crypto::Digest> last_hash(const Segment& segment) {
  Result<LineReader> reader = LineReader::open(segment.path);
  if (!reader) return fail(reader.error());
  std::string last;
  for (;;) {
    Result<std::optional<std::string>> line = reader->next();
    if (!line) return fail(line.error());
    if (!*line) break;
    last = std::move(**line);
  }
  const Result<ReadLine> read = parse_line(last);
  if (!read || !reader->rest().empty()) return fail(ErrorCode::kCorrupt, "the audit log: the end of " + segment.path.filename().string());
  return read->hash;
}

Result<std::string> read_from(const std::filesystem::path& path, std::uint64_t offset) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) return fail(log_error_of("read its end"));
  std::string bytes(static_cast<std::size_t>(status.st_size) - offset, '\0');
  for (std::size_t have = 0; have < bytes.size();) {
    const ssize_t got = ::pread(file.get(), bytes.data() + have, bytes.size() - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(log_error_of("read its end"));
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

/// One more whole line of the chain.
bool take(Tail& tail, std::string_view line) {
  const Result<ReadLine> read = tail.check.accept(line);
  if (read && read->sequence > tail.tree.size()) tail.tree.add(read->hash);
  return read.has_value();
}

Error changed_near(std::int64_t sequence) {
  return {ErrorCode::kCorrupt, fmt::format("the audit log was changed near entry {}: see `sekisho audit verify`", sequence)};
}

/// Walks a file that another follows.
Result<void> walk_whole(const Segment& segment, Tail& tail) {
  Result<LineReader> reader = LineReader::open(segment.path);
  if (!reader) return fail(reader.error());
  for (;;) {
    Result<std::optional<std::string>> line = reader->next();
    if (!line) return fail(line.error());
    if (!*line) break;
    if (!take(tail, **line)) return fail(changed_near(tail.check.next_sequence()));
  }
  if (!reader->rest().empty()) return fail(changed_near(tail.check.next_sequence()));
  return {};
}

/// Walks the last file. A crash leaves garbage behind the last whole line, never whole lines behind a broken one.
Result<void> walk_tail(Tail& tail) {
  Result<LineReader> reader = LineReader::open(tail.path);
  if (!reader) return fail(reader.error());
  for (bool torn = false;;) {
    Result<std::optional<std::string>> line = reader->next();
    if (!line) return fail(line.error());
    if (!*line) break;
    if (!torn && take(tail, **line)) {
      tail.whole_bytes += (*line)->size() + 1;
      continue;
    }
    torn = true;
    if (parse_line(**line)) return fail(changed_near(tail.check.next_sequence()));
  }
  Result<std::string> bytes = read_from(tail.path, tail.whole_bytes);
  if (!bytes) return fail(bytes.error());
  tail.torn = std::move(*bytes);
  return {};
}

/// The file that the first Entry behind `known` stands in, at most the last.
std::size_t first_unknown(const std::vector<Segment>& segments, std::int64_t known) {
  std::size_t at = segments.size() - 1;
  while (at > 0 && segments[at].first_sequence > known + 1) --at;
  return at;
}

Result<Tail> find_tail(const std::filesystem::path& directory, const MerkleEdge& known) {
  Result<std::vector<Segment>> all = list_segments(directory);
  const Result<Pruned> pruned = read_pruned(directory);
  if (!all || !pruned) return fail(all ? pruned.error() : all.error());
  const std::vector<Segment> segments = behind(std::move(*all), pruned->size());
  Tail tail;
  tail.tree = known.size() < pruned->size() ? pruned->tree : known;
  tail.path = segments.empty() ? segment_path(directory, pruned->size() + 1) : segments.back().path;
  tail.check = ChainCheck(pruned->size() + 1, pruned->head);
  if (!segments.empty()) {
    const std::size_t from = first_unknown(segments, tail.tree.size());
    if (from > 0) {
      const Result<crypto::Digest> hash = last_hash(segments[from - 1]);
      if (!hash) return fail(hash.error());
      tail.check = ChainCheck(segments[from].first_sequence, *hash);
    }
    if (segments[from].first_sequence != tail.check.next_sequence()) return fail(changed_near(tail.check.next_sequence()));
    for (std::size_t i = from; i + 1 < segments.size(); ++i) {
      if (Result<void> walked = walk_whole(segments[i], tail); !walked) return fail(walked.error());
      if (segments[i + 1].first_sequence != tail.check.next_sequence()) return fail(changed_near(tail.check.next_sequence()));
    }
    if (Result<void> walked = walk_tail(tail); !walked) return fail(walked.error());
  }
  if (tail.tree.size() != tail.check.head().sequence) return fail(changed_near(tail.check.next_sequence()));
  return tail;
}

/// Keeps the torn bytes in a file of their own before they are cut off.
Result<void> set_aside(store::Disk& disk, const std::filesystem::path& directory, const Tail& tail) {
  const std::filesystem::path path = torn_path(directory, tail.check.next_sequence());
  const FileDescriptor aside(disk.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!aside.valid() || !store::write_all(disk, aside.get(), tail.torn.data(), tail.torn.size())) return fail(log_error_of("set a torn end aside"));
  if (disk.fsync(aside.get()) != 0 || !store::sync_folder(disk, directory)) return fail(log_error_of("sync a torn end"));
  return {};
}

}  // namespace

/// Entries that are written and synced together. Kept by those who wait for it, as long as the last of them.
struct Batch {
  std::string bytes;
  std::vector<crypto::Digest> hashes;
  EntryReceipt last;
  bool done = false;
  std::optional<Error> error;
};

struct Chain::State {
  State(std::filesystem::path folder, const Clock& its_clock, ChainOptions its_options)
      : directory(std::move(folder)), clock(its_clock), options(its_options) {}

  const std::filesystem::path directory;
  const Clock& clock;
  const ChainOptions options;
  store::Disk& disk = *options.disk;
  FileDescriptor lock_file;

  std::mutex mutex;
  std::condition_variable changed;
  EntryReceipt assigned;  ///< The last Entry that has a place.
  EntryReceipt durable;   ///< The last Entry that has reached the disk.
  MerkleEdge tree;        ///< Over all that have.
  std::shared_ptr<Batch> gathering = std::make_shared<Batch>();  ///< Shared: its waiters outlast its turn here.
  bool writing = false;   ///< One thread writes a batch; it alone touches what follows.
  FileDescriptor file;
  std::uint64_t file_bytes = 0;
  bool unusable = false;  ///< What is on the disk is not known; only opening anew finds out.

  Result<void> take_lock();
  Result<void> open_file(const std::filesystem::path& path, std::uint64_t whole_bytes);
  Result<void> rotate(std::int64_t first_sequence);
  Result<void> write_batch(const Batch& batch, std::int64_t first_sequence);
  void settle(const std::shared_ptr<Batch>& batch, Result<void> written);
};

Result<void> Chain::State::take_lock() {
  lock_file = FileDescriptor(disk.open(directory / "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_file.valid()) return fail(log_error_of("open its lock"));
  if (::flock(lock_file.get(), LOCK_EX | LOCK_NB) != 0) return fail(ErrorCode::kConflict, "the audit log: another process holds it");
  return {};
}

Result<void> Chain::State::open_file(const std::filesystem::path& path, std::uint64_t whole_bytes) {
  file = FileDescriptor(disk.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file.valid()) return fail(log_error_of("open a file"));
  if (disk.ftruncate(file.get(), static_cast<off_t>(whole_bytes)) != 0 || disk.fsync(file.get()) != 0) return fail(log_error_of("prepare a file"));
  file_bytes = whole_bytes;
  if (!store::sync_folder(disk, directory)) return fail(log_error_of("sync its folder"));
  return {};
}

Result<void> Chain::State::rotate(std::int64_t first_sequence) {
  if (file_bytes < options.segment_bytes) return {};
  return open_file(segment_path(directory, first_sequence), 0);
}

Result<void> Chain::State::write_batch(const Batch& batch, std::int64_t first_sequence) {
  if (unusable) return fail(ErrorCode::kUnavailable, "the audit log: an earlier write failed; restart to check it");
  if (Result<void> rotated = rotate(first_sequence); !rotated) return rotated;
  if (!store::write_all(disk, file.get(), batch.bytes.data(), batch.bytes.size())) {
    const Error why = log_error_of("write");
    // Nothing of the batch was acknowledged: take it back, and the log is as before.
    unusable = disk.ftruncate(file.get(), static_cast<off_t>(file_bytes)) != 0 || disk.fsync(file.get()) != 0;
    return fail(why);
  }
  if (disk.fdatasync(file.get()) != 0) {
    unusable = true;  // After a failed sync the kernel may have dropped the pages; trying again would lie.
    return fail(log_error_of("sync"));
  }
  file_bytes += batch.bytes.size();
  return {};
}

void Chain::State::settle(const std::shared_ptr<Batch>& batch, Result<void> written) {
  writing = false;
  batch->done = true;
  if (written) {
    durable = batch->last;
    for (const crypto::Digest& hash : batch->hashes) tree.add(hash);
  } else {
    log_error("audit.unwritable", {{"why", written.error().detail}});
    batch->error = written.error();
    // Those that gathered meanwhile are chained to what does not exist.
    gathering->error = written.error();
    gathering->done = true;
    gathering = std::make_shared<Batch>();
    assigned = durable;
  }
  changed.notify_all();
}

Chain::Chain(std::unique_ptr<State> state) : state_(std::move(state)) {}
Chain::~Chain() = default;

Result<std::unique_ptr<Chain>> Chain::open(const std::filesystem::path& directory, const Clock& clock, ChainOptions options) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return fail(ErrorCode::kUnavailable, "the audit log: cannot make its folder: " + failed.message());
  ::chmod(directory.c_str(), 0700);
  auto state = std::make_unique<State>(directory, clock, std::move(options));
  if (Result<void> locked = state->take_lock(); !locked) return fail(locked.error());
  const Result<Tail> tail = find_tail(directory, state->options.known);
  if (!tail) return fail(tail.error());
  if (!tail->torn.empty()) {
    if (Result<void> aside = set_aside(state->disk, directory, *tail); !aside) return fail(aside.error());
  }
  if (Result<void> opened = state->open_file(tail->path, tail->whole_bytes); !opened) return fail(opened.error());
  state->assigned = state->durable = tail->check.head();
  state->tree = tail->tree;
  std::unique_ptr<Chain> chain(new Chain(std::move(state)));

  // The file of a torn end is looked for, not remembered: a crash may have come between cutting and recording.
  const std::filesystem::path torn = torn_path(directory, tail->check.next_sequence());
  const FileDescriptor aside(::open(torn.c_str(), O_RDONLY | O_CLOEXEC));
  std::optional<Entry> first;
  if (tail->check.next_sequence() == 1) {
    first = Entry{.kind = std::string(kFirstKind), .details = Json::object({{"log", random_id_text()}})};
  } else if (aside.valid()) {
    const Result<crypto::Digest> hash = crypto::sha256_of_file(aside.get());
    if (!hash) return fail(hash.error());
    first = Entry{.kind = "log.recovered", .details = Json::object({{"file", torn.filename().string()}, {"sha256", hash->hex()}})};
  }
  if (first) {
    if (Result<EntryReceipt> written = chain->append(std::move(*first)); !written) return fail(written.error());
  }
  return chain;
}

Result<EntryReceipt> Chain::append(Entry entry) {
  State& state = *state_;
  if (entry.time_ms == 0) entry.time_ms = state.clock.wall_ms();
  std::unique_lock lock(state.mutex);
  const std::int64_t sequence = state.assigned.sequence + 1;
  const Line line = to_line(entry, sequence, state.assigned.hash);
  if (line.text.size() > limits::kAuditLineBytes) return fail(ErrorCode::kTooLarge, fmt::format("an audit entry of {} bytes", line.text.size()));
  // A line that could not be read back would break the chain for good.
  if (const Result<ReadLine> read = parse_line(line.text); !read) return fail(ErrorCode::kInvalid, "an audit entry: " + read.error().detail);
  const std::shared_ptr<Batch> batch = state.gathering;
  batch->bytes.append(line.text).push_back('\n');
  batch->hashes.push_back(line.hash);
  const EntryReceipt receipt{sequence, line.hash};
  batch->last = state.assigned = receipt;

  while (!batch->done) {
    if (state.writing) {
      state.changed.wait(lock);
      continue;
    }
    CHECK(batch == state.gathering);
    state.writing = true;
    state.gathering = std::make_shared<Batch>();
    const std::int64_t first_sequence = state.durable.sequence + 1;
    lock.unlock();
    Result<void> written = state.write_batch(*batch, first_sequence);
    lock.lock();
    state.settle(batch, std::move(written));
  }
  if (batch->error) return fail(*batch->error);
  return receipt;
}

EntryReceipt Chain::head() const {
  const std::lock_guard lock(state_->mutex);
  return state_->durable;
}

MerkleEdge Chain::tree() const {
  const std::lock_guard lock(state_->mutex);
  return state_->tree;
}

}  // namespace sekisho::audit
