#include "api/openai_tools.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "api/openai_error.h"
#include "base/id.h"

namespace sekisho::api {
namespace {

constexpr std::size_t kTools = 64;
constexpr std::size_t kToolNameCharacters = 64;
constexpr std::size_t kDescriptionCharacters = 8'000;
constexpr std::size_t kCalls = 16;

constexpr std::array<std::string_view, 2> kFirstMarkers = {"{", "```json"};

bool is_tool_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

const Tool* tool_named(const std::vector<Tool>& tools, std::string_view name) {
  const auto found = std::find_if(tools.begin(), tools.end(), [&](const Tool& tool) { return tool.name == name; });
  return found == tools.end() ? nullptr : &*found;
}

Result<Tool> decode_function(const Json& json, const std::string& path) {
  JsonReader reader(json, path);
  Tool tool;
  tool.name = reader.text("name", {.min_characters = 1, .max_characters = kToolNameCharacters});
  tool.description = reader.text_if("description", {.max_characters = kDescriptionCharacters}).value_or("");
  const Json* parameters = reader.raw_if("parameters");
  reader.ignore("strict");  // Where a call must be made it always fulfils the schema.
  if (parameters != nullptr && parameters->as_object() == nullptr) reader.reject("parameters", "must be a JSON schema, an object");
  if (!tool.name.empty() && !is_tool_name(tool.name)) reader.reject("name", "letters, digits, _ and - only");
  if (auto done = reader.finish(); !done) return fail(done.error());
  tool.parameters = parameters != nullptr && !parameters->as_object()->empty()
                        ? *parameters
                        : Json::object({{"type", "object"}, {"properties", Json::object()}});
  return tool;
}

Result<Tool> decode_tool(const Json& json, const std::string& path) {
  JsonReader reader(json, path);
  const std::string type = reader.text("type", {.max_characters = 64});
  const Json* function = reader.raw_if("function");
  if (!type.empty() && type != "function") reader.reject("type", "only \"function\" is known here");
  if (function == nullptr) reader.reject("function", "is missing");
  if (auto done = reader.finish(); !done) return fail(done.error());
  return decode_function(*function, path + ".function");
}

std::vector<Tool> decode_list(JsonReader& reader) {
  std::vector<Tool> tools;
  const Json* raw = reader.raw_if("tools");
  if (raw == nullptr) return tools;
  const Json::Array* items = raw->as_array();
  if (items == nullptr || items->size() > kTools) {
    reader.reject("tools", fmt::format("must be a list of at most {} tools", kTools));
    return tools;
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto tool = decode_tool((*items)[i], fmt::format("{}.tools[{}]", reader.path(), i));
    if (!tool) {
      reject_within(reader, "tools", tool.error());
      return {};
    }
    if (tool_named(tools, tool->name) != nullptr) reader.reject("tools", fmt::format("{} is there twice", tool->name));
    tools.push_back(*std::move(tool));
  }
  return tools;
}

/// The name in {"type":"function","function":{"name":…}}.
std::optional<std::string> named_function(const Json& choice) {
  const Json* function = choice.find("function");
  if (choice.text_or("type") != "function" || function == nullptr) return std::nullopt;
  std::string name = function->text_or("name");
  return name.empty() ? std::nullopt : std::optional(std::move(name));
}

void decode_choice(JsonReader& reader, ToolRequest& request) {
  request.choice = request.tools.empty() ? ToolChoice::kNone : ToolChoice::kAuto;
  const Json* raw = reader.raw_if("tool_choice");
  if (raw == nullptr) return;
  const std::string* word = raw->as_string();
  const auto named = named_function(*raw);
  if (word != nullptr && *word == "none") {
    request.choice = ToolChoice::kNone;
  } else if (word != nullptr && *word == "auto") {
    return;
  } else if (word != nullptr && *word == "required") {
    request.choice = ToolChoice::kRequired;
    if (request.tools.empty()) reader.reject("tool_choice", "\"required\" without tools");
  } else if (named) {
    const Tool* tool = tool_named(request.tools, *named);
    if (tool == nullptr) return reader.reject("tool_choice", "names a function that is not among the tools");
    request.tools = {*tool};
    request.choice = ToolChoice::kRequired;
  } else {
    reader.reject("tool_choice", R"(must be "none", "auto", "required" or {"type":"function","function":{"name":…}})");
  }
}

Json call_schema(const Tool& tool, const Json& parameters) {
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"name", Json::object({{"const", tool.name}})}, {"arguments", parameters}})},
                       {"required", Json::array({"name", "arguments"})},
                       {"additionalProperties", false}});
}

/// Where the object that begins at `begin` ends, one past its brace; nothing where it does not end.
std::optional<std::size_t> end_of_object(std::string_view text, std::size_t begin) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return std::nullopt;
}

