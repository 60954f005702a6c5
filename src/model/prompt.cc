#include "model/prompt.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/check.h"

namespace sekisho::model {
namespace {

using process::model::Segment;

/// The fixed text of a chat format: what stands around each role's text.
struct Format {
  Family family;
  std::string_view name;
  std::string_view begin;          ///< Before everything, behind the begin-of-text token.
  std::string_view system_before;  ///< Empty with `system_after`: no system role.
  std::string_view system_after;
  std::string_view user_before;
  std::string_view user_after;
  std::string_view assistant_before;
  std::string_view assistant_after;
  std::string_view answer_before;  ///< Where the model goes on.
};

// Sources: the chat_template of each family's tokenizer_config.json as published by its makers.
constexpr std::array<Format, 7> kFormats = {{
    {Family::kQwen25, "qwen2.5", "", "<|im_start|>system\n", "<|im_end|>\n", "<|im_start|>user\n", "<|im_end|>\n",
     "<|im_start|>assistant\n", "<|im_end|>\n", "<|im_start|>assistant\n"},
    {Family::kQwen3, "qwen3", "", "<|im_start|>system\n", "<|im_end|>\n", "<|im_start|>user\n", "<|im_end|>\n", "<|im_start|>assistant\n",
     "<|im_end|>\n", "<|im_start|>assistant\n<think>\n\n</think>\n\n"},
    {Family::kGemma3, "gemma3", "", "", "", "<start_of_turn>user\n", "<end_of_turn>\n", "<start_of_turn>model\n", "<end_of_turn>\n",
     "<start_of_turn>model\n"},
    {Family::kLlama3, "llama3", "", "<|start_header_id|>system<|end_header_id|>\n\n", "<|eot_id|>",
     "<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>", "<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>",
     "<|start_header_id|>assistant<|end_header_id|>\n\n"},
    {Family::kLlmJp, "llm-jp", "以下は、タスクを説明する指示です。要求を適切に満たす応答を書きなさい。", "", "", "\n\n### 指示:\n", "",
     "\n\n### 応答:\n", "</s>", "\n\n### 応答:\n"},
    {Family::kSarashina, "sarashina", "", "<|system|>", "</s>", "<|user|>", "</s>", "<|assistant|>", "</s>", "<|assistant|>"},
    {Family::kChatMl, "chatml", "", "<|im_start|>system\n", "<|im_end|>\n", "<|im_start|>user\n", "<|im_end|>\n", "<|im_start|>assistant\n",
     "<|im_end|>\n", "<|im_start|>assistant\n"},
}};

const Format& format_of(Family family) {
  const auto found = std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& format) { return format.family == family; });
  CHECK(found != kFormats.end());
  return *found;
}

/// LLM-jp marks the roles by headings in plain text, which a document could imitate: there the hashes become full-width.
std::string without_headings(std::string text) {
  for (const std::string_view heading : {"### 指示", "### 応答", "###指示", "###応答"}) {
    for (std::size_t at = text.find(heading); at != std::string::npos; at = text.find(heading, at)) text.replace(at, 3, "＃＃＃");
  }
  return text;
}

/// Joins fixed text to what stands before it, so that a segment boundary is only where the origin changes.
class Writer {
 public:
  explicit Writer(Family family) : family_(family) {}

  void fixed(std::string_view text) {
    if (text.empty()) return;
    if (segments_.empty() || !segments_.back().special || segments_.back().keep) segments_.push_back({"", true, false});
    segments_.back().text += text;
  }
  void foreign(const Piece& piece) {
    if (piece.text.empty()) {
      if (piece.keep && !segments_.empty()) segments_.back().keep = true;
      return;
    }
    segments_.push_back({family_ == Family::kLlmJp ? without_headings(piece.text) : piece.text, false, piece.keep});
  }
  [[nodiscard]] std::vector<Segment> take() { return std::move(segments_); }

 private:
  Family family_;
  std::vector<Segment> segments_;
};

