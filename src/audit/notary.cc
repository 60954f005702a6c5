#include "audit/notary.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "audit/key_file.h"
#include "audit/witness.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "store/disk_error.h"

namespace sekisho::audit {
namespace {

Error file_error(const char* what) {
  const int number = errno;
  return store::disk_error(fmt::format("the checkpoint file: cannot {}", what), number);
}

}  // namespace

Result<MerkleEdge> last_known_tree(const std::filesystem::path& directory) {
  Result<CheckpointTail> tail = read_checkpoint_tail(directory);
  if (!tail) return fail(tail.error());
  return tail->checkpoint ? tail->checkpoint->tree : MerkleEdge();
}

struct Notary::State {
  State(std::filesystem::path folder, Chain& its_chain, const Clock& its_clock, NotaryOptions its_options)
      : directory(std::move(folder)), chain(its_chain), clock(its_clock), options(std::move(its_options)), keys(options.keys, *options.disk), witness(options.witness) {}

  const std::filesystem::path directory;
  Chain& chain;
  const Clock& clock;
  const NotaryOptions options;
  store::Disk& disk = *options.disk;

  mutable std::mutex mutex;
  KeyFile keys;
  std::optional<HeldKey> held;  ///< Always there once open.
  bool announced = false;       ///< Whether the log tells of it.
  FileDescriptor file;
  std::uint64_t file_bytes = 0;
  std::int64_t number = 0;      ///< Of the last line.
  crypto::Digest last_hash;
  std::optional<CheckpointLine> last;  ///< Checkpoint.
  bool unusable = false;
  std::filesystem::path witness;
  std::string witness_trouble;

