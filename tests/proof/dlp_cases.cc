#include "dlp_cases.h"

#include <array>
#include <functional>

#include "gate/dlp_checks.h"
#include "text/numerals.h"
#include "text/utf8.h"

namespace sekisho::gate {
namespace {

using enum PersonalKind;

/// splitmix64: the same numbers everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <typename List>
  std::string_view of(const List& list) { return std::data(list)[below(std::size(list))]; }
  std::string digits(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += static_cast<char>('0' + below(10));
    return out;
  }

 private:
  std::uint64_t state_;
};

// ---- numbers

std::string my_number(Dice& dice) {
  for (;;) {
    std::string digits = dice.digits(12);
    for (char c = '0'; c <= '9'; ++c) {
      digits.back() = c;
      if (dlp::is_my_number(digits)) return digits;
    }
  }
}

std::string corporate_number(Dice& dice) {
  for (;;) {
    std::string digits = dice.digits(13);
    for (char c = '1'; c <= '9'; ++c) {
      digits.front() = c;
      if (dlp::is_corporate_number(digits)) return digits;
    }
  }
}

// ---- disguises of numbers

std::string each(std::string_view digits, const std::function<std::string(char)>& write, std::string_view between = "") {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0) out += between;
    out += write(digits[i]);
  }
  return out;
}
std::string as_is(char c) { return std::string(1, c); }
std::string points_from(char32_t zero, char c) {
  std::string out;
  text::append_utf8(out, zero + static_cast<char32_t>(c - '0'));
  return out;
}
std::string from_table(std::u32string_view table, char c) {
  std::string out;
  text::append_utf8(out, table[static_cast<std::size_t>(c - '0')]);
  return out;
}
std::string full_width(char c) { return points_from(0xFF10, c); }
std::string kanji(char c) { return from_table(U"〇一二三四五六七八九", c); }

std::string grouped(std::string_view digits, std::size_t size, std::string_view between) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && i % size == 0) out += between;
    out += digits[i];
  }
  return out;
}
/// Groups that divide the number evenly, as forms do: by four, by three, by two.
std::size_t even_group(std::string_view digits) { return digits.size() % 4 == 0 ? 4 : digits.size() % 5 == 0 ? 5 : digits.size() % 3 == 0 ? 3 : digits.size(); }

struct Disguise {
  std::string_view name;
  std::string (*write)(Dice& dice, std::string_view digits);
  bool inline_ = true;    ///< Can stand in a cell, a JSON string, a line.
  bool evident = true;    ///< A 個人番号 so written is seen as one number without a label.
};

