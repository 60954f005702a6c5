#include "base/result.h"

#include <array>

namespace sekisho {
namespace {

struct Named {
  ErrorCode code;
  std::string_view name;
};

constexpr std::array kNames = {
    Named{ErrorCode::kInvalid, "invalid"},         Named{ErrorCode::kTooLarge, "too_large"},
    Named{ErrorCode::kUnauthorized, "unauthorized"}, Named{ErrorCode::kDenied, "denied"},
    Named{ErrorCode::kConflict, "conflict"},       Named{ErrorCode::kRateLimited, "rate_limited"},
    Named{ErrorCode::kBusy, "busy"},               Named{ErrorCode::kUnavailable, "unavailable"},
    Named{ErrorCode::kCancelled, "cancelled"},     Named{ErrorCode::kTimeout, "timeout"},
    Named{ErrorCode::kUnsupported, "unsupported"}, Named{ErrorCode::kCorrupt, "corrupt"},
    Named{ErrorCode::kInternal, "internal"},
};

}  // namespace

std::string_view name_of(ErrorCode code) {
  for (const Named& named : kNames) {
    if (named.code == code) return named.name;
  }
  return "internal";
}

ErrorCode error_code_named(std::string_view name) {
  for (const Named& named : kNames) {
    if (named.name == name) return named.code;
  }
  return ErrorCode::kInternal;
}

}  // namespace sekisho
