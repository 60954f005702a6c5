#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

/// Function calling: how tools are described to a model, and how its calls are read. The form is that of Hermes and Qwen,
/// <tool_call>{"name":…,"arguments":{…}}</tool_call>, which most open models have seen in training.
namespace sekisho::api {

/// A function that the client offers.
struct Tool {
  std::string name;
  std::string description;
  Json parameters = Json::object();  ///< A JSON schema.
};

enum class ToolChoice { kNone, kAuto, kRequired };

/// What a request says of tools. A named function is kRequired with that one in `tools`.
struct ToolRequest {
  std::vector<Tool> tools;
  ToolChoice choice = ToolChoice::kNone;
  bool parallel = true;  ///< More than one call in an answer is allowed.
};

/// A call as the model made it.
struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  ///< JSON text of an object.
};

/// Reads `tools`, `tool_choice` and `parallel_tool_calls` of a request.
[[nodiscard]] ToolRequest decode_tools(JsonReader& reader);

/// What stands in the system message; empty where no tool may be called.
[[nodiscard]] std::string tool_instructions(const ToolRequest& request);
/// What a call begins with. A model that must call is made to begin with it.
inline constexpr std::string_view kToolCallBegin = "<tool_call>";
/// How a call of an earlier answer is written.
[[nodiscard]] std::string tool_call_text(std::string_view name, std::string_view arguments);
/// How a tool's answer is written.
[[nodiscard]] std::string tool_response_text(std::string_view content);

/// A JSON schema that exactly the calls of these tools fulfil.
/// Errors: kUnsupported (two tools define different things under one name in $defs).
[[nodiscard]] Result<std::string> tool_call_schema(const std::vector<Tool>& tools);

/// The calls in `text`: every JSON object with the name of a known tool and an object of arguments. Their ids are fresh.
[[nodiscard]] std::vector<ToolCall> find_tool_calls(std::string_view text, const std::vector<Tool>& tools);

/// Parts an answer that arrives piece by piece into what may be shown and what may be a call.
/// A call begins with <tool_call> anywhere, or with { or ```json at the very beginning. Threads: one.
class ToolCallFilter {
 public:
  /// What of everything so far may be shown now.
  [[nodiscard]] std::string pass(std::string_view piece);
  /// What was not shown.
  [[nodiscard]] const std::string& held() const { return held_; }
  /// Whether what is held began as a call.
  [[nodiscard]] bool in_call() const { return in_call_; }

 private:
  std::string held_;
  bool shown_ = false;
  bool in_call_ = false;
};

}  // namespace sekisho::api
