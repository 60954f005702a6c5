#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "gate/dlp_mask.h"
#include "gate/dlp_policy.h"
#include "process/model_protocol.h"

namespace sekisho::chat {

/// Looks for personal data in an answer as it is written and lets nothing out that was not judged: text is held back until no
/// number, name or address can go on behind it. Where no rule speaks of answers, everything passes at once.
///
/// Threads: one at a time. `dlp` must outlive it. Memory: a few KiB.
class AnswerGuard {
 public:
  AnswerGuard(const gate::Dlp& dlp, std::vector<gate::Destination> destinations, gate::Level level);

  /// Takes the next piece; returns what may be shown now, with what is to be masked replaced.
  [[nodiscard]] std::string pass(std::string_view piece);
  /// No piece follows: the rest.
  [[nodiscard]] std::string rest();

  /// A rule stops the answer: nothing comes out any more.
  [[nodiscard]] bool blocked() const { return action_ == gate::DlpAction::kBlock; }
  [[nodiscard]] gate::DlpAction action() const { return action_; }
  /// How many of each kind were found: {"個人番号":1}.
  [[nodiscard]] Json counts() const;
  /// {"action":…,"found":…,"place":"回答"}, for an Entry; null where nothing was found.
  [[nodiscard]] Json facts() const;
  /// How many bytes of what was taken have been judged.
  [[nodiscard]] std::size_t judged_bytes() const { return judged_bytes_; }

 private:
  /// Judges and takes out the first `size` bytes of what is held.
  [[nodiscard]] std::string release(std::size_t size);
  [[nodiscard]] std::size_t safe_size() const;

  const gate::Dlp& dlp_;
  const std::vector<gate::Destination> destinations_;
  const gate::Level level_;
  const bool acts_;
  const bool seeks_words_;  ///< Names and addresses, too: text is let out by clauses.
  std::string context_;     ///< The end of what was let out: a label may stand in it.
  std::string held_;
  std::size_t judged_bytes_ = 0;
  gate::DlpVerdict found_;  ///< Of the whole answer; places mean nothing.
  gate::DlpAction action_ = gate::DlpAction::kNone;
};

/// Replaces in `prompt` what a rule masks on its way to the local engine. The template's own text is let be.
void mask_prompt(const gate::Dlp& dlp, gate::Level level, std::vector<process::model::Segment>& prompt, gate::Masks& masks);

}  // namespace sekisho::chat
