#include "audit/chain.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

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

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(log_error_of("write"));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  const FileDescriptor folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) return fail(log_error_of("sync its folder"));
  return {};
}

std::filesystem::path torn_path(const std::filesystem::path& directory, std::int64_t next_sequence) {
  return directory / fmt::format("torn-{:020}.part", next_sequence);
}

/// Where the last file stands: the walk over its whole lines, and the bytes behind them.
struct Tail {
  ChainCheck check;
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

/// Walks the last file. A crash leaves garbage behind the last whole line, never whole lines behind a broken one.
Result<void> walk_tail(Tail& tail) {
  Result<LineReader> reader = LineReader::open(tail.path);
  if (!reader) return fail(reader.error());
  for (bool torn = false;;) {
    Result<std::optional<std::string>> line = reader->next();
    if (!line) return fail(line.error());
    if (!*line) break;
    if (!torn && tail.check.accept(**line)) {
      tail.whole_bytes += (*line)->size() + 1;
      continue;
    }
    torn = true;
    if (parse_line(**line)) {
      return fail(ErrorCode::kCorrupt, fmt::format("the audit log was changed near entry {}: see `sekisho audit verify`", tail.check.next_sequence()));
    }
  }
  Result<std::string> bytes = read_from(tail.path, tail.whole_bytes);
  if (!bytes) return fail(bytes.error());
  tail.torn = std::move(*bytes);
  return {};
}

Result<Tail> find_tail(const std::filesystem::path& directory) {
  const Result<std::vector<Segment>> segments = list_segments(directory);
  if (!segments) return fail(segments.error());
  Tail tail;
  if (segments->empty()) {
    tail.path = segment_path(directory, 1);
    return tail;
  }
  const Segment& last = segments->back();
  tail.path = last.path;
  crypto::Digest previous;
  if (segments->size() > 1) {
    const Result<crypto::Digest> hash = last_hash((*segments)[segments->size() - 2]);
    if (!hash) return fail(hash.error());
    previous = *hash;
  }
  tail.check = ChainCheck(last.first_sequence, previous);
  if (Result<void> walked = walk_tail(tail); !walked) return fail(walked.error());
  return tail;
}

/// Keeps the torn bytes in a file of their own before they are cut off.
Result<void> set_aside(const std::filesystem::path& directory, const Tail& tail) {
  const FileDescriptor aside(
      ::open(torn_path(directory, tail.check.next_sequence()).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!aside.valid()) return fail(log_error_of("set a torn end aside"));
  if (Result<void> written = write_all(aside.get(), tail.torn); !written) return written;
  if (::fsync(aside.get()) != 0) return fail(log_error_of("sync a torn end"));
  return sync_directory(directory);
}

}  // namespace

/// Entries that are written and synced together. Kept by those who wait for it, as long as the last of them.
struct Batch {
  std::string bytes;
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
  FileDescriptor lock_file;

  std::mutex mutex;
  std::condition_variable changed;
  EntryReceipt assigned;  ///< The last Entry that has a place.
  EntryReceipt durable;   ///< The last Entry that has reached the disk.
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
  lock_file = FileDescriptor(::open((directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_file.valid()) return fail(log_error_of("open its lock"));
  if (::flock(lock_file.get(), LOCK_EX | LOCK_NB) != 0) return fail(ErrorCode::kConflict, "the audit log: another process holds it");
  return {};
}

Result<void> Chain::State::open_file(const std::filesystem::path& path, std::uint64_t whole_bytes) {
  file = FileDescriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file.valid()) return fail(log_error_of("open a file"));
  if (::ftruncate(file.get(), static_cast<off_t>(whole_bytes)) != 0 || ::fsync(file.get()) != 0) return fail(log_error_of("prepare a file"));
  file_bytes = whole_bytes;
  return sync_directory(directory);
}

Result<void> Chain::State::rotate(std::int64_t first_sequence) {
  if (file_bytes < options.segment_bytes) return {};
  return open_file(segment_path(directory, first_sequence), 0);
}

Result<void> Chain::State::write_batch(const Batch& batch, std::int64_t first_sequence) {
  if (unusable) return fail(ErrorCode::kUnavailable, "the audit log: an earlier write failed; restart to check it");
  if (Result<void> rotated = rotate(first_sequence); !rotated) return rotated;
  if (Result<void> written = write_all(file.get(), batch.bytes); !written) {
    // Nothing of the batch was acknowledged: take it back, and the log is as before.
    unusable = ::ftruncate(file.get(), static_cast<off_t>(file_bytes)) != 0 || ::fsync(file.get()) != 0;
    return written;
  }
  if (::fdatasync(file.get()) != 0) {
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
  auto state = std::make_unique<State>(directory, clock, options);
  if (Result<void> locked = state->take_lock(); !locked) return fail(locked.error());
  const Result<Tail> tail = find_tail(directory);
  if (!tail) return fail(tail.error());
  if (!tail->torn.empty()) {
    if (Result<void> aside = set_aside(directory, *tail); !aside) return fail(aside.error());
  }
  if (Result<void> opened = state->open_file(tail->path, tail->whole_bytes); !opened) return fail(opened.error());
  state->assigned = state->durable = tail->check.head();
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

}  // namespace sekisho::audit
