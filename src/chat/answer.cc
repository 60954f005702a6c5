#include "chat/answer.h"

#include <algorithm>
#include <utility>

#include "text/sentences.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

Json::Array texts(const std::vector<std::string>& values) { return Json::Array(values.begin(), values.end()); }

/// Whether a sentence that ends at the text's end is whole: more of it cannot come.
bool is_whole(std::string_view sentence) {
  constexpr std::string_view kEnds[] = {"。", "！", "？", "」", "）", "』"};
  return std::any_of(std::begin(kEnds), std::end(kEnds), [&](std::string_view end) { return sentence.ends_with(end); });
}

constexpr std::size_t kMarkBytes = 4;  ///< "[12]" at most.

}  // namespace

std::int64_t utf16_length(std::string_view text) {
  std::int64_t units = 0;
  text::for_each_character(text, [&](const text::Character& c) { units += c.value > 0xFFFF ? 2 : 1; });
  return units;
}

void Answer::add(std::string_view text) {
  if (text.empty()) return;
  events_.append("text", Json::object({{"at", sent_utf16_}, {"text", text}}));
  sent_utf16_ += utf16_length(text);
  text_ += text;
  judge_sentences(false);
}

void Answer::finish() { judge_sentences(true); }

void Answer::say(std::string_view text) {
  events_.append("text", Json::object({{"at", sent_utf16_}, {"text", text}}));
  sent_utf16_ += utf16_length(text);
  text_ += text;
  judged_ = text_.size();
  judged_utf16_ = sent_utf16_;
}

void Answer::judge_sentences(bool all) {
  const std::string_view rest = std::string_view(text_).substr(judged_);
  const std::size_t base = judged_;
  for (const text::ByteRange& range : text::sentences(rest)) {
    const std::string_view sentence = range.of(rest);
    // A closing bracket may still follow a full stop at the very end; the next piece tells.
    if (!all && base + range.end == text_.size()) {
      if (!is_whole(sentence) || sentence.ends_with("」") || sentence.ends_with("）") || sentence.ends_with("』")) return;
    }
    const std::int64_t begin = judged_utf16_ + utf16_length(std::string_view(text_).substr(judged_, base + range.begin - judged_));
    const std::int64_t end = begin + utf16_length(sentence);
    const Claim claim = checker_.check(sentence, sources_);
    judged_ = base + range.end;
    judged_utf16_ = end;
    if (claim.verdict == ClaimVerdict::kSupported) ++supported_;
    if (claim.verdict == ClaimVerdict::kNeedsReview) ++needs_review_;
    Json::Array sources(claim.sources.begin(), claim.sources.end());
    claims_.push_back(Json::object({{"start", begin},
                                    {"end", end},
                                    {"check", name_of(claim.verdict)},
                                    {"sources", Json::array(std::move(sources))},
                                    {"matched", Json::array(texts(claim.matched))},
                                    {"missing", Json::array(texts(claim.missing))}}));
    events_.append("claim", claims_.back());
  }
}

std::string MarkFilter::pass(std::string_view piece) {
  held_ += piece;
  std::string out;
  for (;;) {
    const std::size_t open = held_.find('[');
    out += held_.substr(0, open);
    if (open == std::string::npos) {
      held_.clear();
      return out;
    }
    held_.erase(0, open);
    const std::size_t close = held_.find(']');
    if (close == std::string::npos && held_.size() < kMarkBytes) return out;
    const bool is_mark = close != std::string::npos && close >= 2 && close < kMarkBytes &&
                         std::all_of(held_.begin() + 1, held_.begin() + static_cast<std::ptrdiff_t>(close), [](char c) { return c >= '0' && c <= '9'; });
    if (is_mark) {
      held_.erase(0, close + 1);
    } else {
      out += held_.front();
      held_.erase(0, 1);
    }
  }
}

std::string MarkFilter::rest() { return std::exchange(held_, {}); }

}  // namespace sekisho::chat
