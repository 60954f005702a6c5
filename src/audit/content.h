#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/secret_file.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/json.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "store/blobs.h"

namespace sekisho::audit {

/// A key of sealed content: of one label and one month (UTC).
struct ContentKey {
  std::string id;     ///< "2026-07-0123456789abcdef"
  std::string month;  ///< "2026-07"
  std::string label;  ///< As gate::Policy::to_text writes it.
};

/// The words behind Entries (a question, its answer, the passages), sealed beside the log: an Entry holds the hash of the sealed
/// bytes, never words. Who erases a key makes all that it sealed unreadable, and no hash, chain or proof changes.
///
/// Threads: safe from any. Blocks: keep() makes one file durable.
class Contents {
 public:
  /// `log` is the log's folder; sealed bytes lie in `content/` there. `keys` is a folder of its own outside of it. `clock` must outlive this.
  /// Errors: kUnavailable (also a key that others may read), kCorrupt (a key file).
  [[nodiscard]] static Result<std::unique_ptr<Contents>> open(const std::filesystem::path& log, const std::filesystem::path& keys, const Clock& clock);

  /// Seals `content` under the key of `label` and this month. `subject` (the turn's id) is authenticated with it. Returns what the Entry
  /// holds: {"bytes","key","sha256"}. Durable when this returns. Errors: kUnavailable.
  [[nodiscard]] Result<Json> keep(std::string_view label, std::string_view subject, const Json& content);
  /// `place` is what keep() returned. Errors: kDenied (its key was erased), kCorrupt, kUnavailable.
  [[nodiscard]] Result<Json> read(const Json& place, std::string_view subject) const;

  [[nodiscard]] std::vector<ContentKey> keys() const;
  /// For good. One that is not there is erased. Errors: kUnavailable.
  [[nodiscard]] Result<void> erase(const std::string& id);

 private:
  struct Held {
    ContentKey key;
    crypto::SealKey secret;
  };
  struct State {
    SecretFolder folder;
    std::map<std::string, Held> held;  ///< By id.
  };
  Contents(State state, std::unique_ptr<store::Blobs> blobs, const Clock& clock) : state_(std::move(state)), blobs_(std::move(blobs)), clock_(clock) {}
  static Result<Held> parse(std::string id, const crypto::SecretBytes& text);
  static Result<const Held*> key_for(State& state, std::string_view label, const std::string& month);

  mutable Guarded<State> state_;
  const std::unique_ptr<store::Blobs> blobs_;
  const Clock& clock_;
};

/// "2026-07", UTC.
[[nodiscard]] std::string month_of(std::int64_t time_ms);

}  // namespace sekisho::audit
