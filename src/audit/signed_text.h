#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/notary.h"
#include "base/json.h"
#include "base/result.h"

namespace sekisho::audit {

/// `body`, a JSON object in canonical form, with the member "signature" appended last (docs/audit-format.md).
[[nodiscard]] std::string with_signature(std::string body, std::string_view signature);

/// The same taken apart. Errors: kCorrupt where `text` does not end in a signature.
struct SplitText {
  std::string body;
  std::string signature;  ///< 64 bytes.
};
[[nodiscard]] Result<SplitText> split_signature(std::string_view text);

/// A report as one line: canonical JSON, with the signer's `key` among its members and the signature last. `report` must be an
/// object without either.
[[nodiscard]] std::string sign_report(Json report, const Notary& notary);

/// A report read back: `key` is one that its member `keys` (key lines, as in a proof) lead to, and has signed it.
struct CheckedReport {
  Json report;                    ///< As it was signed.
  std::vector<std::string> keys;  ///< The key that began first.
};
/// Errors: kCorrupt, with what does not hold. `public_key`: hexadecimal; empty: whichever began.
[[nodiscard]] Result<CheckedReport> check_report(std::string_view text, const std::string& public_key);

}  // namespace sekisho::audit
