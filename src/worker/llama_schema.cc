#include <exception>

#include "worker/llama_grammar.h"

// The one file that uses llama.cpp's common/ folder, which is no stable interface.
#ifdef SEKISHO_LLAMA_SCHEMA
#include <json-schema-to-grammar.h>

// Three small functions that the converter expects from common.cpp, which would bring in all the rest.
std::string string_join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string joined;
  for (const std::string& part : parts) joined += joined.empty() && &part == parts.data() ? part : separator + part;
  return joined;
}

std::vector<std::string> string_split(const std::string& text, const std::string& delimiter) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t at = text.find(delimiter); at != std::string::npos; at = text.find(delimiter, begin)) {
    parts.push_back(text.substr(begin, at - begin));
    begin = at + delimiter.size();
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::string string_repeat(const std::string& text, std::size_t count) {
  std::string repeated;
  for (std::size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

namespace sekisho::worker {

Result<std::string> grammar_of_schema(const std::string& schema) {
  try {
    return json_schema_to_grammar(common_json::parse(schema), true);
  } catch (const std::exception&) {
    return fail(ErrorCode::kInvalid, "json_schema: no schema that can be turned into a grammar");
  }
}

}  // namespace sekisho::worker
#else
namespace sekisho::worker {

Result<std::string> grammar_of_schema(const std::string&) {
  return fail(ErrorCode::kUnsupported, "json_schema: this build uses an installed libllama, which has no converter");
}

}  // namespace sekisho::worker
#endif
