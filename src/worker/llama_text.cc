#include "worker/llama_text.h"

#include <algorithm>

#include "base/check.h"
#include "worker/llama_characters.h"

namespace sekisho::worker {

AnswerText::AnswerText(std::vector<std::string> stop) : stop_(std::move(stop)) {
  std::erase_if(stop_, [](const std::string& each) { return each.empty(); });
}

void AnswerText::add(std::string_view bytes, double log_probability) {
  CHECK(!stopped_);
  text_ += bytes;
  next_.log_probability += log_probability;
  ++next_.tokens;
  std::size_t first = std::string::npos;
  for (const std::string& stop : stop_) first = std::min(first, text_.find(stop));
  if (first == std::string::npos) return;
  stopped_ = true;
  text_.resize(first);
}

std::size_t AnswerText::held_back_bytes() const {
  std::size_t held = incomplete_tail_bytes(text_);
  for (const std::string& stop : stop_) {
    for (std::size_t count = std::min(stop.size() - 1, text_.size()); count > held; --count) {
      if (std::string_view(text_).ends_with(std::string_view(stop).substr(0, count))) held = count;
    }
  }
  // A stop string may begin inside a character's bytes only if it is broken itself; never cut a character then either.
  return held + incomplete_tail_bytes(std::string_view(text_).substr(0, text_.size() - held));
}

std::optional<process::model::Token> AnswerText::release(std::size_t bytes) {
  if (bytes == 0) return std::nullopt;
  process::model::Token piece{.text = text_.substr(0, bytes), .log_probability = next_.log_probability, .tokens = next_.tokens};
  text_.erase(0, bytes);
  next_ = {.text = {}, .log_probability = 0, .tokens = 0};
  return piece;
}

std::optional<process::model::Token> AnswerText::take() { return release(text_.size() - held_back_bytes()); }

std::optional<process::model::Token> AnswerText::finish() { return release(text_.size() - incomplete_tail_bytes(text_)); }

}  // namespace sekisho::worker
