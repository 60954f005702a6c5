#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/merkle.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

namespace sekisho::audit {

/// The file of the log's folder that holds checkpoints and the keys that sign them (docs/audit-format.md).
inline constexpr std::string_view kCheckpointFile = "checkpoints.jsonl";
/// Of the Entry that tells which key signs from here on; its details name it.
inline constexpr std::string_view kKeyedKind = "log.keyed";

/// The size and root of the log's tree, as kept outside: enough to find any later change of what it covers.
struct TreeHead {
  std::int64_t size = 0;
  crypto::Digest root;
  bool operator==(const TreeHead&) const = default;

  /// "1234:BASE32", for paper and QR codes.
  [[nodiscard]] std::string paper() const;
  /// Spaces, hyphens and lower case do not matter. Errors: kInvalid.
  [[nodiscard]] static Result<TreeHead> from_paper(std::string_view text);
};

/// A line of the checkpoint file.
struct CheckpointLine {
  std::int64_t number = 0;       ///< 1, 2, 3, …
  crypto::Digest previous;       ///< line_hash of the line before; zeros in the first.
  std::int64_t time_ms = 0;
  std::string key;               ///< 64 hexadecimal characters: who signed a checkpoint; whom a key line brings in.
  std::string by;                ///< A key line's signer: the key before, or `key` itself where it begins anew. Else empty.
  MerkleEdge tree;               ///< Of a checkpoint; empty in a key line.

  [[nodiscard]] bool brings_key() const { return !by.empty(); }
  [[nodiscard]] bool begins() const { return by == key; }
  [[nodiscard]] TreeHead head() const { return {tree.size(), tree.root()}; }
};

/// As it is written, without the line feed. `signer` must be the key that the line names as its signer.
[[nodiscard]] std::string to_text(const CheckpointLine& line, const crypto::SigningKey& signer);
/// A line read back; form, edge, root and signature are checked, its place is the reader's to check. Errors: kCorrupt.
[[nodiscard]] Result<CheckpointLine> parse_checkpoint_line(std::string_view text);
[[nodiscard]] inline crypto::Digest line_hash(std::string_view text) { return crypto::sha256(text); }

/// Walks the file from its first line: numbers, hashes, keys that hand over to each other, sizes that grow.
class CheckpointCheck {
 public:
  /// Errors: kCorrupt, with what is wrong; the walk then stands where it stood.
  [[nodiscard]] Result<CheckpointLine> accept(std::string_view text);
  [[nodiscard]] std::int64_t lines() const { return number_; }
  [[nodiscard]] const std::string& key() const { return key_; }              ///< That signs now; empty before the first line.
  [[nodiscard]] const std::string& beginning() const { return beginning_; }  ///< The last key that was not brought in by another.
  [[nodiscard]] std::int64_t beginnings() const { return beginnings_; }
  [[nodiscard]] const std::optional<TreeHead>& last() const { return last_; }

 private:
  std::int64_t number_ = 0;
  crypto::Digest previous_;
  std::string key_;
  std::string beginning_;
  std::int64_t beginnings_ = 0;
  std::optional<TreeHead> last_;
};

/// The end of the file in `directory`, read without the rest: for going on with it.
struct CheckpointTail {
  std::optional<CheckpointLine> last;        ///< The last line; its signature holds.
  crypto::Digest last_hash;
  std::optional<CheckpointLine> checkpoint;  ///< The last checkpoint, where one is near the end.
  std::uint64_t whole_bytes = 0;
  std::string torn;                          ///< What a crash left behind the last whole line.
};
/// Errors: kUnavailable; kCorrupt where a long file has no whole line near its end.
[[nodiscard]] Result<CheckpointTail> read_checkpoint_tail(const std::filesystem::path& directory);

/// The key lines of `directory` from the last that begins anew: who may sign, shown to someone who has the first key alone.
/// Errors: kUnavailable; kDenied where there is none.
[[nodiscard]] Result<std::vector<std::string>> key_lines(const std::filesystem::path& directory);
/// The keys that such lines bring in, the beginning first. Errors: kCorrupt where one does not hand over to the next.
[[nodiscard]] Result<std::vector<std::string>> follow_keys(const std::vector<std::string>& lines);

/// Whether `hex` has the form of a public key: 64 lower-case hexadecimal characters.
[[nodiscard]] bool is_public_key(std::string_view hex);

}  // namespace sekisho::audit
