#include "worker/extract_mime.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "text/encoding.h"
#include "worker/extract_lines.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kFields = 1'000;
constexpr std::size_t kFieldBytes = 64 * 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string from_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  unsigned bits = 0;
  int have = 0;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
    if (c >= '0' && c <= '9') value = c - '0' + 52;
    if (c == '+' || c == '-') value = 62;
    if (c == '/' || c == '_') value = 63;
    if (value < 0) continue;
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xFFFFFF;
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>(bits >> have & 0xFF);
    }
  }
  return out;
}

/// =E3=81 and soft line ends; in encoded words an underscore is a space. `mark` is '=' or '%'.
std::string from_escapes(std::string_view text, char mark, bool is_word) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == mark && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else if (c == mark && mark == '=' && !is_word && i + 1 < text.size() && (text[i + 1] == '\n' || text[i + 1] == '\r')) {
      i += text[i + 1] == '\r' && i + 2 < text.size() && text[i + 2] == '\n' ? 2 : 1;
    } else {
      out += is_word && c == '_' ? ' ' : c;
    }
  }
  return out;
}

std::string decoded_as(std::string_view bytes, std::string_view charset) {
  const auto encoding = text::encoding_named(charset);
  return encoding ? text::decode(bytes, *encoding).text : text::decode(bytes).text;
}

/// One =?charset?B?…?=.
struct Word {
  std::string charset;
  std::string bytes;
  std::size_t size = 0;  ///< In the text.
};

std::optional<Word> word_at(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  const std::size_t charset = text.find('?', 2);
  if (charset == std::string_view::npos || charset + 3 >= text.size() || text[charset + 2] != '?') return std::nullopt;
  const std::size_t end = text.find("?=", charset + 3);
  if (end == std::string_view::npos) return std::nullopt;
  Word word;
  word.charset = lower(text.substr(2, charset - 2));
  word.charset.resize(std::min(word.charset.find('*'), word.charset.size()));  // RFC 2231 adds a language.
  const char how = static_cast<char>(std::tolower(static_cast<unsigned char>(text[charset + 1])));
  const std::string_view inside = text.substr(charset + 3, end - charset - 3);
  if (how != 'b' && how != 'q') return std::nullopt;
  word.bytes = how == 'b' ? from_base64(inside) : from_escapes(inside, '=', true);
  word.size = end + 2;
  return word;
}

/// The pieces of `a/b; name="value; x"; other=value`.
std::vector<std::string> pieces_of(std::string_view field) {
  std::vector<std::string> pieces(1);
  bool quoted = false;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const char c = field[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '\\' && quoted && i + 1 < field.size() && (field[i + 1] == '"' || field[i + 1] == '\\')) {
      pieces.back() += field[++i];
    } else if (c == ';' && !quoted) {
      pieces.emplace_back();
    } else {
      pieces.back() += c;
    }
  }
  return pieces;
}

/// UTF-8''%E8%A8%98 → 記.
std::string extended_value(const std::string& value) {
  const std::size_t first = value.find('\'');
  const std::size_t second = first == std::string::npos ? std::string::npos : value.find('\'', first + 1);
  if (second == std::string::npos) return decoded_as(from_escapes(value, '%', false), "");
  return decoded_as(from_escapes(std::string_view(value).substr(second + 1), '%', false), value.substr(0, first));
}

}  // namespace

MimeHeader MimeHeader::take(std::string_view& rest) {
  MimeHeader header;
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    if (line.empty()) break;
    if ((line[0] == ' ' || line[0] == '\t') && !header.fields_.empty()) {
      std::string& value = header.fields_.back().second;
      if (value.size() < kFieldBytes) value.append(" ").append(line.substr(std::min(line.find_first_not_of(" \t"), line.size())));
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || header.fields_.size() >= kFields) continue;
    header.fields_.emplace_back(lower(without_outer_space(line.substr(0, colon))), std::string(without_outer_space(line.substr(colon + 1))));
  }
  return header;
}

