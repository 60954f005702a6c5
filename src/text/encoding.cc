#include "text/encoding.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <memory>

#include <unicode/ucnv.h>
#include <unicode/utf16.h>

#include "base/check.h"
#include "text/utf8.h"

namespace sekisho::text {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::size_t kReported = 20;
constexpr std::size_t kDetectBytes = 256 * 1024;

bool is_lead(unsigned char byte) { return (byte >= 0x81 && byte <= 0x9F) || (byte >= 0xE0 && byte <= 0xFC); }
bool is_trail(unsigned char byte) { return byte >= 0x40 && byte <= 0xFC && byte != 0x7F; }
bool is_half_kana(unsigned char byte) { return byte >= 0xA1 && byte <= 0xDF; }
/// A byte that begins no character, as text/utf8.h reads it; a U+FFFD that stands in the text has three bytes.
bool is_broken(const Character& c) { return c.value == kReplacement && c.size == 1; }
bool is_private(char32_t c) { return c >= 0xE000 && c <= 0xF8FF; }

/// The two-byte characters of CP932 both ways, and JIS X 0212 of EUC-JP's three-byte form. Read once from ICU's tables.
class JisTables {
 public:
  static const JisTables& get() {
    static const JisTables tables;
    return tables;
  }
  /// 0 where there is no such character.
  [[nodiscard]] char32_t cp932(unsigned char lead, unsigned char trail) const { return cp932_[index(lead, trail)]; }
  /// A place of the 94 × 94 table (JIS X 0208 with the rows of NEC), both from 0x21.
  [[nodiscard]] char32_t jis(unsigned row_byte, unsigned cell_byte) const {
    if (row_byte < 0x21 || row_byte > 0x7E || cell_byte < 0x21 || cell_byte > 0x7E) return 0;
    const unsigned row = row_byte - 0x21;
    const unsigned lead = row / 2 + (row < 62 ? 0x81 : 0xC1);
    unsigned trail = cell_byte - 0x21 + (row % 2 == 0 ? 0x40 : 0x9F);
    if (row % 2 == 0 && trail >= 0x7F) ++trail;
    return cp932(static_cast<unsigned char>(lead), static_cast<unsigned char>(trail));
  }
  [[nodiscard]] char32_t jis_0212(unsigned row_byte, unsigned cell_byte) const {
    if (row_byte < 0x21 || row_byte > 0x7E || cell_byte < 0x21 || cell_byte > 0x7E) return 0;
    return jis_0212_[(row_byte - 0x21) * 94 + (cell_byte - 0x21)];
  }
  /// The two bytes as one number; 0 where CP932 has none.
  [[nodiscard]] unsigned to_cp932(char32_t c) const { return c < 0x10000 ? reverse_[c] : 0U; }

 private:
  struct CloseConverter {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
  };
  using Converter = std::unique_ptr<UConverter, CloseConverter>;

