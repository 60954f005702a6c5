#include "api/openai_tools.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sekisho::api {
namespace {

Json parsed(std::string_view text) { return Json::parse(text).value(); }

const std::vector<Tool>& weather() {
  static const std::vector<Tool> tools = {{"weather", "町の天気", parsed(R"({"type":"object","properties":{"town":{"type":"string"}},"required":["town"]})")}};
  return tools;
}

ToolRequest decoded(std::string_view text) {
  const Json json = parsed(text);
  JsonReader reader(json);
  ToolRequest request = decode_tools(reader);
  EXPECT_TRUE(reader.finish());
  return request;
}

/// What a filter shows of an answer that arrives in `pieces`.
struct Filtered {
  std::string shown;
  std::string held;
  bool in_call = false;
};
Filtered filtered(const std::vector<std::string>& pieces) {
  ToolCallFilter filter;
  std::string shown;
  for (const std::string& piece : pieces) shown += filter.pass(piece);
  return {shown, filter.held(), filter.in_call()};
}

TEST(OpenAiTools, ChoiceIsAutoWithToolsAndNoneWithout) {
  EXPECT_EQ(decoded("{}").choice, ToolChoice::kNone);
  EXPECT_EQ(decoded(R"({"tools":[{"type":"function","function":{"name":"a"}}]})").choice, ToolChoice::kAuto);
  EXPECT_EQ(decoded(R"({"tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":"none"})").choice, ToolChoice::kNone);
}

TEST(OpenAiTools, ANamedFunctionIsTheOnlyOneLeft) {
  const ToolRequest request = decoded(
      R"({"tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b","strict":true}}],"tool_choice":{"type":"function","function":{"name":"b"}}})");
  EXPECT_EQ(request.choice, ToolChoice::kRequired);
  ASSERT_EQ(request.tools.size(), 1U);
  EXPECT_EQ(request.tools[0].name, "b");
}

TEST(OpenAiTools, TheInstructionsDescribeEachToolAndAreEmptyWhereNoneMayBeCalled) {
  ToolRequest request{weather(), ToolChoice::kAuto, true};
  EXPECT_NE(tool_instructions(request).find("町の天気"), std::string::npos);
  request.choice = ToolChoice::kNone;
  EXPECT_EQ(tool_instructions(request), "");
}

TEST(OpenAiTools, TheSchemaHoldsTheNameAndTheArguments) {
  const Json schema = parsed(tool_call_schema(weather()).value());
  EXPECT_EQ(schema.find("properties")->find("name")->text_or("const"), "weather");
  EXPECT_EQ(schema.find("properties")->find("arguments")->dump(), weather()[0].parameters.dump());
}

TEST(OpenAiTools, DefinitionsMoveToTheRootOfTheSchema) {
  const std::vector<Tool> tools = {{"a", "", parsed(R"({"type":"object","properties":{"x":{"$ref":"#/$defs/Day"}},"$defs":{"Day":{"type":"integer"}}})")},
                                   {"b", "", parsed(R"({"type":"object","$defs":{"Day":{"type":"integer"}}})")}};
  const Json schema = parsed(tool_call_schema(tools).value());
  EXPECT_EQ(schema.find("anyOf")->as_array()->size(), 2U);
  EXPECT_EQ(schema.find("$defs")->find("Day")->text_or("type"), "integer");
  std::vector<Tool> differing = tools;
  differing[1].parameters = parsed(R"({"type":"object","$defs":{"Day":{"type":"string"}}})");
  EXPECT_EQ(tool_call_schema(differing).error().code, ErrorCode::kUnsupported);
}

TEST(OpenAiTools, FindsCallsInWhateverTheyAreWrapped) {
  for (const std::string_view text : {"<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"town\": \"霧ヶ原}\"}}\n</tool_call>",
                                      "```json\n{\"name\":\"weather\",\"arguments\":{\"town\":\"霧ヶ原}\"}}\n```",
                                      "{\"name\":\"weather\",\"parameters\":{\"town\":\"霧ヶ原}\"}}",
                                      "{\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"town\\\":\\\"霧ヶ原}\\\"}\"}}"}) {
    const auto calls = find_tool_calls(text, weather());
    ASSERT_EQ(calls.size(), 1U) << text;
    EXPECT_EQ(calls[0].name, "weather");
    EXPECT_EQ(calls[0].arguments, "{\"town\":\"霧ヶ原}\"}");
    EXPECT_TRUE(calls[0].id.starts_with("call_"));
  }
}

TEST(OpenAiTools, TakesNothingForACallThatIsNone) {
  for (const std::string_view text : {"{\"name\":\"erase\",\"arguments\":{}}", "{\"name\":\"weather\"}", "{\"name\":\"weather\",\"arguments\":[1]}", "{\"name\":\"weather\",\"arguments\":{",
                                      "天気は晴れです。", ""}) {
    EXPECT_TRUE(find_tool_calls(text, weather()).empty()) << text;
  }
}

TEST(OpenAiTools, FindsSeveralCallsWithDifferentIds) {
  const auto calls = find_tool_calls("<tool_call>{\"name\":\"weather\",\"arguments\":{\"town\":\"甲\"}}</tool_call><tool_call>{\"name\":\"weather\",\"arguments\":{\"town\":\"乙\"}}</tool_call>", weather());
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_NE(calls[0].id, calls[1].id);
}

TEST(ToolCallFilter, ShowsWordsAndHoldsWhatMayBeACall) {
  EXPECT_EQ(filtered({"天気は", "晴れ"}).shown, "天気は晴れ");
  const Filtered call = filtered({"調べます。\n", "<tool", "_call>\n{\"name\"", ":1}"});
  EXPECT_EQ(call.shown, "調べます。\n");
  EXPECT_EQ(call.held, "<tool_call>\n{\"name\":1}");
  EXPECT_TRUE(call.in_call);
  EXPECT_TRUE(filtered({"{\"na", "me\""}).in_call);
  EXPECT_TRUE(filtered({"\n", "``", "`json\n"}).in_call);
}

TEST(ToolCallFilter, LetsGoWhatOnlyLookedLikeACall) {
  EXPECT_EQ(filtered({"a <", "b> c"}).shown, "a <b> c");
  EXPECT_EQ(filtered({"``", "`python\nprint({})"}).shown, "```python\nprint({})");
  EXPECT_EQ(filtered({"答えは", "{1, 2}です"}).shown, "答えは{1, 2}です");
}

RC_GTEST_PROP(ToolCallFilter, LosesAndAddsNothingHoweverTheAnswerIsCut, ()) {
  const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("<", "tool", "_call>", "<tool_call>", "{", "`", "json", "あ", "x"));
  std::string whole;
  for (const std::string& part : parts) whole += part;
  const Filtered result = filtered(parts);
  RC_ASSERT(result.shown + result.held == whole);
  RC_ASSERT(result.shown.find("<tool_call>") == std::string::npos);
}

}  // namespace
}  // namespace sekisho::api
