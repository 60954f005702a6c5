#include "worker/extract_decode.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "text/utf8.h"

namespace sekisho::worker {
namespace {

text::Encoding chosen_encoding(std::string_view bytes, const Request& request, std::string_view declared) {
  if (const auto wanted = text::encoding_named(request.encoding)) return *wanted;
  const text::Encoding seen = text::detect_encoding(bytes);
  const auto said = text::encoding_named(declared);
  // A page may be mislabelled, so the label counts only where the bytes agree with it wholly and are no valid UTF-8.
  if (!said || *said == seen || seen == text::Encoding::kUtf8) return seen;
  return text::decode(bytes, *said).undecodable == 0 && text::decode(bytes, seen).undecodable > 0 ? *said : seen;
}

}  // namespace

text::Decoded decode_document(std::string_view bytes, const Request& request, std::string_view declared, ExtractOutput& output) {
  text::Decoded decoded = text::decode(bytes, chosen_encoding(bytes, request, declared));
  if (decoded.undecodable > 0) {
    const bool much = decoded.undecodable * 100 > text::count_characters(decoded.text);
    output.note(0, much ? "garbled" : "unmapped_characters",
                fmt::format("{} byte sequences are no {}, the first at byte {}", decoded.undecodable, name_of(decoded.encoding), decoded.undecodable_at[0]));
  }
  if (decoded.private_use > 0) {
    output.note(0, "unmapped_characters",
                fmt::format("{} characters of the private use area, the first U+{:04X}", decoded.private_use,
                            static_cast<unsigned>(decoded.private_use_characters[0])));
  }
  return decoded;
}

}  // namespace sekisho::worker
