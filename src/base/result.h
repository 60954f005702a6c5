#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace sekisho {

/// What went wrong, in the few kinds that a caller can act on. The page turns each into Japanese
/// words (web/src/text_ja.ts); the log carries `Error::detail` in English.
enum class ErrorCode {
  kInvalid,       ///< The input is malformed or breaks a stated rule; `detail` names the place.
  kTooLarge,      ///< A limit of base/limits.h was passed; `detail` has the numbers.
  kUnauthorized,  ///< No valid credential.
  kDenied,        ///< Not there or not allowed: the two are told apart nowhere outside the audit log.
  kConflict,      ///< Exists already, or changed in between.
  kRateLimited,   ///< Too many tries; later is fine.
  kBusy,          ///< A bounded queue is full.
  kUnavailable,   ///< A part that is needed (log, engine, disk) does not work now.
  kCancelled,     ///< The person or the program stopped it.
  kTimeout,       ///< It took longer than allowed.
  kUnsupported,   ///< A kind of file, model or request that we do not handle.
  kCorrupt,       ///< Stored or received bytes fail their check.
  kInternal,      ///< A foreign library failed in a way that it should not.
};

/// Stable snake_case name, as used in JSON ("too_large").
[[nodiscard]] std::string_view name_of(ErrorCode code);
/// The code with that name; kInternal for an unknown name.
[[nodiscard]] ErrorCode error_code_named(std::string_view name);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string detail;  ///< English, for the log and for API clients; never holds labelled content.
};

/// A value or the reason why there is none. Nothing of ours throws.
template <typename T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::kInvalid, "title: longer than 200 characters");`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string detail) {
  return tl::unexpected<Error>(Error{code, std::move(detail)});
}

/// Passes an error on: `if (!r) return fail(r.error());`
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace sekisho