const std::array kDisguises = {
    Disguise{"そのまま", [](Dice&, std::string_view d) { return std::string(d); }},
    Disguise{"全角", [](Dice&, std::string_view d) { return each(d, full_width); }},
    Disguise{"全角と半角", [](Dice& dice, std::string_view d) { return each(d, [&](char c) { return dice.one_in(2) ? full_width(c) : as_is(c); }); }},
    Disguise{"漢数字", [](Dice&, std::string_view d) { return each(d, kanji); }},
    Disguise{"漢数字と算用数字", [](Dice& dice, std::string_view d) { return each(d, [&](char c) { return dice.one_in(2) ? kanji(c) : as_is(c); }); }},
    Disguise{"大字", [](Dice&, std::string_view d) { return each(d, [](char c) { return from_table(U"零壱弐参四五六七八九", c); }); }},
    Disguise{"旧大字", [](Dice&, std::string_view d) { return each(d, [](char c) { return from_table(U"零壹貳參肆伍陸漆捌玖", c); }); }, true, false},
    Disguise{"位取りの漢数字", [](Dice&, std::string_view d) { return text::kanji_numeral(std::stoll(std::string(d))); }, true, false},
    Disguise{"ハイフン", [](Dice&, std::string_view d) { return grouped(d, even_group(d), "-"); }},
    Disguise{"全角ハイフン", [](Dice&, std::string_view d) { return grouped(d, even_group(d), "－"); }},
    Disguise{"いろいろな横線", [](Dice& dice, std::string_view d) { return grouped(d, even_group(d), dice.of(std::array{"‐", "‑", "–", "—", "―", "−", "ー", "─", "ｰ"})); }},
    Disguise{"空白", [](Dice&, std::string_view d) { return grouped(d, even_group(d), " "); }},
    Disguise{"全角空白", [](Dice&, std::string_view d) { return grouped(d, even_group(d), "　"); }},
    Disguise{"狭い空白", [](Dice& dice, std::string_view d) { return grouped(d, even_group(d), dice.of(std::array{"\u00A0", "\u2009", "\u202F", "\u2003"})); }},
    Disguise{"一桁ごとの空白", [](Dice&, std::string_view d) { return each(d, as_is, " "); }},
    Disguise{"一桁ごとの全角空白", [](Dice&, std::string_view d) { return each(d, full_width, "　"); }},
    Disguise{"中黒", [](Dice&, std::string_view d) { return grouped(d, even_group(d), "・"); }},
    Disguise{"一桁ごとの点", [](Dice&, std::string_view d) { return each(d, as_is, "."); }},
    Disguise{"斜線", [](Dice&, std::string_view d) { return grouped(d, even_group(d), "/"); }},
    Disguise{"下線", [](Dice&, std::string_view d) { return grouped(d, even_group(d), "_"); }},
    Disguise{"読点", [](Dice&, std::string_view d) { return each(d, as_is, "、"); }},
    Disguise{"星印", [](Dice&, std::string_view d) { return each(d, as_is, "*"); }},
    Disguise{"かぎ括弧", [](Dice&, std::string_view d) { return "「" + each(d, as_is, "」「") + "」"; }},
    Disguise{"角括弧", [](Dice&, std::string_view d) { return "[" + grouped(d, even_group(d), "][") + "]"; }},
    Disguise{"幅のない文字", [](Dice& dice, std::string_view d) {
               return each(d, [&](char c) { return as_is(c) + std::string(dice.one_in(2) ? dice.of(std::array{"\u200B", "\u200C", "\u200D", "\u2060", "\uFEFF", "\u00AD"}) : ""); });
             }},
    Disguise{"向きの制御文字", [](Dice&, std::string_view d) { return "\u202A" + grouped(d, 3, "\u200E") + "\u202C"; }},
    Disguise{"異体字選択子", [](Dice&, std::string_view d) { return each(d, as_is, "\uFE0F"); }},
    Disguise{"丸数字", [](Dice&, std::string_view d) { return each(d, [](char c) { return from_table(U"⓪①②③④⑤⑥⑦⑧⑨", c); }); }},
    Disguise{"黒丸数字", [](Dice&, std::string_view d) { return each(d, [](char c) { return from_table(U"⓿❶❷❸❹❺❻❼❽❾", c); }); }},
    Disguise{"囲みの数字", [](Dice&, std::string_view d) { return each(d, [](char c) { return c == '0' ? "0\u20E3" : as_is(c) + "\u20E3"; }); }},
    Disguise{"数学の数字", [](Dice&, std::string_view d) { return each(d, [](char c) { return points_from(0x1D7CE, c); }); }},
    Disguise{"上付きと下付き", [](Dice&, std::string_view d) { return each(d, [](char c) { return from_table(U"₀₁₂₃₄₅₆₇₈₉", c); }); }},
    Disguise{"読み違い", [](Dice& dice, std::string_view d) {
               std::size_t left = d.size() / 2 - 1;
               return each(d, [&](char c) {
                 const std::string_view letters = c == '0' ? "OoＯ" : c == '1' ? "lI" : c == '2' ? "Z" : c == '5' ? "S" : c == '8' ? "B" : "";
                 if (letters.empty() || left == 0 || dice.one_in(2)) return as_is(c);
                 --left;
                 return c == '0' && dice.one_in(3) ? std::string("Ｏ") : std::string(1, letters[c == '0' ? dice.below(2) : dice.below(letters.size())]);
               });
             }, true, false},
    Disguise{"行の折返し", [](Dice& dice, std::string_view d) {
               const std::size_t cut = 2 + dice.below(d.size() - 3);
               return std::string(d.substr(0, cut)) + std::string(dice.of(std::array{"\n", "\r\n", "\n　"})) + std::string(d.substr(cut));
             }, false, false},
    Disguise{"ハイフンと折返し", [](Dice&, std::string_view d) { return std::string(d.substr(0, 4)) + "-\n" + std::string(d.substr(4)); }, false, false},
    Disguise{"一行に一桁", [](Dice&, std::string_view d) { return each(d, as_is, "\n"); }, false},
    Disguise{"縦書きの漢数字", [](Dice&, std::string_view d) { return each(d, kanji, "\n"); }, false},
    Disguise{"表の枠", [](Dice&, std::string_view d) { return "|" + each(d, as_is, "|") + "|"; }, false},
    Disguise{"空白のある表の枠", [](Dice&, std::string_view d) { return "| " + each(d, as_is, " | ") + " |"; }, false},
    Disguise{"罫線", [](Dice&, std::string_view d) { return "│" + each(d, full_width, "│") + "│"; }, false},
    Disguise{"タブ", [](Dice&, std::string_view d) { return each(d, as_is, "\t"); }, false},
    Disguise{"HTMLの表", [](Dice&, std::string_view d) { return "<td>" + each(d, as_is, "</td><td>") + "</td>"; }, false},
    Disguise{"HTMLの表の字下げ", [](Dice&, std::string_view d) { return "<td>" + each(d, as_is, "</td>\n      <td>") + "</td>"; }, false},
    Disguise{"不ぞろい", [](Dice& dice, std::string_view d) {
               return each(d, [&](char c) { return as_is(c) + std::string(dice.one_in(4) ? dice.of(std::array{" ", "-", "・", ".", "　"}) : ""); });
             }, true, false}};

