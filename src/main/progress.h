#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sekisho::main {

/// "120 / 600（20 %）　残り 約3分20秒"; without the rest of time where nothing is done yet.
[[nodiscard]] std::string progress_words(std::size_t done, std::size_t total, std::int64_t elapsed_ms);

/// One line of standard error that is written over again while something goes on. Where standard error is no terminal, all
/// of it does nothing. Clear it before anything else is printed. Threads: one at a time.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Shows `text`, at most ten times a second.
  void show(std::string_view text);
  void clear();
  [[nodiscard]] bool on_terminal() const { return on_terminal_; }

 private:
  const bool on_terminal_;
  const SystemClock clock_;
  std::int64_t shown_ms_ = 0;
  bool shown_ = false;
};

}  // namespace sekisho::main
