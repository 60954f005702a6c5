#include "worker/extract_docx_styles.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "text/numerals.h"
#include "text/utf8.h"
#include "worker/extract_xml.h"

namespace sekisho::worker {
namespace {

constexpr int kInheritance_max = 10;
constexpr std::int64_t kNumber_max = 100'000;

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > kNumber_max) return std::nullopt;
  return value;
}

int level_named(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const std::string_view prefix : {"heading ", "見出し ", "見出し"}) {
    if (!lower.starts_with(prefix)) continue;
    if (const auto level = whole_number(std::string_view(lower).substr(prefix.size())); level && *level >= 1 && *level <= 9) return static_cast<int>(*level);
  }
  return lower == "title" || name == "表題" ? 1 : 0;
}

class StyleEvents final : public XmlEvents {
 public:
  explicit StyleEvents(std::map<std::string, DocxStyles::Style>& styles) : styles_(styles) {}
  bool begin(std::string_view name, const Attribute& attribute) override {
    if (name == "style") {
      style_ = attribute("type") == "paragraph" ? &styles_[attribute("styleId")] : nullptr;
    } else if (style_ == nullptr) {
      return true;
    } else if (name == "name" && style_->heading_level == 0) {
      style_->heading_level = level_named(attribute("val"));
    } else if (name == "basedOn") {
      style_->based_on = attribute("val");
    } else if (name == "outlineLvl") {
      if (const auto level = whole_number(attribute("val")); level && *level < 9) style_->heading_level = static_cast<int>(*level) + 1;
    } else if (name == "numId") {
      style_->numbering.number_id = attribute("val");
    } else if (name == "ilvl") {
      style_->numbering.level = static_cast<int>(std::min<std::int64_t>(whole_number(attribute("val")).value_or(0), 8));
    }
    return true;
  }
  void end(std::string_view name) override {
    if (name == "style") style_ = nullptr;
  }
  void text(std::string_view) override {}

 private:
  std::map<std::string, DocxStyles::Style>& styles_;
  DocxStyles::Style* style_ = nullptr;
};

/// Reads a part that may be missing or broken without harm to the text.
tl::expected<void, Note> read_optional(ZipArchive& archive, const std::string& part, XmlEvents& events) {
  if (!archive.has(part)) return {};
  const auto read = read_xml(archive, part, events);
  if (!read && read.error().code == "bomb") return tl::unexpected(read.error());
  return {};
}

std::string of_letters(std::int64_t value, std::u32string_view letters) {
  const auto count = static_cast<std::int64_t>(letters.size());
  std::string out;
  // Word repeats the letter: A … Z, AA, BB.
  for (std::int64_t i = 0; i <= (value - 1) / count && i < 5; ++i) text::append_utf8(out, letters[static_cast<std::size_t>((value - 1) % count)]);
  return out;
}

std::string roman(std::int64_t value) {
  constexpr std::array<std::pair<int, std::string_view>, 13> kParts{{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
                                                                     {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}};
  std::string out;
  for (const auto& [part, letters] : kParts) {
    for (; value >= part && out.size() < 20; value -= part) out += letters;
  }
  return out;
}

std::string each_digit(std::int64_t value, char32_t zero) {
  std::string out;
  for (const char digit : std::to_string(value)) text::append_utf8(out, zero + static_cast<char32_t>(digit - '0'));
  return out;
}

constexpr std::u32string_view kAiueo = U"アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン";
constexpr std::u32string_view kIroha = U"イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン";

}  // namespace