std::string_view MimeHeader::raw(std::string_view name) const {
  const auto field = std::find_if(fields_.begin(), fields_.end(), [&](const auto& one) { return one.first == name; });
  return field == fields_.end() ? std::string_view() : std::string_view(field->second);
}

std::string MimeHeader::text(std::string_view name) const { return decoded_words(raw(name)); }

std::string MimeHeader::value(std::string_view name) const { return lower(without_outer_space(pieces_of(raw(name))[0])); }

std::string MimeHeader::parameter(std::string_view name, std::string_view parameter) const {
  std::string plain;
  std::string extended;
  std::map<int, std::pair<std::string, bool>> continued;  // RFC 2231, section 3: by number, whether it is escaped.
  for (const std::string& piece : pieces_of(raw(name))) {
    const std::size_t equals = piece.find('=');
    if (equals == std::string::npos) continue;
    std::string key = lower(without_outer_space(std::string_view(piece).substr(0, equals)));
    const std::string value(without_outer_space(std::string_view(piece).substr(equals + 1)));
    if (key == parameter) plain = value;
    if (!key.starts_with(parameter) || key.size() <= parameter.size() || key[parameter.size()] != '*') continue;
    key.erase(0, parameter.size() + 1);
    if (key.empty()) {
      extended = value;
    } else if (std::isdigit(static_cast<unsigned char>(key[0])) != 0 && key.size() <= 4) {
      continued[std::atoi(key.c_str())] = {value, key.ends_with('*')};
    }
  }
  if (!extended.empty()) return extended_value(extended);
  if (continued.empty()) return decoded_words(plain);
  std::string all;
  for (const auto& [number, part] : continued) {
    // Plain pieces among escaped ones must not be unescaped with them.
    for (const char c : part.first) all += c == '%' && !part.second ? std::string("%25") : std::string(1, c);
  }
  return continued.begin()->second.second ? extended_value(all) : decoded_words(from_escapes(all, '%', false));
}

std::string decoded_words(std::string_view text) {
  std::string out;
  std::string plain;
  const auto flush = [&] {
    out += text::decode(plain).text;
    plain.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    auto word = word_at(text.substr(at));
    if (!word) {
      plain += text[at++];
      continue;
    }
    flush();
    at += word->size;
    // Words of one encoding that follow each other are one text: some writers cut characters in two.
    for (;;) {
      const std::size_t next = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
      const auto more = word_at(text.substr(next));
      if (!more) break;
      at = next + more->size;
      if (more->charset != word->charset) {
        out += decoded_as(word->bytes, word->charset);
        word->bytes.clear();
        word->charset = more->charset;
      }
      word->bytes += more->bytes;
    }
    out += decoded_as(word->bytes, word->charset);
  }
  flush();
  return out;
}

std::string decoded_body(std::string_view body, std::string_view encoding) {
  if (encoding == "base64") return from_base64(body);
  if (encoding == "quoted-printable") return from_escapes(body, '=', false);
  return std::string(body);
}

std::vector<std::string_view> multipart_bodies(std::string_view body, std::string_view boundary, std::size_t most) {
  std::vector<std::string_view> parts;
  if (boundary.empty()) return parts;
  const char* begin = nullptr;
  std::string_view rest = body;
  while (!rest.empty()) {
    const char* at = rest.data();
    const std::string_view line = take_line(rest);
    if (!line.starts_with("--") || !line.substr(2).starts_with(boundary)) continue;
    if (begin != nullptr) parts.emplace_back(begin, static_cast<std::size_t>(at - begin));
    begin = rest.data();
    if (line.substr(2 + boundary.size()).starts_with("--") || parts.size() >= most) return parts;
  }
  if (begin != nullptr) parts.emplace_back(begin, static_cast<std::size_t>(body.data() + body.size() - begin));  // Broken off.
  return parts;
}

}  // namespace sekisho::worker
