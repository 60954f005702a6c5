#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::worker {

/// The header of a message or of one part of it (RFC 5322, 2045, 2047, 2231).
class MimeHeader {
 public:
  /// Takes the header off the beginning of `rest`, with the empty line after it.
  [[nodiscard]] static MimeHeader take(std::string_view& rest);

  /// The first field of that name (small letters), unfolded, its bytes as they are; "" where it is missing.
  [[nodiscard]] std::string_view raw(std::string_view name) const;
  /// The same as a person reads it: encoded words decoded, other bytes by what they look like.
  [[nodiscard]] std::string text(std::string_view name) const;
  /// "text/plain" of `Content-Type: Text/Plain; charset=…`, in small letters.
  [[nodiscard]] std::string value(std::string_view name) const;
  /// A parameter of such a field, decoded: `filename*=UTF-8''…`, `filename*0*=…`, `filename="=?ISO-2022-JP?B?…?="`.
  [[nodiscard]] std::string parameter(std::string_view name, std::string_view parameter) const;

  [[nodiscard]] std::size_t fields() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// RFC 2047, and bytes of any Japanese encoding outside of encoded words.
[[nodiscard]] std::string decoded_words(std::string_view text);
/// The bytes of a body under its Content-Transfer-Encoding ("base64", "quoted-printable", others as they are). Rubbish is passed over.
[[nodiscard]] std::string decoded_body(std::string_view body, std::string_view encoding);
/// The parts between the lines of `boundary`, at most `most`.
[[nodiscard]] std::vector<std::string_view> multipart_bodies(std::string_view body, std::string_view boundary, std::size_t most);

}  // namespace sekisho::worker
