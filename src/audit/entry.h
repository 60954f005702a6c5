#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace sekisho::audit {

enum class Outcome {
  kAllowed,  ///< A decision: it may.
  kDenied,   ///< A decision: it may not.
  kDone,     ///< Something that was to happen has happened.
  kFailed,   ///< It has not, and why is in the details.
};
[[nodiscard]] std::string_view name_of(Outcome outcome);

/// A label as the log keeps it: names, so that the log is readable without the policy of its day.
struct EntryLabel {
  std::string level;
  std::vector<std::vector<std::string>> readers;
  bool operator==(const EntryLabel&) const = default;
};

/// One fact of the audit log. Never holds content (questions, passages, answers): hashes, counts, ids and names.
struct Entry {
  std::string kind;           ///< What happened, dotted lower case: "release.answer", "account.suspended".
  std::int64_t time_ms = 0;   ///< Wall clock, milliseconds since 1970 UTC.
  std::string actor_id;       ///< Empty where nobody is known (a failed sign-in, the system).
  std::string actor_name;     ///< As typed or as known then.
  std::vector<std::string> subjects;  ///< Ids of what it is about.
  std::optional<EntryLabel> label;
  Outcome outcome = Outcome::kDone;
  Json details = Json::object();
};

/// Of the first Entry of every log.
inline constexpr std::string_view kFirstKind = "log.begun";

/// Where an Entry stands in the chain: proof for whoever keeps it.
struct EntryReceipt {
  std::int64_t sequence = 0;  ///< 1, 2, 3, …
  crypto::Digest hash;
};

/// The one way to write a JSON value (docs/audit-format.md): members sorted by the bytes of their keys, no spaces,
/// integers only; a number that is not an integer becomes text.
[[nodiscard]] std::string canonical(const Json& json);

/// An Entry as the line of its place in the chain, without the line feed.
struct Line {
  std::string text;
  crypto::Digest hash;
};
[[nodiscard]] Line to_line(const Entry& entry, std::int64_t sequence, const crypto::Digest& previous);

/// A line read back, its own hash and form checked; its place in the chain is the reader's to check.
struct ReadLine {
  std::int64_t sequence = 0;
  crypto::Digest previous;
  crypto::Digest hash;
  Entry entry;
};
/// Errors: kCorrupt, with what is wrong.
[[nodiscard]] Result<ReadLine> parse_line(std::string_view line);

}  // namespace sekisho::audit