bool is_conversation(const std::vector<Message>& messages, bool has_system) {
  const std::size_t first = has_system ? 1 : 0;
  if (messages.size() <= first || messages.back().role != Role::kUser) return false;
  for (std::size_t i = first; i < messages.size(); ++i) {
    if (messages[i].role != ((i - first) % 2 == 0 ? Role::kUser : Role::kAssistant)) return false;
  }
  return true;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool has_marker(const GgufSummary& summary, std::string_view marker) {
  return std::find(summary.markers.begin(), summary.markers.end(), marker) != summary.markers.end();
}

}  // namespace

std::string_view name_of(Family family) { return format_of(family).name; }

Result<Family> family_named(std::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return format.family;
  }
  return fail(ErrorCode::kUnsupported, "no chat format is named \"" + std::string(name.substr(0, 64)) + "\"");
}

Result<Family> family_of(const GgufSummary& summary) {
  if (summary.embedding) return fail(ErrorCode::kUnsupported, "an embedding model has no chat format");
  const std::string name = lower(summary.name);
  if (summary.architecture.starts_with("gemma") && has_marker(summary, "<start_of_turn>")) return Family::kGemma3;
  if (summary.architecture.starts_with("qwen3") && has_marker(summary, "<|im_start|>")) {
    // The "instruct" and "coder" editions of Qwen 3 do not think, and know no <think>.
    return name.find("instruct") == std::string::npos && name.find("coder") == std::string::npos ? Family::kQwen3 : Family::kQwen25;
  }
  if (summary.architecture.starts_with("qwen2") && has_marker(summary, "<|im_start|>")) return Family::kQwen25;
  if (has_marker(summary, "<|start_header_id|>")) return Family::kLlama3;
  if (name.find("llm-jp") != std::string::npos || name.find("llmjp") != std::string::npos) return Family::kLlmJp;
  if (name.find("sarashina") != std::string::npos && has_marker(summary, "<|user|>")) return Family::kSarashina;
  if (has_marker(summary, "<|im_start|>")) return Family::kChatMl;
  return fail(ErrorCode::kUnsupported,
              "the model's chat format is not known: none of its control tokens is ours; name a family (sekisho model add --family)");
}

std::vector<Segment> render(Family family, const std::vector<Message>& messages, std::string_view answer_begin) {
  const bool has_system = !messages.empty() && messages.front().role == Role::kSystem;
  CHECK(is_conversation(messages, has_system));
  const Format& format = format_of(family);
  const bool system_role = !format.system_before.empty();
  Writer writer(family);
  writer.fixed(format.begin);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Message& message = messages[i];
    if (message.role == Role::kSystem && system_role) {
      writer.fixed(format.system_before);
      for (const Piece& piece : message.pieces) writer.foreign(piece);
      writer.fixed(format.system_after);
    } else if (message.role == Role::kUser) {
      writer.fixed(format.user_before);
      if (has_system && !system_role && i == 1) {
        for (const Piece& piece : messages.front().pieces) writer.foreign(piece);
        writer.fixed("\n\n");
      }
      for (const Piece& piece : message.pieces) writer.foreign(piece);
      writer.fixed(format.user_after);
    } else if (message.role == Role::kAssistant) {
      writer.fixed(format.assistant_before);
      for (const Piece& piece : message.pieces) writer.foreign(piece);
      writer.fixed(format.assistant_after);
    }
  }
  writer.fixed(format.answer_before);
  writer.foreign({std::string(answer_begin), false});
  return writer.take();
}

std::vector<Message> messages_of(const Reading& reading) {
  std::vector<Message> messages;
  if (!reading.system.empty()) messages.push_back({Role::kSystem, {{reading.system, false}}});
  Message user{Role::kUser, {{reading.before, true}}};
  for (const std::string& passage : reading.passages) user.pieces.push_back({passage, true});
  user.pieces.push_back({reading.question, true});
  if (!reading.demand.empty()) user.pieces.push_back({reading.demand, false});
  messages.push_back(std::move(user));
  return messages;
}

std::vector<std::string> stops_of(Family family) {
  if (family == Family::kLlmJp) return {"\n\n### 指示:", "\n\n### 応答:"};
  return {};
}

}  // namespace sekisho::model
