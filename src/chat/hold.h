#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chat/claim_check.h"
#include "model/judge.h"
#include "process/model_protocol.h"

namespace sekisho::chat {

/// Holds the beginning of an answer back until it is decided whether the passage holds the answer at all (INFERENCE.md,
/// "Is the answer there?"): nobody sees a guess that is taken back. Where the judge is sure before the first word, only
/// so much is held as shows a refusal; otherwise the first sentence.
///
/// Threads: one at a time. All references must outlive it.
class Hold {
 public:
  enum class Until {
    kSure,           ///< Hold no longer than needed.
    kFirstSentence,  ///< Always a whole sentence: for calibration, so that every sample is seen alike.
  };
  /// `before`: the features that are known before the answer; `read` is the text of the passages.
  Hold(const std::optional<model::Calibration>& judge, model::JudgeFeatures before, const ClaimChecker& checker, std::string_view read,
       Until until = Until::kSure);

  enum class State {
    kHeld,      ///< Not decided.
    kReleased,  ///< The answer is there: text() may be shown, and what follows.
    kSilent,    ///< The passage does not answer the question.
  };
  /// Takes the next token while kHeld.
  State add(const process::model::Token& token);
  /// No token follows.
  State finish();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  /// All that is known now: for calibration.
  [[nodiscard]] model::JudgeFeatures features() const;

 private:
  [[nodiscard]] bool seen_enough() const;
  State decide();

  const std::optional<model::Calibration>& judge_;
  model::JudgeFeatures before_;
  const ClaimChecker& checker_;
  std::string_view read_;
  bool sure_ = false;
  State state_ = State::kHeld;
  std::string text_;
  double sum_ = 0;
  double min_ = 0;
  std::int64_t tokens_ = 0;
};

}  // namespace sekisho::chat
