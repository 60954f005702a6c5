#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "chat/claim_check.h"
#include "chat/event.h"

namespace sekisho::chat {

/// The answer as it grows: its text goes out as it comes, each sentence is checked as soon as it is whole.
///
/// Threads: one at a time. All references must outlive it.
class Answer {
 public:
  Answer(EventLog& events, const ClaimChecker& checker) : events_(events), checker_(checker) {}

  /// The passages that sentences are checked against from now on, the likeliest first; the views must outlive the answer.
  void read_from(std::vector<SourceText> sources) { sources_ = std::move(sources); }

  /// Appends text: emits `text`, and a `claim` for each sentence that it completes.
  void add(std::string_view text);
  /// No text follows: judges what is left.
  void finish();
  /// Appends text that is ours (資料には見当たりません…): no claims.
  void say(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const Json::Array& claims() const { return claims_; }
  [[nodiscard]] std::int64_t supported() const { return supported_; }
  [[nodiscard]] std::int64_t needs_review() const { return needs_review_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  void judge_sentences(bool all);

  EventLog& events_;
  const ClaimChecker& checker_;
  std::vector<SourceText> sources_;
  std::string text_;
  std::size_t judged_ = 0;         ///< Bytes.
  std::int64_t judged_utf16_ = 0;  ///< The same place in UTF-16 units, which the page counts in.
  std::int64_t sent_utf16_ = 0;
  Json::Array claims_;
  std::int64_t supported_ = 0;
  std::int64_t needs_review_ = 0;
};

/// Length in UTF-16 code units.
[[nodiscard]] std::int64_t utf16_length(std::string_view text);

/// Takes the `[n]` marks out of text that arrives in pieces; a mark may be split between them.
class MarkFilter {
 public:
  /// The piece without marks; what may be the beginning of one is held back.
  [[nodiscard]] std::string pass(std::string_view piece);
  /// What was held back at the end.
  [[nodiscard]] std::string rest();

 private:
  std::string held_;
};

}  // namespace sekisho::chat