std::optional<ToolCall> call_of(const Json& json, const std::vector<Tool>& tools) {
  // {"name","arguments"}, or the same one level down under "function", as OpenAI's own form has it.
  const Json* inner = json.find("function");
  const Json& body = inner != nullptr && inner->as_object() != nullptr ? *inner : json;
  const std::string name = body.text_or("name");
  const Json* arguments = body.find("arguments");
  if (arguments == nullptr) arguments = body.find("parameters");
  if (tool_named(tools, name) == nullptr || arguments == nullptr) return std::nullopt;
  Json parsed = *arguments;
  if (const std::string* text = arguments->as_string()) {
    auto value = Json::parse(*text);
    if (!value) return std::nullopt;
    parsed = *std::move(value);
  }
  if (parsed.as_object() == nullptr) return std::nullopt;
  return ToolCall{"call_" + random_id_text(), name, parsed.dump()};
}

bool begins_alike(std::string_view text, std::string_view marker) {
  return text.substr(0, marker.size()) == marker.substr(0, text.size());
}

/// How many bytes at the end of `text` may be the beginning of the marker.
std::size_t unfinished_marker(std::string_view text) {
  for (std::size_t size = std::min(text.size(), kToolCallBegin.size() - 1); size > 0; --size) {
    if (text.substr(text.size() - size) == kToolCallBegin.substr(0, size)) return size;
  }
  return 0;
}

}  // namespace

ToolRequest decode_tools(JsonReader& reader) {
  ToolRequest request;
  request.tools = decode_list(reader);
  decode_choice(reader, request);
  request.parallel = reader.boolean_if("parallel_tool_calls").value_or(true);
  return request;
}

std::string tool_instructions(const ToolRequest& request) {
  if (request.choice == ToolChoice::kNone) return "";
  std::string text =
      "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
      "You are provided with function signatures within <tools></tools> XML tags:\n<tools>\n";
  for (const Tool& tool : request.tools) {
    text += Json::object({{"type", "function"},
                          {"function", Json::object({{"name", tool.name}, {"description", tool.description}, {"parameters", tool.parameters}})}})
                .dump() +
            "\n";
  }
  text +=
      "</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n"
      "<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>";
  if (request.choice == ToolChoice::kAuto) text += "\n\nWhere no function is needed, answer in words.";
  return text;
}

std::string tool_call_text(std::string_view name, std::string_view arguments) {
  return fmt::format("{}\n{{\"name\": {}, \"arguments\": {}}}\n</tool_call>", kToolCallBegin, Json(name).dump(), arguments);
}

std::string tool_response_text(std::string_view content) { return fmt::format("<tool_response>\n{}\n</tool_response>", content); }

Result<std::string> tool_call_schema(const std::vector<Tool>& tools) {
  Json::Object definitions;
  Json::Array calls;
  for (const Tool& tool : tools) {
    Json::Object parameters = *tool.parameters.as_object();
    // "#/$defs/…" is counted from the root of the schema, so that definitions have to move there.
    const auto found = std::find_if(parameters.begin(), parameters.end(), [](const Json::Member& member) { return member.first == "$defs"; });
    if (found != parameters.end() && found->second.as_object() != nullptr) {
      for (const Json::Member& definition : *found->second.as_object()) {
        const auto same = std::find_if(definitions.begin(), definitions.end(), [&](const Json::Member& known) { return known.first == definition.first; });
        if (same == definitions.end()) {
          definitions.push_back(definition);
        } else if (same->second.dump() != definition.second.dump()) {
          return fail(ErrorCode::kUnsupported, fmt::format("$.tools: two of them define {} in $defs in different ways", definition.first));
        }
      }
      parameters.erase(found);
    }
    calls.push_back(call_schema(tool, Json(std::move(parameters))));
  }
  Json schema = calls.size() == 1 ? calls.front() : Json::object({{"anyOf", Json::array(std::move(calls))}});
  if (!definitions.empty()) schema.set("$defs", Json(std::move(definitions)));
  return schema.dump();
}

std::vector<ToolCall> find_tool_calls(std::string_view text, const std::vector<Tool>& tools) {
  std::vector<ToolCall> calls;
  for (std::size_t at = text.find('{'); at != std::string_view::npos && calls.size() < kCalls; at = text.find('{', at)) {
    const auto end = end_of_object(text, at);
    if (!end) break;
    const auto json = Json::parse(text.substr(at, *end - at));
    auto call = json ? call_of(*json, tools) : std::nullopt;
    if (call) calls.push_back(*std::move(call));
    at = call ? *end : at + 1;
  }
  return calls;
}

std::string ToolCallFilter::pass(std::string_view piece) {
  held_ += piece;
  if (in_call_) return "";
  if (!shown_) {
    const std::string_view text = std::string_view(held_).substr(std::min(held_.find_first_not_of(" \r\n\t"), held_.size()));
    if (text.empty()) return "";
    for (const std::string_view marker : kFirstMarkers) {
      if (!begins_alike(text, marker)) continue;
      in_call_ = text.size() >= marker.size();
      return "";
    }
  }
  const std::size_t marker = held_.find(kToolCallBegin);
  in_call_ = marker != std::string::npos;
  const std::size_t end = in_call_ ? marker : held_.size() - unfinished_marker(held_);
  std::string shown = held_.substr(0, end);
  held_.erase(0, end);
  if (in_call_) shown.erase(shown.find_last_not_of(" \r\n\t") + 1);
  shown_ = shown_ || !shown.empty();
  return shown;
}

}  // namespace sekisho::api
