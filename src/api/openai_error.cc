#include "api/openai_error.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace sekisho::api {
namespace {

constexpr std::size_t kParamBytes = 200;

/// What OpenAI's own service calls it; clients compare these words.
std::string_view type_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnauthorized: return "authentication_error";
    case ErrorCode::kRateLimited: return "rate_limit_error";
    default: return openai_status_of(code) >= 500 ? "server_error" : "invalid_request_error";
  }
}

std::string_view code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid: return "invalid_value";
    case ErrorCode::kTooLarge: return "context_length_exceeded";
    case ErrorCode::kUnauthorized: return "invalid_api_key";
    case ErrorCode::kDenied: return "not_found";
    case ErrorCode::kRateLimited: return "rate_limit_exceeded";
    default: return name_of(code);
  }
}

/// "messages[0].role" of "$.messages[0].role: must be a text".
std::string_view param_of(std::string_view detail) {
  if (!detail.starts_with("$.")) return {};
  const std::size_t end = detail.find(": ");
  return end == std::string_view::npos || end > kParamBytes ? std::string_view() : detail.substr(2, end - 2);
}

}  // namespace

int openai_status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTooLarge:
    case ErrorCode::kUnsupported:
    case ErrorCode::kCorrupt: return 400;
    default: return http::status_of(code);
  }
}

Json openai_error_json(const Error& error) {
  const bool our_fault = error.code == ErrorCode::kInternal;
  const std::string_view detail = our_fault ? "an error of the server; its log says more" : std::string_view(error.detail);
  const std::string_view param = param_of(detail);
  const std::string_view message = param.empty() ? detail : detail.substr(2);
  return Json::object({{"error", Json::object({{"message", message},
                                               {"type", type_of(error.code)},
                                               {"param", param.empty() ? Json() : Json(param)},
                                               {"code", code_of(error.code)}})}});
}

http::Response openai_error(const Error& error) {
  return http::Response::json(openai_error_json(error), openai_status_of(error.code));
}

void reject_within(JsonReader& reader, std::string_view key, const Error& error) {
  const std::size_t begin = reader.path().size() + 1;
  const std::size_t words = error.detail.find(": ");
  const bool has_path = words != std::string::npos && error.detail.starts_with(fmt::format("{}.{}", reader.path(), key));
  if (!has_path) return reader.reject(key, error.detail);
  reader.reject(error.detail.substr(begin, words - begin), error.detail.substr(words + 2));
}

}  // namespace sekisho::api
