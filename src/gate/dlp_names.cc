#include <algorithm>
#include <array>
#include <string_view>

#include "gate/dlp_scan.h"
#include "gate/dlp_words.h"
#include "text/utf8.h"

namespace sekisho::gate::dlp {
namespace {

using text::Naming;
using text::Word;
using text::WordKind;

constexpr std::array<std::string_view, 10> kTitles = {"様", "さま", "さん", "氏", "殿", "君", "くん", "ちゃん", "先生", "夫妻"};
constexpr std::array<std::string_view, 13> kLabels = {"氏名", "名前", "申請者", "届出人", "世帯主", "本人", "担当者", "保護者", "代表者", "請求者", "被保険者", "受給者", "相談者"};
/// What stands behind 氏名 and is no name: the next heading, an empty field.
constexpr std::array<std::string_view, 20> kFields = {"住所", "氏名", "生年", "電話", "年齢", "性別", "番号", "職業", "続柄", "備考", "区分", "未定", "不明", "なし", "記入", "欄", "印", "様式", "所属", "連絡"};
/// They end a field, or open an aside: 本人（…
constexpr std::u32string_view kNoMarks = U"、。(「";
/// Given names that are words too, which the dictionary prefers.
constexpr std::array<std::string_view, 24> kGivenWords = {"学", "愛", "実", "修", "進", "清", "正", "勇", "豊", "茂", "光", "望", "忍", "薫", "純", "誠", "恵", "翼", "歩", "泉", "葵", "桜", "蓮", "稔"};
constexpr std::size_t kNameCharacters_max = 12;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class NameSearch {
 public:
  NameSearch(std::string_view text, std::vector<Word> words) : text_(text), words_(std::move(words)) {}

  std::vector<FoundWords> search() {
    std::vector<FoundWords> found;
    for (std::size_t i = 0; i < words_.size();) {
      std::size_t last = labelled(i);
      const bool is_label = last != i;
      std::size_t first = i;
      if (is_label) {
        first = name_after_label_;
      } else {
        last = whole_name(i);
      }
      if (last == i || is_number(first, last)) {
        ++i;
        continue;
      }
      found.push_back({PersonalKind::kName, words_[first].begin, words_[last - 1].end});
      i = last;
    }
    return found;
  }

 private:
  [[nodiscard]] std::string_view surface(std::size_t i) const { return i < words_.size() ? text_.substr(words_[i].begin, words_[i].end - words_[i].begin) : std::string_view(); }
  [[nodiscard]] Naming naming(std::size_t i) const { return i < words_.size() ? words_[i].naming : Naming::kNothing; }
  [[nodiscard]] bool is_gap(std::size_t i) const { return i < words_.size() && words_[i].kind == WordKind::kSymbol && text::count_characters(surface(i)) == 1 && is_mark(i); }
  /// MeCab leaves blanks out: a name may have one between its parts, and no line end.
  [[nodiscard]] bool beside(std::size_t left, std::size_t right) const {
    if (right >= words_.size()) return false;
    const std::string_view between = text_.substr(words_[left].end, words_[right].begin - words_[left].end);
    return between.size() <= 3 && between.find('\n') == std::string_view::npos;
  }
  /// 陸陸: 大字 that the dictionary takes for names.
  [[nodiscard]] bool is_number(std::size_t first, std::size_t last) const {
    bool digits = true;
    text::for_each_character(text_.substr(words_[first].begin, words_[last - 1].end - words_[first].begin), [&](const text::Character& c) { digits = digits && digit_value(c.value) >= 0; });
    return digits;
  }
  [[nodiscard]] bool may_be_given(std::size_t i) const {
    const Naming n = naming(i);
    return n == Naming::kGiven || n == Naming::kFamily || n == Naming::kPerson || is_one_of(surface(i), kGivenWords);
  }
  /// The word after the name that begins with `i`, or `i`.
  [[nodiscard]] std::size_t whole_name(std::size_t i) const {
    const Naming first = naming(i);
    if (first == Naming::kNothing) return i;
    if (first == Naming::kFamily && beside(i, i + 1) && may_be_given(i + 1)) return i + 2;
    const bool joined = (first == Naming::kFamily || (first == Naming::kPlace && naming(i + 2) == Naming::kGiven)) && is_gap(i + 1) && words_[i].end == words_[i + 1].begin && (may_be_given(i + 2) || naming(i + 2) == Naming::kPlace);
    if (joined) return i + 3;  // 山田・太郎
    // 千葉 太郎: a place's name that is a family name too, before a given name.
    if (first == Naming::kPlace && beside(i, i + 1) && naming(i + 1) == Naming::kGiven) return i + 2;
    if (first == Naming::kPerson && text::count_characters(surface(i)) >= 3) return i + 1;
    const bool titled = words_[i].kind == WordKind::kProperNoun && first != Naming::kPlace && beside(i, i + 1) && is_one_of(surface(i + 1), kTitles);
    return titled ? i + 1 : i;
  }
  /// 氏名：山田 太郎 — what stands behind the label is a name though no dictionary knows it. The word after it, or `i`.
  std::size_t labelled(std::size_t i) {
    std::size_t next = i;
    if (is_one_of(surface(i), kLabels)) next = i + 1;
    else if (surface(i) == "氏" && surface(i + 1) == "名") next = i + 2;
    if (next == i || next >= words_.size()) return i;
    if (!is_mark(next)) return i;
    while (is_mark(next)) ++next;
    std::size_t last = next;
    std::size_t characters = 0;
    while (last < words_.size() && last - next < 6 && is_name_part(last) && (last == next || beside(last - 1, last))) {
      characters += text::count_characters(surface(last));
      ++last;
    }
    while (last > next && is_one_of(surface(last - 1), kTitles)) --last;
    if (last == next || characters < 2 || characters > kNameCharacters_max || last - next > 5) return i;
    if (last < words_.size() && words_[last].kind == WordKind::kNumber) return i;
    for (std::size_t k = next; k < last; ++k) {
      if (std::any_of(kFields.begin(), kFields.end(), [&](std::string_view field) { return surface(k).starts_with(field); })) return i;
    }
    name_after_label_ = next;
    return last;
  }
  /// : " = | 】 and whatever else joins a label and its field.
  [[nodiscard]] bool is_mark(std::size_t i) const {
    bool mark = i < words_.size();
    text::for_each_character(surface(i), [&](const text::Character& c) {
      mark = mark && kNoMarks.find(c.value) == std::u32string_view::npos && !is_letter(c.value) && !text::is_ascii_digit(c.value);
    });
    return mark;
  }
  static bool is_letter(char32_t c) { return text::is_kanji(c) || text::is_katakana(c) || text::is_hiragana(c) || text::is_ascii_letter(c); }
  [[nodiscard]] bool is_name_part(std::size_t i) const {
    if (is_gap(i)) return true;
    if (words_[i].kind == WordKind::kParticle || words_[i].kind == WordKind::kSymbol) return false;
    bool letters = true;
    text::for_each_character(surface(i), [&](const text::Character& c) { letters = letters && is_letter(c.value); });
    return letters;
  }

  std::string_view text_;
  std::vector<Word> words_;
  std::size_t name_after_label_ = 0;
};

}  // namespace

std::vector<FoundWords> find_names(std::string_view folded, const text::WordAnalyser& words) { return NameSearch(folded, words.analyse(folded)).search(); }

}  // namespace sekisho::gate::dlp