std::string numbered(std::int64_t value, std::string_view format) {
  if (value < 1) return std::to_string(value);
  std::string lower;
  if (format == "decimalFullWidth" || format == "decimalFullWidth2") return each_digit(value, U'０');
  if (format == "japaneseCounting" || format == "chineseCounting" || format == "japaneseLegal" || format == "japaneseDigitalTenThousand" ||
      format == "ideographDigital") {
    return text::kanji_numeral(value);
  }
  if (format == "aiueo" || format == "aiueoFullWidth") return of_letters(value, kAiueo);
  if (format == "iroha" || format == "irohaFullWidth") return of_letters(value, kIroha);
  if (format == "decimalEnclosedCircle" && value <= 20) {
    text::append_utf8(lower, U'①' + static_cast<char32_t>(value - 1));
    return lower;
  }
  if (format == "upperLetter") return of_letters(value, U"ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  if (format == "lowerLetter") return of_letters(value, U"abcdefghijklmnopqrstuvwxyz");
  if (format == "upperRoman") return roman(value);
  if (format == "lowerRoman") {
    for (const char c : roman(value)) lower += static_cast<char>(c + 32);
    return lower;
  }
  return format == "none" ? "" : std::to_string(value);
}

tl::expected<DocxStyles, Note> DocxStyles::read(ZipArchive& archive) {
  DocxStyles styles;
  StyleEvents events(styles.styles_);
  if (const auto done = read_optional(archive, "word/styles.xml", events); !done) return tl::unexpected(done.error());
  return styles;
}

int DocxStyles::heading_level(const std::string& style_id) const {
  std::string id = style_id;
  for (int i = 0; i < kInheritance_max; ++i) {
    const auto found = styles_.find(id);
    if (found == styles_.end()) return 0;
    if (found->second.heading_level > 0) return found->second.heading_level;
    id = found->second.based_on;
  }
  return 0;
}

NumberingPlace DocxStyles::numbering(const std::string& style_id) const {
  std::string id = style_id;
  for (int i = 0; i < kInheritance_max; ++i) {
    const auto found = styles_.find(id);
    if (found == styles_.end()) return {};
    if (!found->second.numbering.number_id.empty()) return found->second.numbering;
    id = found->second.based_on;
  }
  return {};
}

class NumberingEvents final : public XmlEvents {
 public:
  explicit NumberingEvents(DocxNumbering& numbering) : numbering_(numbering) {}
  bool begin(std::string_view name, const Attribute& attribute) override {
    if (name == "abstractNum") {
      abstract_ = &numbering_.abstracts_[attribute("abstractNumId")];
    } else if (name == "num") {
      instance_ = &numbering_.instances_[attribute("numId")];
    } else if (name == "abstractNumId" && instance_ != nullptr) {
      instance_->abstract_id = attribute("val");
    } else if (name == "lvlOverride") {
      level_number_ = level_of(attribute("ilvl"));
    } else if (name == "startOverride" && instance_ != nullptr) {
      instance_->start_overrides[level_number_] = whole_number(attribute("val")).value_or(1);
    } else if (name == "lvl" && abstract_ != nullptr) {
      level_ = &abstract_->levels[level_of(attribute("ilvl"))];
    } else if (level_ != nullptr) {
      level_detail(name, attribute);
    }
    return true;
  }
  void end(std::string_view name) override {
    if (name == "abstractNum") abstract_ = nullptr;
    if (name == "num") instance_ = nullptr;
    if (name == "lvl") level_ = nullptr;
  }
  void text(std::string_view) override {}

 private:
  static int level_of(std::string_view text) { return static_cast<int>(std::min<std::int64_t>(whole_number(text).value_or(0), 8)); }
  void level_detail(std::string_view name, const Attribute& attribute) {
    if (name == "start") level_->start = whole_number(attribute("val")).value_or(1);
    if (name == "numFmt") level_->format = attribute("val");
    if (name == "lvlText") level_->text = attribute("val");
  }

  DocxNumbering& numbering_;
  DocxNumbering::Abstract* abstract_ = nullptr;
  DocxNumbering::Instance* instance_ = nullptr;
  DocxNumbering::Level* level_ = nullptr;
  int level_number_ = 0;
};

tl::expected<DocxNumbering, Note> DocxNumbering::read(ZipArchive& archive) {
  DocxNumbering numbering;
  NumberingEvents events(numbering);
  if (const auto done = read_optional(archive, "word/numbering.xml", events); !done) return tl::unexpected(done.error());
  return numbering;
}

std::string DocxNumbering::next(const NumberingPlace& place) {
  const auto instance = instances_.find(place.number_id);
  if (instance == instances_.end()) return {};
  Abstract& abstract = abstracts_[instance->second.abstract_id];
  const auto level = abstract.levels.find(place.level);
  if (level == abstract.levels.end()) return {};
  if (!instance->second.used) {
    for (const auto& [number, start] : instance->second.start_overrides) abstract.counters[number] = start - 1;
    instance->second.used = true;
  }
  const auto [counter, is_new] = abstract.counters.try_emplace(place.level, level->second.start - 1);
  ++counter->second;
  abstract.counters.erase(abstract.counters.upper_bound(place.level), abstract.counters.end());
  if (level->second.format == "bullet") return "・";

  std::string label;
  const std::string& pattern = level->second.text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool place_holder = pattern[i] == '%' && i + 1 < pattern.size() && pattern[i + 1] >= '1' && pattern[i + 1] <= '9';
    if (!place_holder) {
      label += pattern[i];
      continue;
    }
    const int named = pattern[++i] - '1';
    const auto named_level = abstract.levels.find(named);
    if (named_level == abstract.levels.end()) continue;
    const auto current = abstract.counters.find(named);
    label += numbered(current == abstract.counters.end() ? named_level->second.start : current->second, named_level->second.format);
  }
  return label;
}

}  // namespace sekisho::worker
