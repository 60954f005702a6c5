#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/chain.h"
#include "base/json.h"
#include "base/result.h"
#include "gate/actor.h"
#include "gate/dlp_policy.h"
#include "gate/label.h"
#include "gate/permit.h"
#include "gate/policy.h"

namespace sekisho::gate {

/// What a release is for; becomes part of its Entry. Holds no content.
struct Purpose {
  std::string what;                   ///< "answer", "passages", "document", …: the Entry's kind is "release." + what.
  std::vector<std::string> subjects;  ///< Ids of the turn, the passages, the document.
  Json facts = Json::object();        ///< Counts and hashes.
};

/// Why the policy says no. The asker is told none of this: the log is.
enum class Refusal {
  kNone,
  kClearance,    ///< The level is above the actor's clearance.
  kReaders,      ///< The actor is in no group of at least one reader set.
  kDestination,  ///< A destination is not approved for the level, or not named by the policy.
  kHandling,     ///< A 取扱制限 forbids a destination.
};
[[nodiscard]] std::string_view name_of(Refusal refusal);

/// The decision alone, without a record. Pure.
[[nodiscard]] Refusal judge(const Policy& policy, const Actor& actor, const Label& label, const std::vector<Destination>& destinations);

/// Decides whether data may leave one place for another, and records every decision.
///
/// Threads: safe from any. Blocks: one durable audit append per call of admit, close and record.
class Gate {
 public:
  /// All must outlive the gate. Without `dlp` nothing is looked for.
  Gate(const Policy& policy, audit::Chain& chain, const Dlp& dlp = Dlp::none());

  /// Asks to send data that bears `label` to all `destinations` for `actor`. One release, one Entry.
  /// An actor who came with an API key reaches the screen only up to what api_key is approved for.
  /// The Entry is durable before the permit exists: a permit proves a record.
  /// Errors: kDenied (recorded too), kUnavailable (the record could not be written).
  [[nodiscard]] Result<Permit> admit(const Actor& actor, const Label& label, std::vector<Destination> destinations,
                                     const Purpose& purpose);
  [[nodiscard]] Result<Permit> admit(const Actor& actor, const Label& label, const Destination& destination,
                                     const Purpose& purpose) {
    return admit(actor, label, std::vector<Destination>{destination}, purpose);
  }

  /// Records how a release ended: counts, hashes, whether it was stopped. Kind: "closed." + the purpose's `what`.
  [[nodiscard]] Result<audit::EntryReceipt> close(const Actor& actor, const Permit& permit, const Purpose& purpose,
                                                  audit::Outcome outcome);

  /// Records anything else that `actor` did ("shelf.created", …).
  [[nodiscard]] Result<audit::EntryReceipt> record(const Actor& actor, std::string kind, std::vector<std::string> subjects,
                                                   audit::Outcome outcome, Json details = Json::object());

  /// The decision alone, without a record: for `explain` and for tests.
  [[nodiscard]] Refusal judge(const Actor& actor, const Label& label, const std::vector<Destination>& destinations) const {
    return gate::judge(policy_, actor, label, destinations);
  }

  [[nodiscard]] const Policy& policy() const { return policy_; }
  /// What is done about personal data on the way.
  [[nodiscard]] const Dlp& dlp() const { return dlp_; }

 private:
  const Policy& policy_;
  audit::Chain& chain_;
  const Dlp& dlp_;
};

/// Whether `actor` may read what bears `label`. Pure; releases nothing.
[[nodiscard]] bool may_read(const Actor& actor, const Label& label);

}  // namespace sekisho::gate
