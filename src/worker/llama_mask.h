#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worker/llama_characters.h"

namespace sekisho::worker {

using TokenId = std::int32_t;

/// A model's vocabulary as the bytes that each token adds to an answer, and which tokens an answer of a kind may hold.
/// Made once a model (some 50 ms), then read only. Threads: any.
class Vocabulary {
 public:
  /// `pieces[token]` is empty for tokens that print nothing. `end[token]`: ends an answer. `control[token]`: steers the
  /// model and prints nothing; one that is not an end is never chosen, so that no answer can open a turn of its own.
  Vocabulary(std::vector<std::string> pieces, std::vector<bool> end, std::vector<bool> control);

  [[nodiscard]] std::size_t size() const { return pieces_.size(); }
  [[nodiscard]] const std::string& piece(TokenId token) const { return pieces_[static_cast<std::size_t>(token)]; }
  [[nodiscard]] bool ends(TokenId token) const { return end_[static_cast<std::size_t>(token)]; }

  [[nodiscard]] const std::vector<TokenId>& never() const { return never_; }        ///< Control tokens.
  [[nodiscard]] const std::vector<TokenId>& foreign() const { return foreign_; }    ///< Not allowed in Japanese text at a character's start.
  [[nodiscard]] const std::vector<TokenId>& continuing() const { return continuing_; }  ///< Start in the middle of a character.

 private:
  std::vector<std::string> pieces_;
  std::vector<bool> end_;
  std::vector<TokenId> never_;
  std::vector<TokenId> foreign_;
  std::vector<TokenId> continuing_;
};

/// Keeps one answer within CharacterSet. Follows the answer, so that a character made of several tokens is judged as a
/// whole and none is begun that could only become a foreign one.
class JapaneseMask {
 public:
  /// `vocabulary` must outlive the mask.
  JapaneseMask(const Vocabulary& vocabulary, std::string_view prompt);

  /// Sets to −∞ what must not come next. `logits` has one value a token.
  void apply(std::span<float> logits) const;
  /// Call with each token that was chosen.
  void accept(TokenId token);

 private:
  const Vocabulary& vocabulary_;
  CharacterSet set_;
  std::vector<TokenId> foreign_;  ///< Only where the prompt brought characters of its own; else the vocabulary's.
  std::string pending_;
};

}  // namespace sekisho::worker