  Result<void> open_file(const CheckpointTail& tail);
  Result<void> set_aside(const CheckpointTail& tail);
  Result<void> settle_keys(const CheckpointTail& tail);
  Result<void> append(CheckpointLine line, const crypto::SigningKey& signer);
  Result<void> bring_in_key();
  Result<void> announce();
  bool key_is_spent() const;
  Result<CheckpointLine> checkpoint();
  void tell_witness();
};

/// What a crash left, kept beside before it is cut off: it may also be somebody's work.
Result<void> Notary::State::set_aside(const CheckpointTail& tail) {
  const std::filesystem::path path = directory / fmt::format("torn-checkpoints-{:020}.part", number + 1);
  const FileDescriptor aside(disk.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const bool kept = aside.valid() && store::write_all(disk, aside.get(), tail.torn.data(), tail.torn.size()) && disk.fsync(aside.get()) == 0;
  if (!kept) return fail(file_error("set a torn end aside"));
  log_warning("checkpoints.torn", {{"file", path.filename().string()}});
  return {};
}

Result<void> Notary::State::open_file(const CheckpointTail& tail) {
  number = tail.last ? tail.last->number : 0;
  last_hash = tail.last_hash;
  last = tail.checkpoint;
  if (!tail.torn.empty()) {
    if (Result<void> aside = set_aside(tail); !aside) return aside;
  }
  file = FileDescriptor(disk.open(directory / kCheckpointFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  file_bytes = tail.whole_bytes;
  const bool ready = file.valid() && disk.ftruncate(file.get(), static_cast<off_t>(file_bytes)) == 0 && disk.fsync(file.get()) == 0 &&
                     store::sync_folder(disk, directory);
  if (!ready) return fail(file_error("open it"));
  return {};
}

/// A crash may have come between a successor, its line in the file and its taking the place.
Result<void> Notary::State::settle_keys(const CheckpointTail& tail) {
  const std::string holds = tail.last ? tail.last->key : "";
  Result<std::optional<HeldKey>> next = keys.read_next();
  if (!next && next.error().code != ErrorCode::kCorrupt) return fail(next.error());
  if (next && *next && (*next)->public_hex() == holds) {
    if (Result<void> promoted = keys.promote(); !promoted) return promoted;
  } else if (Result<void> dropped = keys.drop_next(); !dropped) {
    return dropped;
  }
  Result<std::optional<HeldKey>> current = keys.read();
  if (!current) return fail(current.error());
  if (*current && !holds.empty() && (*current)->public_hex() != holds) {
    return fail(ErrorCode::kCorrupt, fmt::format("the key in {} is not the one that {} names last: put the right one back, or take it away to begin with a new one",
                                                 options.keys.string(), kCheckpointFile));
  }
  held = std::move(*current);
  announced = tail.last && !tail.last->brings_key();
  if (held && !holds.empty()) return {};
  if (!holds.empty()) log_warning("checkpoints.key_lost", {{"key", holds}});
  held.reset();
  return bring_in_key();
}

Result<void> Notary::State::append(CheckpointLine line, const crypto::SigningKey& signer) {
  if (unusable) return fail(ErrorCode::kUnavailable, "the checkpoint file: an earlier write failed; restart to check it");
  line.number = number + 1;
  line.previous = last_hash;
  line.time_ms = clock.wall_ms();
  const std::string text = to_text(line, signer);
  const std::string bytes = text + "\n";
  if (!store::write_all(disk, file.get(), bytes.data(), bytes.size())) {
    const Error why = file_error("write it");
    unusable = disk.ftruncate(file.get(), static_cast<off_t>(file_bytes)) != 0 || disk.fsync(file.get()) != 0;
    return fail(why);
  }
  if (disk.fdatasync(file.get()) != 0) {
    unusable = true;
    return fail(file_error("sync it"));
  }
  file_bytes += bytes.size();
  number = line.number;
  last_hash = line_hash(text);
  if (!line.brings_key()) last = std::move(line);
  return {};
}

/// A fresh key, signed by the one that holds, or by itself where none does.
Result<void> Notary::State::bring_in_key() {
  HeldKey fresh{crypto::SigningKey::random(), clock.wall_ms(), number + 1};
  if (Result<void> written = keys.write_next(fresh); !written) return written;
  CheckpointLine line;
  line.key = fresh.public_hex();
  line.by = held ? held->public_hex() : line.key;
  if (Result<void> told = append(std::move(line), held ? held->key : fresh.key); !told) return told;
  unusable = true;  // Until the file names the key that we hold again.
  if (Result<void> promoted = keys.promote(); !promoted) return promoted;
  unusable = false;
  held = std::move(fresh);
  announced = false;
  return {};
}

/// The log tells of the key before the key signs for the log.
Result<void> Notary::State::announce() {
  Entry entry;
  entry.kind = std::string(kKeyedKind);
  entry.details = Json::object({{"key", held->public_hex()}, {"line", held->number}});
  Result<EntryReceipt> told = chain.append(std::move(entry));
  if (!told) return fail(told.error());
  announced = true;
  return {};
}

bool Notary::State::key_is_spent() const {
  const std::int64_t age_ms = clock.wall_ms() - held->since_ms;
  return number - held->number >= options.key_checkpoints || age_ms >= options.key_life_ms || age_ms < 0;
}

Result<CheckpointLine> Notary::State::checkpoint() {
  if (last && last->tree.size() == chain.tree().size()) return *last;
  if (key_is_spent()) {
    if (Result<void> replaced = bring_in_key(); !replaced) return fail(replaced.error());
  }
  if (!announced) {
    if (Result<void> told = announce(); !told) return fail(told.error());
  }
  CheckpointLine line;
  line.key = held->public_hex();
  line.tree = chain.tree();
  if (Result<void> written = append(std::move(line), held->key); !written) return fail(written.error());
  tell_witness();
  return *last;
}

void Notary::State::tell_witness() {
  if (witness.empty()) return;
  const Result<void> told = add_to_witness(directory, witness);
  if (!told) log_error("checkpoints.witness", {{"why", told.error().detail}});
  witness_trouble = told ? "" : told.error().detail;
}

Notary::Notary(std::unique_ptr<State> state) : state_(std::move(state)) {}
Notary::~Notary() = default;

Result<std::unique_ptr<Notary>> Notary::open(const std::filesystem::path& directory, Chain& chain, const Clock& clock, NotaryOptions options) {
  const Result<CheckpointTail> tail = read_checkpoint_tail(directory);
  if (!tail) return fail(tail.error());
  auto state = std::make_unique<State>(directory, chain, clock, std::move(options));
  if (Result<void> opened = state->open_file(*tail); !opened) return fail(opened.error());
  if (Result<void> settled = state->settle_keys(*tail); !settled) return fail(settled.error());
  state->tell_witness();
  return std::unique_ptr<Notary>(new Notary(std::move(state)));
}

Result<CheckpointLine> Notary::checkpoint() {
  const std::lock_guard lock(state_->mutex);
  return state_->checkpoint();
}

Signature Notary::sign(std::string_view domain, const std::function<std::string(const std::string& key)>& write) const {
  const std::lock_guard lock(state_->mutex);
  std::string text = write(state_->held->public_hex());
  std::string bytes = state_->held->key.sign(std::string(domain).append(text));
  return {std::move(text), std::move(bytes)};
}

void Notary::set_witness(std::filesystem::path witness) {
  const std::lock_guard lock(state_->mutex);
  if (state_->witness == witness) return;
  state_->witness = std::move(witness);
  state_->witness_trouble.clear();
}

std::string Notary::witness_trouble() const {
  const std::lock_guard lock(state_->mutex);
  return state_->witness_trouble;
}

}  // namespace sekisho::audit
