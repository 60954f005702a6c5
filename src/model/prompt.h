#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/gguf_check.h"
#include "process/model_protocol.h"

namespace sekisho::model {

/// How a family of models expects a conversation to be written. The file's own template is untrusted text and never used.
enum class Family {
  kQwen25,  ///< ChatML
  kQwen3,   ///< ChatML, and the thinking is closed before it begins
  kGemma3,
  kLlama3,
  kLlmJp,      ///< LLM-jp v3: headings in plain text
  kSarashina,  ///< Sarashina 2.2
  kChatMl,     ///< The fallback
};

/// Stable name as in models/catalog.toml: "qwen2.5", "qwen3", "gemma3", "llama3", "llm-jp", "sarashina", "chatml".
[[nodiscard]] std::string_view name_of(Family family);
/// Errors: kUnsupported for an unknown name.
[[nodiscard]] Result<Family> family_named(std::string_view name);
/// A guess from the architecture, the name and the control tokens of the file.
/// Errors: kUnsupported where no known format's control tokens are in the vocabulary, and for encoders.
[[nodiscard]] Result<Family> family_of(const GgufSummary& summary);

enum class Role { kSystem, kUser, kAssistant };

/// Text of one origin. `keep`: all up to its end is a prefix worth keeping in memory (process::model::Segment).
struct Piece {
  std::string text;
  bool keep = false;
};

struct Message {
  Role role = Role::kUser;
  std::vector<Piece> pieces;
};

/// The conversation as segments, ending where the assistant begins to speak. Only the format's own text may become control
/// tokens; everything in `messages` (people's, documents', assistants' prompts) stays plain text whatever it looks like.
/// The engine puts the begin-of-text token in front where the model's file asks for one; it is not written here.
///
/// `messages`: an optional kSystem first, then kUser and kAssistant in turns, beginning and ending with kUser (CHECKed).
/// Families without a system role get its text at the head of the first user message.
/// `answer_begin`: text that the assistant is made to begin with, as if it had said so.
[[nodiscard]] std::vector<process::model::Segment> render(Family family, const std::vector<Message>& messages,
                                                          std::string_view answer_begin = "");

/// The messages of a question read from passages, best passage first: [system][before][passages…][question] (INFERENCE.md).
/// The end of the fixed part and of each passage is kept, so that the next question about the same passages starts there.
struct Reading {
  std::string system;                 ///< Instructions: the fixed prefix.
  std::string before;                 ///< Before the passages: "資料:\n". Fixed too.
  std::vector<std::string> passages;  ///< Each with its own heading and line breaks.
  std::string question;               ///< With its own heading. Kept in memory: more may be asked of the same reading.
  std::string demand = {};            ///< What is asked of the model beyond the question; may be empty.
};
[[nodiscard]] std::vector<Message> messages_of(const Reading& reading);

/// Texts that end an answer of this family besides the model's own end token.
[[nodiscard]] std::vector<std::string> stops_of(Family family);

}  // namespace sekisho::model