  JisTables() : cp932_(0x10000, 0), jis_0212_(94 * 94, 0), reverse_(0x10000, 0) {
    const Converter sjis = open("ibm-943_P15A-2003");
    for (unsigned lead = 0x81; lead <= 0xFC; ++lead) {
      if (lead > 0x9F && lead < 0xE0) continue;
      for (unsigned trail = 0x40; trail <= 0xFC; ++trail) {
        if (trail != 0x7F) cp932_[lead * 256 + trail] = static_cast<char16_t>(one(sjis.get(), std::string{static_cast<char>(lead), static_cast<char>(trail)}));
      }
    }
    const Converter euc = open("euc-jp");
    for (unsigned row = 0; row < 94; ++row) {
      for (unsigned cell = 0; cell < 94; ++cell) {
        jis_0212_[row * 94 + cell] = static_cast<char16_t>(one(euc.get(), std::string{'\x8F', static_cast<char>(row + 0xA1), static_cast<char>(cell + 0xA1)}));
      }
    }
    // Where a character has several places, Windows writes JIS X 0208, then NEC row 13, then IBM's, then NEC's copies of those.
    for (const auto& [first, last] : {std::pair{0x81U, 0x9FU}, {0xE0U, 0xEAU}, {0xFAU, 0xFCU}, {0xEDU, 0xEEU}, {0xF0U, 0xF9U}}) {
      for (unsigned code = first * 256 + 0x40; code <= last * 256 + 0xFC; ++code) {
        const char32_t c = cp932_[code];
        if (c != 0 && reverse_[c] == 0) reverse_[c] = static_cast<std::uint16_t>(code);
      }
    }
    for (const auto& [c, same_as] : {std::pair{0x301CU, 0xFF5EU}, {0x2016U, 0x2225U}, {0x2212U, 0xFF0DU}, {0x2014U, 0x2015U},
                                     {0x00A2U, 0xFFE0U}, {0x00A3U, 0xFFE1U}, {0x00ACU, 0xFFE2U}}) {
      reverse_[c] = reverse_[same_as];
    }
  }
  static unsigned index(unsigned char lead, unsigned char trail) { return lead * 256U + trail; }
  static Converter open(const char* name) {
    UErrorCode error = U_ZERO_ERROR;
    Converter converter(ucnv_open(name, &error));
    CHECK(U_SUCCESS(error));
    ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
    CHECK(U_SUCCESS(error));
    return converter;
  }
  static char32_t one(UConverter* converter, std::string_view bytes) {
    std::array<UChar, 4> out{};
    UErrorCode error = U_ZERO_ERROR;
    ucnv_reset(converter);
    const std::int32_t length =
        ucnv_toUChars(converter, out.data(), static_cast<std::int32_t>(out.size()), bytes.data(), static_cast<std::int32_t>(bytes.size()), &error);
    // One character in the basic plane, and none that merely says "unknown" or reads two bytes as a byte and ASCII.
    return U_SUCCESS(error) && length == 1 && out[0] != kReplacement ? out[0] : 0U;
  }

  std::vector<char16_t> cp932_;
  std::vector<char16_t> jis_0212_;
  std::vector<std::uint16_t> reverse_;
};

/// Takes the characters of one reading of the bytes.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void character(char32_t c) = 0;
  virtual void undecodable(std::size_t offset) = 0;
};

class TextSink final : public Sink {
 public:
  explicit TextSink(Decoded& decoded) : decoded_(decoded) {}
  void character(char32_t c) override {
    append_utf8(decoded_.text, c);
    if (!is_private(c)) return;
    ++decoded_.private_use;
    auto& seen = decoded_.private_use_characters;
    if (seen.size() < kReported && std::find(seen.begin(), seen.end(), c) == seen.end()) seen.push_back(c);
  }
  void undecodable(std::size_t offset) override {
    append_utf8(decoded_.text, kReplacement);
    ++decoded_.undecodable;
    if (decoded_.undecodable_at.size() < kReported) decoded_.undecodable_at.push_back(offset);
  }

 private:
  Decoded& decoded_;
};

/// The measured weights (RETRIEVAL.md): kana and 、。 speak for a reading, half-width kana and private use against it.
class ScoreSink final : public Sink {
 public:
  void character(char32_t c) override {
    if ((c >= 0x3041 && c <= 0x3096) || c == 0x3001 || c == 0x3002) {
      score_ += 3;
    } else if (c >= 0x30A1 && c <= 0x30FC) {
      score_ += 2;
    } else if (c >= 0x4E00 && c <= 0x9FFF) {
      score_ += JisTables::get().to_cp932(c) != 0 ? 1 : -3;
    } else if (c >= 0xFF61 && c <= 0xFF9F) {
      score_ -= 2;
    } else if (is_private(c)) {
      score_ -= 5;
    } else if (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
      score_ -= 5;
    } else if (c >= 0x80 && JisTables::get().to_cp932(c) == 0) {
      score_ -= 3;
    }
  }
  void undecodable(std::size_t) override {
    score_ -= 10;
    ++errors_;
  }
  [[nodiscard]] long score() const { return score_; }
  [[nodiscard]] std::size_t errors() const { return errors_; }

 private:
  long score_ = 0;
  std::size_t errors_ = 0;
};

unsigned char byte_at(std::string_view bytes, std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0; }

void read_utf8(std::string_view bytes, Sink& sink) {
  for_each_character(bytes, [&](const Character& c) { is_broken(c) ? sink.undecodable(c.begin) : sink.character(c.value); });
}