// ---- what stands around

constexpr std::array kBefore = {"昨日の窓口で", "申出によると、", "次のとおり確認した。", "記録には", "担当者が控えたのは", "用紙の欄に", "メモ："};
constexpr std::array kAfter = {"とあった。", "と書かれている。", "を確かめた。", "との連絡を受けた。", "（控え）", "\n以上"};

struct Made {
  std::string text;
  std::size_t begin = 0;
  std::size_t end = 0;
};
Made put(std::string before, std::string_view what, std::string_view after) {
  const std::size_t begin = before.size();
  before += what;
  const std::size_t end = before.size();
  before += after;
  return {std::move(before), begin, end};
}

/// Label and number as offices write them.
Made labelled(Dice& dice, std::string_view label, std::string_view number, bool one_line, std::string& around) {
  const std::string l(label);
  switch (dice.below(one_line ? 9 : 4)) {
    case 0: around = "見出し"; return put(l + "：", number, "\n");
    case 1: around = "文中"; return put("届出人の" + l + "は", number, "である。");
    case 2: around = "見出しの次の行"; return put(l + "\n", number, "\n");
    case 3: around = "括弧の見出し"; return put("【" + l + "】", number, "　ほか");
    case 4: around = "JSON"; return put("{\"区分\":\"新規\",\"" + l + "\":\"", number, "\",\"備考\":\"\"}");
    case 5: around = "CSV"; return put("通し,区分," + l + "\n1,転入,", number, "\n");
    case 6: around = "マークダウンの表"; return put("| 項目 | " + l + " |\n|---|---|\n| 甲 | ", number, " |\n");
    case 7: around = "XML"; return put("<届出><" + l + ">", number, "</" + l + "></届出>");
    default: around = "後の括弧"; return put("控えは", number, "（" + l + "）とする。");
  }
}

DlpCase finish(Made made, std::vector<PersonalKind> kinds, std::string_view form, std::string around) {
  DlpCase c{std::move(made.text), {}, std::string(form), std::move(around)};
  for (const PersonalKind kind : kinds) c.truth.push_back({kind, made.begin, made.end});
  return c;
}

