#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "main/progress.h"
#include "main/remote.h"
#include "main/turn_record.h"

namespace sekisho::main {

struct AskOptions : ClientFlags {
  std::string question;
  std::vector<std::string> shelves;  ///< Names or ids; empty: all that may be read.
  bool no_documents = false;
  std::string conversation_id;       ///< Empty: a new one.
};

using LevelNames = std::function<std::string(std::int64_t)>;

/// Writes an answer while it comes: text to `out`, what goes on meanwhile to the progress line.
class AnswerPrinter {
 public:
  AnswerPrinter(std::ostream& out, ProgressLine& progress) : out_(out), progress_(progress) {}
  void take(const http::ReceivedEvent& event, std::string_view added);

 private:
  std::ostream& out_;
  ProgressLine& progress_;
};

/// What stands below an answer: how much of it the documents support, what is to be checked, the sources.
[[nodiscard]] std::string answer_notes(const TurnRecord& record, const LevelNames& level_name);

/// 「規程.docx　第12条　3ページ」
[[nodiscard]] std::string place_of(const Json& passage);

[[nodiscard]] int run_ask(const AskOptions& options);

}  // namespace sekisho::main
