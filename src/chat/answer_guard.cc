#include "chat/answer_guard.h"

#include <algorithm>
#include <utility>

#include "gate/dlp_scan.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

constexpr std::size_t kContextBytes = 400;
/// Text without any place to cut it is judged as it is when there is so much of it.
constexpr std::size_t kHeldBytes = 4 * 1024;

bool ends_clause(char32_t c) { return c == U'。' || c == U'！' || c == U'？' || c == U'」'; }

/// Whether a number that ended with `c` may go on behind it.
bool may_go_on(char32_t c) { return gate::dlp::digit_value(c) >= 0 || gate::dlp::is_separator(c) || text::is_ascii_letter(c) || c == '@' || gate::dlp::is_numeral_unit(c); }

}  // namespace

AnswerGuard::AnswerGuard(const gate::Dlp& dlp, std::vector<gate::Destination> destinations, gate::Level level)
    : dlp_(dlp),
      destinations_(std::move(destinations)),
      level_(level),
      acts_(dlp.acts(gate::DlpPlace::kAnswer, destinations_, level)),
      seeks_words_(dlp.seeks_words(gate::DlpPlace::kAnswer, destinations_, level)) {}

std::string AnswerGuard::pass(std::string_view piece) {
  if (!acts_) {
    judged_bytes_ += piece.size();
    return std::string(piece);
  }
  if (blocked()) return {};
  held_ += piece;
  return release(safe_size());
}

std::string AnswerGuard::rest() { return blocked() ? std::string() : release(held_.size()); }

std::size_t AnswerGuard::safe_size() const {
  std::size_t safe = 0;
  bool after_number = false;  // Digits, and nothing but separators since.
  text::for_each_character(held_, [&](const text::Character& c) {
    const bool clause = ends_clause(c.value) || (c.value == '\n' && !after_number);
    after_number = may_go_on(c.value) && (after_number || !gate::dlp::is_separator(c.value));
    if (clause || (!seeks_words_ && !may_go_on(c.value))) safe = c.end();
  });
  if (safe == 0 && held_.size() > kHeldBytes) safe = text::character_boundary_before(held_, held_.size() - kContextBytes);
  return safe;
}

std::string AnswerGuard::release(std::size_t size) {
  if (size == 0) return {};
  const std::string text = context_ + held_.substr(0, size);
  const std::size_t old = context_.size();
  gate::DlpVerdict verdict = dlp_.judge(gate::DlpPlace::kAnswer, destinations_, level_, text);
  // What ended before was judged then; what began there and goes on is taken from here on.
  std::erase_if(verdict.items, [&](const gate::DlpVerdict::Item& item) { return item.finding.end <= old; });
  for (gate::DlpVerdict::Item& item : verdict.items) {
    item.finding.begin = std::max(item.finding.begin, old);
    action_ = std::max(action_, item.action);
    found_.items.push_back(item);
  }
  held_.erase(0, size);
  judged_bytes_ += size;
  context_ = text.substr(text::character_boundary_before(text, text.size() - std::min(text.size(), kContextBytes)));
  if (blocked()) return {};
  return gate::blackened(text, verdict).substr(old);
}

Json AnswerGuard::counts() const { return found_.counts(); }

Json AnswerGuard::facts() const {
  if (action_ == gate::DlpAction::kNone) return {};
  return Json::object({{"action", gate::name_of(action_)}, {"found", counts()}, {"place", gate::name_of(gate::DlpPlace::kAnswer)}});
}

void mask_prompt(const gate::Dlp& dlp, gate::Level level, std::vector<process::model::Segment>& prompt, gate::Masks& masks) {
  for (process::model::Segment& segment : prompt) {
    if (segment.special) continue;
    const gate::DlpVerdict verdict = dlp.judge(gate::DlpPlace::kQuestion, {gate::Destination::local_engine()}, level, segment.text);
    if (verdict.action >= gate::DlpAction::kMask) segment.text = masks.mask(segment.text, verdict);
  }
}

}  // namespace sekisho::chat