DlpCase number_case(Dice& dice) {
  struct Kind {
    PersonalKind kind;
    std::array<std::string_view, 2> labels;
    std::size_t digits;
  };
  constexpr std::array kKinds = {Kind{kMyNumber, {"個人番号", "マイナンバー"}, 12},     Kind{kMyNumber, {"マイナンバー（個人番号）", "個人番号（12桁）"}, 12},
                                 Kind{kLicence, {"運転免許証番号", "免許証の番号"}, 12}, Kind{kPension, {"基礎年金番号", "年金番号"}, 10},
                                 Kind{kResidentCode, {"住民票コード", "住民票コード"}, 11}, Kind{kInsured, {"被保険者番号", "保険者番号"}, 8},
                                 Kind{kAccount, {"口座番号", "普通預金"}, 7}};
  const Kind& kind = dice.one_in(2) ? kKinds[0] : kKinds[dice.below(kKinds.size())];
  const Disguise& disguise = kDisguises[dice.below(kDisguises.size())];
  const bool wrong = dice.one_in(4);
  std::string digits;
  do {
    digits = kind.kind == kMyNumber && !wrong ? my_number(dice) : dice.digits(kind.digits);
  } while (digits.front() == '0' && disguise.name == "位取りの漢数字");
  const bool bare = kind.kind == kMyNumber && dlp::is_my_number(digits) && disguise.evident && dice.one_in(3);
  const std::string written = disguise.write(dice, digits);
  if (bare) return finish(put(std::string(dice.of(kBefore)), written, dice.of(kAfter)), {kMyNumber}, disguise.name, "見出しなし");
  std::string around;
  Made made = labelled(dice, kind.labels[dice.below(2)], written, disguise.inline_, around);
  return finish(std::move(made), {kind.kind}, disguise.name, around);
}

// ---- other kinds

std::string widened(Dice& dice, std::string_view text) {
  if (!dice.one_in(3)) return std::string(text);
  std::string out;
  for (const char c : text) text::append_utf8(out, c >= '!' && c <= '~' ? static_cast<char32_t>(c) + 0xFEE0 : static_cast<char32_t>(c));
  return out;
}
std::string letters(Dice& dice, std::size_t count) {
  constexpr std::string_view kLetters = "ACDEFGHJKLMNPRTUVWXY";
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += kLetters[dice.below(kLetters.size())];
  return out;
}

DlpCase card_case(Dice& dice) {
  std::string around;
  if (dice.one_in(2)) {
    const std::string number = letters(dice, 2) + dice.digits(8) + letters(dice, 2);
    const std::string written = dice.one_in(4) ? number.substr(0, 2) + " " + number.substr(2, 8) + " " + number.substr(10) : widened(dice, number);
    if (dice.one_in(2)) return finish(put(std::string(dice.of(kBefore)), written, dice.of(kAfter)), {kResidence}, "英字と数字", "見出しなし");
    Made made = labelled(dice, "在留カード番号", written, true, around);
    return finish(std::move(made), {kResidence}, "英字と数字", around);
  }
  const bool own = dice.one_in(2);
  const std::string written = widened(dice, (own ? "T" + letters(dice, 1) : letters(dice, 2)) + dice.digits(7));
  if (own && dice.one_in(2)) return finish(put(std::string(dice.of(kBefore)), written, dice.of(kAfter)), {kPassport}, "英字と数字", "見出しなし");
  Made made = labelled(dice, "旅券番号", written, true, around);
  return finish(std::move(made), {kPassport}, "英字と数字", around);
}

DlpCase phone_case(Dice& dice) {
  const bool mobile = dice.one_in(2);
  const std::string number = mobile ? std::string(dice.of(std::array{"070", "080", "090"})) + dice.of(std::array{"1", "4", "9"}).data() + dice.digits(7) : std::string(dice.of(std::array{"03", "06"})) + "3" + dice.digits(7);
  const std::string area = number.substr(0, mobile ? 3 : 2);
  const std::string rest = number.substr(area.size());
  std::string written;
  switch (dice.below(5)) {
    case 0: written = area + "-" + rest.substr(0, 4) + "-" + rest.substr(4); break;
    case 1: written = area + "(" + rest.substr(0, 4) + ")" + rest.substr(4); break;
    case 2: written = area + " " + rest.substr(0, 4) + " " + rest.substr(4); break;
    case 3: written = widened(dice, area + "-" + rest.substr(0, 4) + "-" + rest.substr(4)); break;
    default: written = each(number.substr(0, area.size()), kanji) + "の" + rest; break;
  }
  if (written.find("の") != std::string::npos) written = each(area, full_width) + "ー" + each(rest.substr(0, 4), full_width) + "ー" + each(rest.substr(4), full_width);
  std::string around;
  if (dice.one_in(2)) return finish(put(std::string(dice.of(kBefore)), written, dice.of(kAfter)), {kPhone}, "電話", "見出しなし");
  Made made = labelled(dice, dice.of(std::array{"電話番号", "連絡先", "TEL"}), written, true, around);
  return finish(std::move(made), {kPhone}, "電話", around);
}

