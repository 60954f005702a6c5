#include "worker/llama_mask.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace sekisho::worker {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

}  // namespace

Vocabulary::Vocabulary(std::vector<std::string> pieces, std::vector<bool> end, std::vector<bool> control)
    : pieces_(std::move(pieces)), end_(std::move(end)) {
  CHECK(end_.size() == pieces_.size() && control.size() == pieces_.size());
  const CharacterSet standards;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const auto token = static_cast<TokenId>(i);
    if (control[i] && !end_[i]) never_.push_back(token);
    if (pieces_[i].empty()) continue;
    if (!continue_within(standards, {}, pieces_[i])) foreign_.push_back(token);
    if ((static_cast<unsigned char>(pieces_[i][0]) & 0xC0) == 0x80) continuing_.push_back(token);
  }
}

JapaneseMask::JapaneseMask(const Vocabulary& vocabulary, std::string_view prompt) : vocabulary_(vocabulary), set_(prompt) {
  if (!set_.has_extra()) return;
  for (const TokenId token : vocabulary_.foreign()) {
    if (!continue_within(set_, {}, vocabulary_.piece(token))) foreign_.push_back(token);
  }
}

void JapaneseMask::apply(std::span<float> logits) const {
  CHECK(logits.size() == vocabulary_.size());
  if (pending_.empty()) {
    for (const TokenId token : set_.has_extra() ? foreign_ : vocabulary_.foreign()) logits[static_cast<std::size_t>(token)] = kForbidden;
    return;
  }
  // In the middle of a character only its other bytes may follow.
  std::vector<std::pair<TokenId, float>> kept;
  for (const TokenId token : vocabulary_.continuing()) {
    if (continue_within(set_, pending_, vocabulary_.piece(token))) kept.emplace_back(token, logits[static_cast<std::size_t>(token)]);
  }
  std::fill(logits.begin(), logits.end(), kForbidden);
  for (const auto& [token, logit] : kept) logits[static_cast<std::size_t>(token)] = logit;
}

void JapaneseMask::accept(TokenId token) {
  pending_ = continue_within(set_, pending_, vocabulary_.piece(token)).value_or("");
}

}  // namespace sekisho::worker