void read_cp932(std::string_view bytes, Sink& sink) {
  const JisTables& tables = JisTables::get();
  for (std::size_t i = 0; i < bytes.size();) {
    const unsigned char byte = byte_at(bytes, i);
    if (byte < 0x80) {
      sink.character(byte);
      ++i;
    } else if (is_half_kana(byte)) {
      sink.character(0xFF61U + byte - 0xA1U);
      ++i;
    } else if (is_lead(byte) && is_trail(byte_at(bytes, i + 1))) {
      const char32_t c = tables.cp932(byte, byte_at(bytes, i + 1));
      c != 0 ? sink.character(c) : sink.undecodable(i);
      i += 2;
    } else {
      sink.undecodable(i);
      ++i;
    }
  }
}

void read_euc_jp(std::string_view bytes, Sink& sink) {
  const JisTables& tables = JisTables::get();
  const auto high = [&](std::size_t i) { return byte_at(bytes, i) >= 0xA1 && byte_at(bytes, i) <= 0xFE; };
  for (std::size_t i = 0; i < bytes.size();) {
    const unsigned char byte = byte_at(bytes, i);
    char32_t c = 0;
    std::size_t length = 1;
    if (byte < 0x80) {
      c = byte;
    } else if (byte == 0x8E && is_half_kana(byte_at(bytes, i + 1))) {
      c = 0xFF61U + byte_at(bytes, i + 1) - 0xA1U;
      length = 2;
    } else if (byte == 0x8F && high(i + 1) && high(i + 2)) {
      c = tables.jis_0212(byte_at(bytes, i + 1) - 0x80U, byte_at(bytes, i + 2) - 0x80U);
      length = 3;
    } else if (high(i) && high(i + 1)) {
      c = tables.jis(byte - 0x80U, byte_at(bytes, i + 1) - 0x80U);
      length = 2;
    }
    c != 0 || byte == 0 ? sink.character(c) : sink.undecodable(i);
    i += length;
  }
}

enum class JisSet { kAscii, kRoman, kKana, kJis0208, kJis0212 };

struct Escape {
  std::string_view bytes;
  JisSet set;
};
constexpr std::array<Escape, 7> kEscapes{{{"\x1B(B", JisSet::kAscii},
                                          {"\x1B(J", JisSet::kRoman},
                                          {"\x1B(I", JisSet::kKana},
                                          {"\x1B$@", JisSet::kJis0208},
                                          {"\x1B$B", JisSet::kJis0208},
                                          {"\x1B$(D", JisSet::kJis0212},
                                          {"\x1B$(B", JisSet::kJis0208}}};

const Escape* escape_at(std::string_view bytes, std::size_t i) {
  for (const Escape& escape : kEscapes) {
    if (bytes.substr(i, escape.bytes.size()) == escape.bytes) return &escape;
  }
  return nullptr;
}

void read_iso_2022_jp(std::string_view bytes, Sink& sink) {
  const JisTables& tables = JisTables::get();
  JisSet set = JisSet::kAscii;
  bool shifted_out = false;  // CP50222 writes half-width kana between SO and SI.
  for (std::size_t i = 0; i < bytes.size();) {
    const unsigned char byte = byte_at(bytes, i);
    if (const Escape* escape = byte == 0x1B ? escape_at(bytes, i) : nullptr) {
      set = escape->set;
      i += escape->bytes.size();
    } else if (byte == 0x0E || byte == 0x0F) {
      shifted_out = byte == 0x0E;
      ++i;
    } else if (byte == '\n' || byte == '\r') {
      set = JisSet::kAscii;  // A line ends in ASCII (RFC 1468), even where the writer forgot to say so.
      sink.character(byte);
      ++i;
    } else if (is_half_kana(byte)) {
      sink.character(0xFF61U + byte - 0xA1U);  // Eight-bit kana, as CP50221's writers leave them.
      ++i;
    } else if (byte >= 0x21 && byte <= 0x5F && (shifted_out || set == JisSet::kKana)) {
      sink.character(0xFF61U + byte - 0x21U);
      ++i;
    } else if (byte >= 0x21 && byte < 0x7F && (set == JisSet::kJis0208 || set == JisSet::kJis0212)) {
      const unsigned cell = byte_at(bytes, i + 1);
      const char32_t c = set == JisSet::kJis0208 ? tables.jis(byte, cell) : tables.jis_0212(byte, cell);
      c != 0 ? sink.character(c) : sink.undecodable(i);
      i += cell >= 0x21 && cell < 0x7F ? 2 : 1;
    } else {
      byte < 0x80 ? sink.character(byte) : sink.undecodable(i);
      ++i;
    }
  }
}

