#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "text/encoding.h"
#include "text/utf8.h"
#include "worker/extract_lines.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kGroups = 2'000;

/// What a group inherits from the one around it and gives back at its end.
struct State {
  bool left_out = false;    ///< A destination that is no text of the document.
  bool in_fonts = false;    ///< Within {\fonttbl …}.
  bool in_styles = false;   ///< Within {\stylesheet …}.
  bool hidden = false;
  bool in_table = false;
  int outline = 0;          ///< Of a heading, from 1.
  int style = 0;
  int font = 0;
  std::size_t skips = 1;    ///< Characters that stand for one \u where it is not known.
};

/// A control word with its number: \par, \u12354, \'82.
struct Control {
  std::string word;
  std::optional<int> number;
};

bool is_left_out(std::string_view word) {
  constexpr std::array<std::string_view, 25> kOut{"colortbl", "info", "pict", "object", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf",
                                                  "listtable", "listoverridetable", "rsidtbl", "generator", "themedata", "colorschememapping", "latentstyles", "datastore", "fldinst",
                                                  "annotation", "xmlnstbl", "filetbl", "revtbl"};
  return std::find(kOut.begin(), kOut.end(), word) != kOut.end();
}

/// Rich Text Format 1.9 as a stream of groups, controls and bytes.
class RtfReader {
 public:
  RtfReader(std::string_view bytes, ExtractOutput& output) : bytes_(bytes), output_(output) { states_.emplace_back(); }

  std::int64_t read() {
    while (at_ < bytes_.size() && more_) {
      const char c = bytes_[at_];
      if (c == '{') {
        ++at_;
        flush_bytes();
        if (states_.size() < kGroups) {
          states_.push_back(states_.back());
        } else {
          ++too_deep_;
        }
        may_be_optional_ = false;
      } else if (c == '}') {
        ++at_;
        end_group();
      } else if (c == '\\') {
        control();
      } else {
        ++at_;
        if (c != '\r' && c != '\n') byte(c);
      }
    }
    end_paragraph();
    if (states_.size() > 1) output_.note(0, "damaged", "the document breaks off");
    send();
    return std::max<std::int64_t>(page_, 1);
  }

  [[nodiscard]] const std::string& title() const { return title_; }
  [[nodiscard]] bool hides_text() const { return hides_text_; }
  [[nodiscard]] bool has_changes() const { return changes_; }
  [[nodiscard]] bool has_comments() const { return comments_; }

 private:
  State& state() { return states_.back(); }

  void end_group() {
    flush_bytes();
    if (too_deep_ > 0) {
      --too_deep_;
    } else if (states_.size() > 1) {
      states_.pop_back();
    }
  }

