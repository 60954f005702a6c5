#include "chat/hold.h"

#include <algorithm>

#include "chat/reading.h"
#include "text/sentences.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

/// So sure before a word was written that the first sentence is not held back.
constexpr double kSureAtOnce = 0.9;
/// A refusal shows within so many characters.
constexpr std::size_t kRefusalCharacters = 24;

}  // namespace

Hold::Hold(const std::optional<model::Calibration>& judge, model::JudgeFeatures before, const ClaimChecker& checker, std::string_view read,
           Until until)
    : judge_(judge), before_(before), checker_(checker), read_(read) {
  if (until == Until::kFirstSentence) return;
  if (!judge_) {
    sure_ = true;
    return;
  }
  // The answer's own features stand at their means: they speak neither way.
  model::JudgeFeatures features = before_;
  features.mean_log_probability = judge_->means[1];
  features.min_log_probability = judge_->means[2];
  features.answer_coverage = judge_->means[5];
  sure_ = model::decide(judge_, features).probability >= std::max(kSureAtOnce, judge_->threshold);
}

model::JudgeFeatures Hold::features() const {
  model::JudgeFeatures features = before_;
  features.mean_log_probability = tokens_ == 0 ? 0 : sum_ / static_cast<double>(tokens_);
  features.min_log_probability = min_;
  features.refused = is_refusal(text_);
  features.answer_coverage = checker_.word_coverage(text_, read_);
  return features;
}

bool Hold::seen_enough() const {
  if (sure_) return text::count_characters(text_) >= kRefusalCharacters;
  return text_.ends_with("。") || text::sentences(text_).size() > 1;
}

Hold::State Hold::add(const process::model::Token& token) {
  if (state_ != State::kHeld) return state_;
  sum_ += token.log_probability;
  min_ = tokens_ == 0 ? token.log_probability : std::min(min_, token.log_probability);
  tokens_ += token.tokens;
  text_ += token.text;
  return seen_enough() ? decide() : state_;
}

Hold::State Hold::finish() {
  if (state_ != State::kHeld) return state_;
  return text::sentences(text_).empty() ? state_ = State::kSilent : decide();
}

Hold::State Hold::decide() {
  const model::JudgeFeatures features = this->features();
  const bool there = !features.refused && (sure_ || model::decide(judge_, features).answer_is_there);
  state_ = there ? State::kReleased : State::kSilent;
  return state_;
}

}  // namespace sekisho::chat