void read_utf16(std::string_view bytes, bool big_endian, Sink& sink) {
  const auto unit = [&](std::size_t i) {
    const unsigned first = byte_at(bytes, i);
    const unsigned second = byte_at(bytes, i + 1);
    return big_endian ? first * 256 + second : second * 256 + first;
  };
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const unsigned c = unit(i);
    if (i + 1 == bytes.size()) {
      sink.undecodable(i);
    } else if (!U16_IS_SURROGATE(c)) {
      sink.character(c);
    } else if (U16_IS_SURROGATE_LEAD(c) && i + 3 < bytes.size() && U16_IS_TRAIL(unit(i + 2))) {
      sink.character(static_cast<char32_t>(U16_GET_SUPPLEMENTARY(c, unit(i + 2))));
      i += 2;
    } else {
      sink.undecodable(i);
    }
  }
}

void read(std::string_view bytes, Encoding encoding, Sink& sink) {
  switch (encoding) {
    case Encoding::kUtf8: return read_utf8(bytes, sink);
    case Encoding::kCp932: return read_cp932(bytes, sink);
    case Encoding::kEucJp: return read_euc_jp(bytes, sink);
    case Encoding::kIso2022Jp: return read_iso_2022_jp(bytes, sink);
    case Encoding::kUtf16Le: return read_utf16(bytes, false, sink);
    case Encoding::kUtf16Be: return read_utf16(bytes, true, sink);
  }
}

std::string_view mark_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf8: return "\xEF\xBB\xBF";
    case Encoding::kUtf16Le: return "\xFF\xFE";
    case Encoding::kUtf16Be: return "\xFE\xFF";
    default: return {};
  }
}

ScoreSink score(std::string_view bytes, Encoding encoding) {
  ScoreSink sink;
  read(bytes, encoding, sink);
  return sink;
}

/// Escapes that switch to Japanese, in bytes that are otherwise of seven bits (eight-bit kana aside).
bool is_iso_2022_jp(std::string_view bytes) {
  bool switches = false;
  for (std::size_t i = 0; (i = bytes.find('\x1B', i)) != std::string_view::npos; ++i) {
    const Escape* escape = escape_at(bytes, i);
    if (escape != nullptr && escape->set != JisSet::kAscii) switches = true;
  }
  if (!switches || bytes.find('\0') != std::string_view::npos) return false;
  return score(bytes, Encoding::kIso2022Jp).errors() * 100 <= bytes.size();
}

/// NUL bytes on one side only are ASCII written as UTF-16; text without any ASCII must read as Japanese through and through.
std::optional<Encoding> utf16_without_mark(std::string_view bytes) {
  const std::string_view even = bytes.substr(0, bytes.size() & ~std::size_t{1});
  if (even.size() < 4) return std::nullopt;
  std::array<std::size_t, 2> nul{};
  bool seven_bits = true;
  for (std::size_t i = 0; i < even.size(); ++i) {
    if (even[i] == '\0') ++nul[i % 2];
    if (static_cast<unsigned char>(even[i]) >= 0x80) seven_bits = false;
  }
  if (nul[0] + nul[1] == 0 && !seven_bits) return std::nullopt;  // Left to the scoring of all readings.
  for (const Encoding encoding : {Encoding::kUtf16Le, Encoding::kUtf16Be}) {
    const std::size_t ours = nul[encoding == Encoding::kUtf16Le ? 1 : 0];
    const std::size_t others = nul[encoding == Encoding::kUtf16Le ? 0 : 1];
    const ScoreSink sink = score(even, encoding);
    const auto units = static_cast<long>(even.size() / 2);
    if (sink.errors() > 0) continue;
    if (ours > 0 && others * 20 <= ours && sink.score() >= 0) return encoding;
    if (ours + others == 0 && units >= 8 && sink.score() >= 3 * units * 9 / 10) return encoding;  // Kana alone.
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf8: return "utf-8";
    case Encoding::kCp932: return "cp932";
    case Encoding::kEucJp: return "euc-jp";
    case Encoding::kIso2022Jp: return "iso-2022-jp";
    case Encoding::kUtf16Le: return "utf-16le";
    case Encoding::kUtf16Be: return "utf-16be";
  }
  return "utf-8";
}

