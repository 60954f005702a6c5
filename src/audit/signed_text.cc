#include "audit/signed_text.h"

#include <algorithm>

#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

namespace sekisho::audit {
namespace {

constexpr std::string_view kOpen = R"(,"signature":")";
constexpr std::string_view kClose = R"("})";
constexpr std::size_t kCharacters = 128;
constexpr std::size_t kBytes = kOpen.size() + kCharacters + kClose.size();
constexpr std::string_view kReportDomain = "sekisho/report/1\n";
constexpr std::size_t kReportBytes = 64 * limits::kMiB;
constexpr std::size_t kKeyLines = 100'000;

}  // namespace

std::string with_signature(std::string body, std::string_view signature) {
  CHECK(body.ends_with('}'));
  body.pop_back();
  return body.append(kOpen).append(crypto::to_hex(signature)).append(kClose);
}

Result<SplitText> split_signature(std::string_view text) {
  if (text.size() <= kBytes) return fail(ErrorCode::kCorrupt, "the line does not end with its signature");
  const std::string_view end = text.substr(text.size() - kBytes);
  Result<std::string> signature = crypto::bytes_from_hex(end.substr(kOpen.size(), kCharacters));
  if (!end.starts_with(kOpen) || !end.ends_with(kClose) || !signature) return fail(ErrorCode::kCorrupt, "the line does not end with its signature");
  return SplitText{std::string(text.substr(0, text.size() - kBytes)) + "}", std::move(*signature)};
}

std::string sign_report(Json report, const Notary& notary) {
  const Signature signature = notary.sign(kReportDomain, [&](const std::string& key) {
    report.set("key", key);
    return canonical(report);
  });
  return with_signature(signature.text, signature.bytes);
}

Result<CheckedReport> check_report(std::string_view text, const std::string& public_key) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  const Result<SplitText> split = split_signature(text);
  if (!split) return fail(split.error());
  Result<Json> json = Json::parse(split->body, kReportBytes);
  if (!json) return fail(ErrorCode::kCorrupt, json.error().detail);
  if (canonical(*json) != split->body) return fail(ErrorCode::kCorrupt, "the report is not in canonical form");
  const Json* lines = json->find("keys");
  std::vector<std::string> texts;
  for (const Json& line : lines != nullptr && lines->as_array() != nullptr ? *lines->as_array() : Json::Array()) {
    texts.push_back(line.as_string() != nullptr ? *line.as_string() : "");
  }
  if (texts.size() > kKeyLines) return fail(ErrorCode::kCorrupt, "too many keys");
  Result<std::vector<std::string>> keys = follow_keys(texts);
  if (!keys) return fail(keys.error());
  if (!public_key.empty() && public_key != keys->front()) return fail(ErrorCode::kCorrupt, "the keys do not begin with the public key that was given");
  const std::string key = json->text_or("key");
  if (std::find(keys->begin(), keys->end(), key) == keys->end()) return fail(ErrorCode::kCorrupt, "the report is signed by a key that is not among the keys");
  if (!crypto::verify_signature(crypto::bytes_from_hex(key).value(), std::string(kReportDomain) + split->body, split->signature)) {
    return fail(ErrorCode::kCorrupt, "the report was changed after it was signed");
  }
  return CheckedReport{std::move(*json), std::move(*keys)};
}

}  // namespace sekisho::audit
