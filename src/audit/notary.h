#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "audit/chain.h"
#include "audit/checkpoint.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/disk.h"

namespace sekisho::audit {

struct NotaryOptions {
  std::filesystem::path keys;     ///< The folder of the secret key; outside of the log's.
  std::filesystem::path witness;  ///< A file elsewhere that gets a copy of every line of the checkpoint file; empty: none.
  std::int64_t key_checkpoints = 256;                       ///< A key signs at most so many checkpoints,
  std::int64_t key_life_ms = std::int64_t{24} * 3'600'000;  ///< and at most so long.
  store::Disk* disk = &store::Disk::real();                 ///< Must outlive the notary.
};

/// The tree that the last checkpoint in `directory` covers, for Chain::open; empty where there is none.
[[nodiscard]] Result<MerkleEdge> last_known_tree(const std::filesystem::path& directory);

/// A signature of the key that holds now.
struct Signature {
  std::string text;   ///< What was signed, without its domain.
  std::string bytes;  ///< 64.
};

/// Writes signed checkpoints of a log (docs/audit-format.md). A key hands over to a fresh one and is erased, so that who
/// steals today's key cannot sign for yesterday. The log tells of each key before it signs.
///
/// Threads: safe from any; one checkpoint at a time. Blocks: two syncs a checkpoint.
class Notary {
 public:
  /// Goes on with the checkpoint file in `directory`, or begins it. Where the key is gone but the file is not, a new key
  /// begins anew, which every verifier reports. `chain` and `clock` must outlive the notary.
  /// Errors: kCorrupt (the key is not the file's), kUnavailable (a key that others may read; the disk).
  [[nodiscard]] static Result<std::unique_ptr<Notary>> open(const std::filesystem::path& directory, Chain& chain, const Clock& clock,
                                                            NotaryOptions options);
  ~Notary();
  Notary(const Notary&) = delete;
  Notary& operator=(const Notary&) = delete;

  /// Durable when this returns: a checkpoint over every Entry that was acknowledged before the call; the last one again
  /// where nothing came since. Errors: kUnavailable.
  [[nodiscard]] Result<CheckpointLine> checkpoint();

  /// Signs `domain` ‖ what `write` makes, given the hexadecimal public key that signs it. `domain` ends in a line feed and
  /// is no checkpoint's.
  [[nodiscard]] Signature sign(std::string_view domain, const std::function<std::string(const std::string& key)>& write) const;

  /// From the next checkpoint on, that file is the witness; empty: none.
  void set_witness(std::filesystem::path witness);
  /// Why the witness does not hold all checkpoints, in English; empty: it does, or none is kept.
  [[nodiscard]] std::string witness_trouble() const;

 private:
  struct State;
  explicit Notary(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sekisho::audit
