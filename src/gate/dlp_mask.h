#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "gate/dlp_policy.h"

namespace sekisho::gate {

/// Reversible masks of one turn: 山田太郎 → 人物A wherever it stands, and back. What is masked never leaves this object.
///
/// Threads: one at a time.
class Masks {
 public:
  /// `text` with each finding to be masked replaced. The same words get the same mask, however they are spaced.
  [[nodiscard]] std::string mask(std::string_view text, const DlpVerdict& verdict);
  /// Puts everything back; also where the mask's letter came back full-width.
  [[nodiscard]] std::string unmask(std::string_view text) const;

  [[nodiscard]] bool empty() const { return originals_.empty(); }
  [[nodiscard]] std::size_t size() const { return originals_.size(); }
  /// How many bytes at the end of `text` may be the beginning of a mask: more may follow.
  [[nodiscard]] std::size_t unfinished(std::string_view text) const;

 private:
  std::map<std::string, std::string> masks_;      ///< By the original in index form without blanks.
  std::map<std::string, std::string> originals_;  ///< By mask.
  std::map<std::string, int> counts_;             ///< Masks of each word: 人物, 住所, …
};

/// Puts the originals back into an answer that arrives in pieces; a mask may be split between them. `masks` must outlive it.
class Unmasker {
 public:
  explicit Unmasker(const Masks& masks) : masks_(masks) {}
  /// The piece with the originals; what may be the beginning of a mask is held back.
  [[nodiscard]] std::string pass(std::string_view piece);
  /// What was held back at the end.
  [[nodiscard]] std::string rest();

 private:
  const Masks& masks_;
  std::string held_;
};

/// `text` with each finding whose action is at least `from` replaced for good: 〔個人番号〕.
[[nodiscard]] std::string blackened(std::string_view text, const DlpVerdict& verdict, DlpAction from = DlpAction::kMask);

}  // namespace sekisho::gate
