#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "gate/dlp_policy.h"
#include "gate/policy.h"

namespace sekisho::library {

/// What a document says of people, added up page by page while it is read: kinds and counts, no content.
///
/// Threads: one at a time. Both must outlive it.
class PersonalTally {
 public:
  PersonalTally(const gate::Dlp& dlp, const gate::Policy& policy) : dlp_(dlp), policy_(policy) {}

  void add(std::int64_t page, std::string_view text);
  /// By the rules for files, on all pages together.
  [[nodiscard]] gate::DlpVerdict verdict() const;
  /// As a document keeps it (Document::personal); null where no rule speaks.
  [[nodiscard]] Json to_json(const gate::DlpVerdict& verdict) const;

 private:
  const gate::Dlp& dlp_;
  const gate::Policy& policy_;
  std::vector<gate::Finding> findings_;
  std::map<std::pair<std::int64_t, gate::PersonalKind>, std::int64_t> pages_;
};

}  // namespace sekisho::library