DlpCase mail_case(Dice& dice) {
  std::string local;
  for (std::size_t i = 0, n = 3 + dice.below(8); i < n; ++i) local += static_cast<char>('a' + dice.below(26));
  if (dice.one_in(2)) local += "." + dice.digits(2);
  const std::string written = widened(dice, local + "@" + std::string(dice.of(std::array{"example.jp", "mail.example.co.jp", "town-office.lg.jp", "Example.COM"})));
  return finish(put(std::string(dice.of(kBefore)) + " ", written, dice.one_in(2) ? " へ送る。" : "に連絡した。"), {kMail}, "メール", "文中");
}

constexpr std::array kFamilies = {"佐藤", "鈴木", "高橋", "髙橋", "田中", "伊藤", "渡辺", "渡邊", "渡邉", "山本", "中村", "小林", "加藤", "吉田", "山田", "佐々木", "山口", "松本", "井上", "木村", "斎藤", "齋藤", "齊藤",
                                  "清水", "山崎", "山﨑", "池田", "橋本", "阿部", "石川", "山下", "中島", "小川", "前田", "岡田", "長谷川", "藤田", "後藤", "近藤", "村上", "遠藤", "坂本", "青木", "藤井", "西村", "福田", "太田", "三浦",
                                  "藤原", "岡本", "松田", "中川", "中野", "原田", "小野", "田村", "竹内", "金子", "和田", "中山", "石田", "上田", "森田", "柴田", "酒井", "工藤", "横山", "宮崎", "宮本", "内田", "高木", "安藤", "谷口", "大野"};
constexpr std::array kGivens = {"太郎", "一郎", "健一", "誠", "翔太", "大輔", "拓也", "直樹", "健太", "達也", "裕子", "花子", "恵子", "幸子", "和子", "洋子", "久美子", "由美子", "真由美", "陽子", "智子", "美咲", "愛", "彩香", "浩", "隆", "茂", "進",
                                "博", "修", "清", "正", "勇", "実", "学", "純一", "雄一", "和也", "哲也", "慎一", "秀樹", "隆志", "弘", "豊", "稔", "明美", "直美", "典子", "京子", "順子", "悦子", "節子", "文子", "信子", "春子", "良子"};

DlpCase name_case(Dice& dice) {
  const std::string family(dice.of(kFamilies));
  const std::string given(dice.of(kGivens));
  const std::string_view between = dice.of(std::array{"", "", " ", "　", "\u200B", "・"});
  const std::string written = family + std::string(between) + given;
  Made made;
  std::string around = "文中";
  switch (dice.below(5)) {
    case 0: made = put("氏名：", written, "\n"); around = "見出し"; break;
    case 1: made = put("申請者: ", written, "様\n"); around = "見出し"; break;
    case 2: made = put("昨日、", written, "さんから相談を受けた。"); break;
    case 3: made = put("本件は", written, "が提出した。"); break;
    default: made = put("{\"氏名\":\"", written, "\",\"区分\":\"新規\"}"); around = "JSON"; break;
  }
  return finish(std::move(made), {kName}, "氏名", around);
}

DlpCase address_case(Dice& dice) {
  constexpr std::array kTowns = {"東京都千代田区霞が関", "北海道札幌市中央区北一条西", "大阪府大阪市北区中之島", "愛知県名古屋市中区三の丸", "福岡県福岡市博多区東公園", "埼玉県さいたま市浦和区高砂", "京都府京都市上京区下立売通",
                                 "神奈川県横浜市中区日本大通", "新潟県長岡市大手通", "沖縄県那覇市泉崎", "宮城県仙台市青葉区本町", "長野県長野市大字南長野", "関所市本町", "桜台区緑が丘", "岡山市北区内山下", "高松市番町", "上川郡東神楽町南"};
  const std::string a = std::to_string(1 + dice.below(9)), b = std::to_string(1 + dice.below(30)), c = std::to_string(1 + dice.below(20));
  std::string house;
  switch (dice.below(6)) {
    case 0: house = a + "-" + b + "-" + c; break;
    case 1: house = a + "丁目" + b + "番" + c + "号"; break;
    case 2: house = kanji(a[0]) + "丁目" + b + "番地の" + c; break;
    case 3: house = each(a, full_width) + "－" + each(b, full_width) + "－" + each(c, full_width); break;
    case 4: house = b + "番地"; break;
    default: house = a + "丁目" + b + "-" + c; break;
  }
  const std::string written = std::string(dice.of(kTowns)) + std::string(dice.one_in(6) ? " " : "") + house;
  return finish(put(dice.one_in(2) ? "住所：" : "転居先は、", written, dice.one_in(2) ? "\n" : "です。"), {kAddress}, "住所", "文中");
}