  void control() {
    if (++at_ >= bytes_.size()) return;
    const char c = bytes_[at_];
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) return symbol(c);
    Control found;
    while (at_ < bytes_.size() && std::isalpha(static_cast<unsigned char>(bytes_[at_])) != 0 && found.word.size() < 32) found.word += bytes_[at_++];
    std::string digits;
    if (at_ < bytes_.size() && bytes_[at_] == '-') digits += bytes_[at_++];
    while (at_ < bytes_.size() && std::isdigit(static_cast<unsigned char>(bytes_[at_])) != 0 && digits.size() < 9) digits += bytes_[at_++];
    if (!digits.empty() && digits != "-") found.number = std::atoi(digits.c_str());
    if (at_ < bytes_.size() && bytes_[at_] == ' ') ++at_;
    obey(found);
  }

  void symbol(char c) {
    ++at_;
    if (c == '\'') {
      if (at_ + 1 >= bytes_.size()) return;
      const std::string digits(bytes_.substr(at_, 2));
      at_ += 2;
      byte(static_cast<char>(std::strtol(digits.c_str(), nullptr, 16)));
    } else if (c == '*') {
      may_be_optional_ = true;
    } else if (c == '~') {
      say(" ");
    } else if (c == '_') {
      say("-");
    } else if (c == '\r' || c == '\n') {
      end_paragraph();
    } else if (c == '\\' || c == '{' || c == '}') {
      byte(c);
    }
  }

  void obey(const Control& control) {
    const std::string& word = control.word;
    const bool optional = std::exchange(may_be_optional_, false);
    if (word == "annotation") comments_ = true;
    if (word == "fonttbl") {
      state().in_fonts = state().left_out = true;
    } else if (word == "stylesheet") {
      state().in_styles = state().left_out = true;
    } else if (is_left_out(word) || (optional && word != "shptxt" && word != "ud")) {
      state().left_out = true;
    } else if (word == "bin" && control.number) {
      at_ += std::min(static_cast<std::size_t>(std::max(0, *control.number)), bytes_.size() - at_);
    } else if (!obey_font(control) && !obey_look(control)) {
      obey_text(control);
    }
  }

  bool obey_font(const Control& control) {
    const int number = control.number.value_or(0);
    if (control.word == "ansicpg") {
      code_page_ = number;
    } else if (control.word == "deff") {
      default_font_ = number;
    } else if (control.word == "f") {
      flush_bytes();
      state().font = number;
    } else if (control.word == "fcharset" && state().in_fonts) {
      if (charsets_.size() < 10'000) charsets_[state().font] = number;
    } else if (control.word == "uc") {
      state().skips = static_cast<std::size_t>(std::clamp(number, 0, 16));
    } else if (control.word == "u" && control.number) {
      unicode(number);
    } else {
      return false;
    }
    return true;
  }

  bool obey_look(const Control& control) {
    const bool on = control.number.value_or(1) != 0;
    if (control.word == "v") {
      flush_bytes();
      state().hidden = on;
    } else if (control.word == "deleted") {
      flush_bytes();
      changes_ = changes_ || on;
      state().left_out = on;
    } else if (control.word == "revised") {
      changes_ = changes_ || on;
    } else if (control.word == "plain") {
      flush_bytes();
      state().hidden = false;
    } else if (control.word == "pard") {
      state().outline = 0;
      state().in_table = false;
    } else if (control.word == "s") {
      state().style = control.number.value_or(0);
      if (const auto style = outlines_.find(state().style); style != outlines_.end() && !state().in_styles) state().outline = style->second;
    } else if (control.word == "outlinelevel") {
      state().outline = control.number.value_or(9) <= 8 ? std::max(control.number.value_or(0), 0) + 1 : 0;
      if (state().in_styles && outlines_.size() < 10'000) outlines_[state().style] = state().outline;
    } else if (control.word == "intbl") {
      state().in_table = true;
    } else {
      return false;
    }
    return true;
  }

  void obey_text(const Control& control) {
    const std::string& word = control.word;
    if (word == "par" || word == "sect") {
      state().in_table && !state().left_out ? say(" ") : end_paragraph();
    } else if (word == "line") {
      say(state().in_table ? " " : "\n");
    } else if (word == "page") {
      end_paragraph();
      send();
    } else if (word == "tab") {
      say("　");
    } else if (word == "cell" || word == "nestcell") {
      end_cell();
    } else if (word == "row" || word == "nestrow") {
      end_row();
    } else if (word == "emdash" || word == "endash") {
      say("—");
    } else if (word == "bullet") {
      say("・");
    } else if (word == "lquote" || word == "rquote") {
      say("'");
    } else if (word == "ldblquote" || word == "rdblquote") {
      say("\"");
    }
  }

  void unicode(int number) {
    flush_bytes();
    const auto unit = static_cast<char32_t>(number < 0 ? number + 65'536 : number);
    if (unit >= 0xD800 && unit < 0xDC00) {
      high_ = unit;
    } else if (unit >= 0xDC00 && unit < 0xE000 && high_ != 0) {
      say(text::to_utf8(std::u32string(1, 0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00))));
      high_ = 0;
    } else {
      say(text::to_utf8(std::u32string(1, unit)));
    }
    skip(state().skips);
  }
  /// Passes over what stands for a character to readers that do not know \u.
  void skip(std::size_t count) {
    for (; count > 0 && at_ < bytes_.size() && bytes_[at_] != '{' && bytes_[at_] != '}'; --count) {
      if (bytes_[at_] == '\r' || bytes_[at_] == '\n') {
        ++at_, ++count;
      } else if (bytes_[at_] == '\\') {
        if (bytes_.substr(at_, 2) != "\\'") return;  // A control word ends the replacement.
        at_ = std::min(at_ + 4, bytes_.size());
      } else {
        ++at_;
      }
    }
  }

  void byte(char c) {
    if (state().left_out) return;
    pending_ += c;
  }
  void flush_bytes() {
    if (pending_.empty()) return;
    const std::string bytes = std::exchange(pending_, {});
    const auto charset = charsets_.find(state().font != 0 ? state().font : default_font_);
    const bool japanese = code_page_ == 932 || (charset != charsets_.end() && charset->second == 128);
    if (std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return add(bytes);
    if (japanese) return add(text::decode(bytes, text::Encoding::kCp932).text);
    std::string latin;
    for (const char c : bytes) text::append_utf8(latin, static_cast<unsigned char>(c));
    add(latin);
  }
  void say(std::string_view text) {
    flush_bytes();
    if (!state().left_out) add(text);
  }
  void add(std::string_view text) {
    if (state().hidden) {
      hides_text_ = true;
    } else if (paragraph_.size() < limits::kDocumentCharacters) {
      paragraph_ += text;
    }
  }

  void end_cell() {
    flush_bytes();
    if (row_.size() < limits::kTableCells) row_.emplace_back(without_outer_space(paragraph_));
    paragraph_.clear();
  }
  void end_row() {
    std::string line;
    for (std::size_t i = 0; i < row_.size(); ++i) line.append(i > 0 ? "\t" : "").append(row_[i]);
    row_.clear();
    if (!without_outer_space(line).empty()) lines_.push_back({.text = std::move(line), .level = 0});
  }
  void end_paragraph() {
    flush_bytes();
    if (state().left_out) return;
    std::string paragraph = std::exchange(paragraph_, {});
    if (without_outer_space(paragraph).empty()) return;
    if (title_.empty() && state().outline == 1) title_ = paragraph;
    lines_.push_back({.text = std::move(paragraph), .level = state().outline});
  }
  void send() {
    if (lines_.empty()) return;
    more_ = output_.page(++page_, lines_) && more_;
    lines_.clear();
  }

  std::string_view bytes_;
  ExtractOutput& output_;
  std::vector<State> states_;
  std::map<int, int> charsets_;  ///< Of fonts.
  std::map<int, int> outlines_;  ///< Levels of headings, of styles.
  std::vector<Line> lines_;
  std::vector<std::string> row_;
  std::string pending_;    ///< Bytes that are not decoded yet.
  std::string paragraph_;
  std::string title_;
  std::size_t at_ = 0;
  std::size_t too_deep_ = 0;
  std::int64_t page_ = 0;
  int code_page_ = 1252;
  int default_font_ = 0;
  char32_t high_ = 0;
  bool may_be_optional_ = false;
  bool hides_text_ = false;
  bool changes_ = false;
  bool comments_ = false;
  bool more_ = true;
};

}  // namespace

Outcome read_rtf(std::string_view bytes, const Request& request, ExtractOutput& output) {
  static_cast<void>(request);
  RtfReader reader(bytes, output);
  const std::int64_t pages = reader.read();
  if (reader.hides_text()) output.note(0, "hidden_text", "text that is not shown");
  if (reader.has_changes()) output.note(0, "changes_accepted");
  if (reader.has_comments()) output.note(0, "comments_ignored");
  if (output.characters() == 0) output.note(0, "empty_page", "no text");
  return End{.kind = "rtf", .encoding = "", .title = std::string(text::first_characters(reader.title(), 200)), .pages = pages};
}

}  // namespace sekisho::worker