std::optional<Encoding> encoding_named(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  static const std::map<std::string_view, Encoding> kNames{
      {"utf8", Encoding::kUtf8},          {"usascii", Encoding::kUtf8},        {"ascii", Encoding::kUtf8},
      {"cp932", Encoding::kCp932},        {"ms932", Encoding::kCp932},         {"windows31j", Encoding::kCp932},
      {"shiftjis", Encoding::kCp932},     {"xsjis", Encoding::kCp932},         {"sjis", Encoding::kCp932},
      {"windows932", Encoding::kCp932},   {"eucjp", Encoding::kEucJp},         {"xeucjp", Encoding::kEucJp},
      {"cp51932", Encoding::kEucJp},      {"iso2022jp", Encoding::kIso2022Jp}, {"cp50220", Encoding::kIso2022Jp},
      {"cp50221", Encoding::kIso2022Jp},  {"cp50222", Encoding::kIso2022Jp},   {"csiso2022jp", Encoding::kIso2022Jp},
      {"utf16le", Encoding::kUtf16Le},    {"utf16be", Encoding::kUtf16Be},     {"utf16", Encoding::kUtf16Le}};
  const auto found = kNames.find(key);
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

Encoding detect_encoding(std::string_view bytes) {
  for (const Encoding encoding : {Encoding::kUtf8, Encoding::kUtf16Le, Encoding::kUtf16Be}) {
    if (bytes.starts_with(mark_of(encoding))) return encoding;
  }
  const bool cut = bytes.size() > kDetectBytes;
  bytes = bytes.substr(0, kDetectBytes);
  if (is_iso_2022_jp(bytes)) return Encoding::kIso2022Jp;
  if (const auto utf16 = utf16_without_mark(bytes)) return *utf16;

  const ScoreSink utf8 = score(bytes, Encoding::kUtf8);
  if (utf8.errors() == 0 || (cut && utf8.errors() == 1 && score(bytes.substr(0, bytes.size() - 3), Encoding::kUtf8).errors() == 0)) {
    return Encoding::kUtf8;
  }
  Encoding best = Encoding::kUtf8;
  long best_score = utf8.score();
  for (const Encoding encoding : {Encoding::kCp932, Encoding::kEucJp, Encoding::kUtf16Le, Encoding::kUtf16Be}) {
    const long candidate = score(bytes, encoding).score();
    if (candidate > best_score) {
      best = encoding;
      best_score = candidate;
    }
  }
  return best;
}

Decoded decode(std::string_view bytes, Encoding encoding) {
  Decoded decoded;
  decoded.encoding = encoding;
  decoded.text.reserve(bytes.size() + bytes.size() / 2);
  const std::string_view mark = mark_of(encoding);
  const std::size_t skipped = !mark.empty() && bytes.starts_with(mark) ? mark.size() : 0;
  TextSink sink(decoded);
  read(bytes.substr(skipped), encoding, sink);
  for (std::size_t& offset : decoded.undecodable_at) offset += skipped;
  return decoded;
}

Decoded decode(std::string_view bytes) { return decode(bytes, detect_encoding(bytes)); }

EncodedCp932 encode_cp932(std::string_view utf8) {
  const JisTables& tables = JisTables::get();
  EncodedCp932 encoded;
  encoded.bytes.reserve(utf8.size());
  std::map<char32_t, std::size_t> known;
  for_each_character(utf8, [&](const Character& character) {
    const char32_t c = character.value;
    unsigned code = tables.to_cp932(c);
    if (c < 0x80) {
      encoded.bytes += static_cast<char>(c);
      return;
    }
    if (c >= 0xFF61 && c <= 0xFF9F) {
      encoded.bytes += static_cast<char>(c - 0xFF61 + 0xA1);
      return;
    }
    if (code == 0) {
      const auto [place, is_new] = known.try_emplace(c, encoded.missing.size());
      if (is_new) encoded.missing.push_back({.character = c, .count = 0, .first_at = character.begin});
      ++encoded.missing[place->second].count;
      code = tables.to_cp932(U'〓');
    }
    encoded.bytes += static_cast<char>(code >> 8);
    encoded.bytes += static_cast<char>(code & 0xFF);
  });
  return encoded;
}

}  // namespace sekisho::text