DlpCase birth_case(Dice& dice) {
  const std::string y = std::to_string(2 + dice.below(60)), m = std::to_string(1 + dice.below(12)), d = std::to_string(1 + dice.below(28));
  std::string written;
  switch (dice.below(5)) {
    case 0: written = "昭和" + y + "年" + m + "月" + d + "日"; break;
    case 1: written = "S" + y + "." + m + "." + d; break;
    case 2: written = std::to_string(1940 + dice.below(70)) + "年" + m + "月" + d + "日"; break;
    case 3: written = std::to_string(1940 + dice.below(70)) + "/" + m + "/" + d; break;
    default: written = "昭和" + each(y, full_width) + "年" + each(m, full_width) + "月" + each(d, full_width) + "日"; break;
  }
  const bool after = written.find("日") != std::string::npos && dice.one_in(3);
  return finish(after ? put("本人（", written, "生まれ）") : put("生年月日：", written, "\n"), {kBirth}, "生年月日", after ? "後の語" : "見出し");
}

// ---- decoys

struct Decoy {
  std::string_view name;
  std::string (*write)(Dice& dice);
};
std::string disguised(Dice& dice, std::string_view digits, bool inline_only = true) {
  for (;;) {
    const Disguise& disguise = kDisguises[dice.below(kDisguises.size())];
    if (disguise.name == "位取りの漢数字" || (inline_only && !disguise.inline_)) continue;
    return disguise.write(dice, digits);
  }
}
std::string thousands(std::string digits) {
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

const std::array kDecoys = {
    Decoy{"見出しのある別の番号", [](Dice& dice) {
            const std::string_view label = dice.of(std::array{"注文番号", "伝票番号", "お問い合わせ番号", "追跡番号", "管理番号", "受付番号", "整理番号", "製造番号", "契約番号", "会員番号", "文書番号", "備品番号"});
            return std::string(label) + (dice.one_in(2) ? "：" : "は") + disguised(dice, dice.digits(12)) + "\n";
          }},
    Decoy{"法人番号", [](Dice& dice) { return (dice.one_in(2) ? "法人番号：" : "株式会社関所商会（") + disguised(dice, corporate_number(dice)) + "\n"; }},
    Decoy{"検査数字の合わない十二桁", [](Dice& dice) {
            std::string digits = my_number(dice);
            digits.back() = digits.back() == '9' ? '0' : static_cast<char>(digits.back() + 1);
            return std::string(dice.of(kBefore)) + disguised(dice, digits, false) + std::string(dice.of(kAfter));
          }},
    Decoy{"金額", [](Dice& dice) { return "予算の総額は" + (dice.one_in(2) ? thousands("1" + dice.digits(11)) : "1" + dice.digits(11)) + "円である。"; }},
    Decoy{"千円の表", [](Dice& dice) {
            std::string out = "年度\t歳入\t歳出\n";
            for (int i = 0; i < 6; ++i) out += "令和" + std::to_string(i + 1) + "年度\t" + thousands("1" + dice.digits(8)) + "\t" + thousands("1" + dice.digits(8)) + "\n";
            return out;
          }},
    Decoy{"日時", [](Dice& dice) {
            const std::string date = std::to_string(1990 + dice.below(40)) + (dice.one_in(2) ? "1" : "0") + std::to_string(1 + dice.below(2)) + "1" + std::to_string(dice.below(10));
            const std::string time = "1" + std::to_string(dice.below(10)) + std::to_string(dice.below(6)) + std::to_string(dice.below(10));
            switch (dice.below(4)) {
              case 0: return "作成 " + date + time + "\n";
              case 1: return "作成 " + date + "-" + time + "00.log\n";
              case 2: return "更新日時 " + date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6) + " " + time.substr(0, 2) + ":" + time.substr(2) + ":30\n";
              default: return "自 " + date.substr(0, 4) + "/" + date.substr(4, 2) + "/" + date.substr(6) + " 至 " + date.substr(0, 4) + "/12/31\n";
            }
          }},
    Decoy{"桁数の違う番号", [](Dice& dice) {
            constexpr std::array<std::size_t, 5> kCounts = {14, 15, 16, 18, 20};
            const std::size_t count = kCounts[dice.below(kCounts.size())];
            return std::string(dice.of(kBefore)) + (dice.one_in(2) ? dice.digits(count) : grouped(dice.digits(count), 4, dice.of(std::array{"-", " "}))) + std::string(dice.of(kAfter));
          }},
    Decoy{"条番号", [](Dice& dice) { return "第" + text::kanji_numeral(1 + static_cast<std::int64_t>(dice.below(900))) + "条の" + kanji('2') + "第三項第" + kanji('4') + "号の規定により、第" + std::to_string(1 + dice.below(99)) + "条第2項を準用する。"; }},
    Decoy{"アドレスと版", [](Dice& dice) { return "サーバー192.168.1" + dice.digits(2) + ".2" + dice.digits(1) + "4の版は1.2.3" + dice.digits(1) + "." + dice.digits(4) + "です。"; }},
    Decoy{"識別子", [](Dice& dice) {
            constexpr std::string_view kHex = "0123456789abcdef";
            std::string hex;
            for (int i = 0; i < 32; ++i) {
              if (i == 8 || i == 12 || i == 16 || i == 20) hex += '-';
              hex += kHex[dice.below(16)];
            }
            return "記録の識別子は" + hex + "\n";
          }},
    Decoy{"統計の列", [](Dice& dice) {
            std::string out = "町名　男　女　計\n";
            for (int i = 0; i < 9; ++i) out += "第" + std::to_string(i + 1) + "地区 " + std::to_string(1000 + dice.below(9000)) + " " + std::to_string(1000 + dice.below(9000)) + " " + std::to_string(1000 + dice.below(9000)) + "\n";
            return out;
          }},
    Decoy{"通話料のかからない電話", [](Dice& dice) { return "フリーダイヤル0120-" + dice.digits(3) + "-" + dice.digits(3) + "まで"; }},
    Decoy{"図書とバーコード", [](Dice& dice) { return dice.one_in(2) ? "ISBN 978-4-" + dice.digits(2) + "-" + dice.digits(6) + "-" + dice.digits(1) + "\n" : "JAN 49" + dice.digits(11) + "\n"; }},
    Decoy{"座標と割合", [](Dice& dice) { return "北緯35.6" + dice.digits(6) + "、東経139." + dice.digits(7) + "の地点で、前年比" + dice.digits(2) + "." + dice.digits(1) + "%増"; }},
    Decoy{"地名と部署", [](Dice& dice) { return std::string(dice.of(std::array{"東京都", "札幌市", "名古屋市", "福岡県"})) + "の総務課は、令和" + std::to_string(1 + dice.below(8)) + "年4月1日から施行する条例について、第" + std::to_string(1 + dice.below(30)) + "回の会議で説明した。"; }},
    Decoy{"日付", [](Dice& dice) { return "平成" + std::to_string(2 + dice.below(28)) + "年" + std::to_string(1 + dice.below(12)) + "月" + std::to_string(1 + dice.below(28)) + "日に公布され、翌日から施行された。"; }},
    Decoy{"十二桁の列", [](Dice& dice) {
            std::string out = "番号の一覧\n";
            for (int i = 0; i < 40; ++i) out += dice.digits(12) + "\n";
            return out;
          }}};

}  // namespace

std::vector<std::string_view> disguises() {
  std::vector<std::string_view> names;
  for (const Disguise& disguise : kDisguises) names.push_back(disguise.name);
  return names;
}

DlpCase make_case(std::uint64_t seed, std::uint64_t number) {
  Dice dice(seed * 0x9E3779B97F4A7C15ULL + number);
  const std::size_t what = dice.below(100);
  if (what < 40) {
    const Decoy& decoy = kDecoys[dice.below(kDecoys.size())];
    return {decoy.write(dice), {}, std::string(decoy.name), "おとり"};
  }
  if (what < 78) return number_case(dice);
  if (what < 81) return card_case(dice);
  if (what < 85) return phone_case(dice);
  if (what < 88) return mail_case(dice);
  if (what < 93) return name_case(dice);
  if (what < 97) return address_case(dice);
  return birth_case(dice);
}

}  // namespace sekisho::gate
