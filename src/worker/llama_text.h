#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process/model_protocol.h"

namespace sekisho::worker {

/// Turns the bytes of tokens into pieces of text that can be sent: never half a character, never the beginning of a
/// stop string that may still be completed, nothing from a stop string on.
class AnswerText {
 public:
  /// Empty stop strings are ignored.
  explicit AnswerText(std::vector<std::string> stop);

  void add(std::string_view bytes, double log_probability);
  /// A stop string was completed: nothing more may be added.
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// What can be sent now. `log_probability` is the sum over its `tokens`: those added since the piece before.
  [[nodiscard]] std::optional<process::model::Token> take();
  /// Everything that is left at the end of the answer, but for a character that was never completed.
  [[nodiscard]] std::optional<process::model::Token> finish();

 private:
  [[nodiscard]] std::optional<process::model::Token> release(std::size_t bytes);
  [[nodiscard]] std::size_t held_back_bytes() const;

  std::vector<std::string> stop_;
  std::string text_;  ///< Not sent yet.
  process::model::Token next_{.text = {}, .log_probability = 0, .tokens = 0};
  bool stopped_ = false;
};

}  // namespace sekisho::worker
