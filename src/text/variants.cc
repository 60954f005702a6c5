#include "text/variants.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "text/utf8.h"

namespace sekisho::text {
namespace {

/// Verbs and nouns that official writing (公用文における漢字使用等について) and others write as one word of two kanji, whatever the
/// okurigana; the dictionary knows some of their spellings only in halves.
constexpr std::string_view kCompounds =
    "申込 申合 申立 申出 申受 申渡 貸付 貸出 貸越 貸切 売渡 売上 売出 売払 買受 買入 買上 買戻 買取 建替 建付 締付 締切 明渡 聞取 聞書 引渡 引換 "
    "引受 引継 引当 引込 引取 引上 引下 立入 立会 立替 立退 打合 打切 問合 組合 組入 組立 組替 組換 組込 払込 払戻 払出 払下 払渡 支払 差押 差引 "
    "差出 差止 差戻 差替 繰越 繰入 繰上 繰下 繰替 積立 積込 積出 積替 積卸 割当 割引 割増 割振 取消 取下 取決 取組 取扱 取締 取次 取付 取引 取立 "
    "取崩 取替 取壊 取止 読替 読取 書換 書留 書込 入替 切替 切換 切取 切下 切上 切捨 振替 振込 振出 乗換 乗組 乗入 呼出 呼掛 受取 受付 受入 受渡 "
    "受持 受皿 受継 見積 見直 見込 見舞 見習 見返 届出 手続 折込 折返 置換 置場 借入 借受 借換 持込 持分 持出 追込 仕入 仕上 仕分 仕切 仕組 据置 "
    "据付 備付 言渡 移替 植替 埋立 縫付 編上 抜取 刈取 巻取 巻付 消込 滑止 釣合 釣上 詰替 染付 備置 踏切 預入 譲渡 譲受 焼付 吸上 掘下 積上 積下 "
    "突合 貼付 払落 待合 落込 落着 張付 行過 使分 伺出 伺書 願出 願下 受止 食違 思込 引落 打消 付添 付替 付合 名付 名寄 植付 植込 話合 寄付 寄合 "
    "割合";

/// Whole words that no rule reaches: spelling → key.
constexpr std::array<std::pair<std::string_view, std::string_view>, 77> kWords = {{
    // 送り仮名の付け方, 許容 of 通則 1 to 5.
    {"行なう", "行う"}, {"表わす", "表す"}, {"表われる", "表れる"}, {"現わす", "現す"}, {"現われる", "現れる"}, {"断わる", "断る"}, {"賜わる", "賜る"},
    {"著わす", "著す"}, {"当る", "当たる"}, {"終る", "終わる"}, {"終り", "終わり"}, {"変る", "変わる"}, {"変り", "変わり"}, {"起る", "起こる"},
    {"起す", "起こす"}, {"生れる", "生まれる"}, {"生れ", "生まれ"}, {"落す", "落とす"}, {"暮す", "暮らす"}, {"果す", "果たす"}, {"捕える", "捕らえる"},
    {"集る", "集まる"}, {"向う", "向かう"}, {"浮ぶ", "浮かぶ"}, {"押える", "押さえる"}, {"積る", "積もる"}, {"聞える", "聞こえる"}, {"代る", "代わる"},
    {"明い", "明るい"}, {"少い", "少ない"}, {"危い", "危ない"}, {"難かしい", "難しい"},
    {"伴なう", "伴う"}, {"承わる", "承る"}, {"失なう", "失う"}, {"異る", "異なる"}, {"及す", "及ぼす"}, {"届", "届け"}, {"願", "願い"}, {"答", "答え"},
    {"問", "問い"}, {"祭", "祭り"}, {"晴", "晴れ"}, {"曇", "曇り"}, {"釣", "釣り"}, {"群", "群れ"}, {"狩", "狩り"},
    // Kanji against kana.
    {"子ども", "子供"}, {"こども", "子供"}, {"障がい", "障害"}, {"障碍", "障害"}, {"出来る", "できる"}, {"友だち", "友達"}, {"ともだち", "友達"},
    {"ひとり親", "一人親"}, {"ごみ", "ゴミ"}, {"虞", "おそれ"}, {"恐れ", "おそれ"}, {"怖れ", "おそれ"}, {"宛て", "あて"}, {"宛", "あて"}, 
    {"全て", "すべて"}, {"様々", "さまざま"}, {"色々", "いろいろ"}, {"ガン", "がん"}, {"癌", "がん"}, {"けが", "怪我"}, {"ケガ", "怪我"}, {"はがき", "葉書"},
    {"ハガキ", "葉書"}, {"めがね", "眼鏡"}, {"メガネ", "眼鏡"}, {"たばこ", "タバコ"}, {"煙草", "タバコ"},
    // Loanwords (外来語の表記); keys are what the katakana rules leave.
    {"ディジタル", "デジタル"}, {"データーベース", "データベース"}, {"ダイアモンド", "ダイヤモンド"},
}};

/// Katakana spellings of one sound: replaced wherever they stand.
constexpr std::array<std::pair<std::u32string_view, std::u32string_view>, 14> kSounds = {{{U"ヴァ", U"バ"},
                                                                                         {U"ヴィ", U"ビ"},
                                                                                         {U"ヴェ", U"ベ"},
                                                                                         {U"ヴォ", U"ボ"},
                                                                                         {U"ヴュ", U"ビュ"},
                                                                                         {U"ヴ", U"ブ"},
                                                                                         {U"ェイ", U"ェー"},
                                                                                         {U"ウエ", U"ウェ"},
                                                                                         {U"ウイ", U"ウィ"},
                                                                                         {U"ウオ", U"ウォ"},
                                                                                         {U"クオ", U"クォ"},
                                                                                         {U"ヂ", U"ジ"},
                                                                                         {U"ヅ", U"ズ"},
                                                                                         {U"ヶ", U"ケ"}}};

const std::unordered_map<std::string_view, std::string_view>& words() {
  static const std::unordered_map<std::string_view, std::string_view> kMap(kWords.begin(), kWords.end());
  return kMap;
}

const std::unordered_set<std::string_view>& compounds() {
  static const std::unordered_set<std::string_view> kSet = [] {
    std::unordered_set<std::string_view> set;
    for (std::size_t begin = 0; begin < kCompounds.size();) {
      const std::size_t end = std::min(kCompounds.find(' ', begin), kCompounds.size());
      if (end > begin) set.insert(kCompounds.substr(begin, end - begin));
      begin = end + 1;
    }
    return set;
  }();
  return kSet;
}

std::u32string katakana_key(std::u32string word) {
  for (const auto& [spelling, key] : kSounds) {
    for (std::size_t at = word.find(spelling); at != std::u32string::npos; at = word.find(spelling, at + key.size())) word.replace(at, spelling.size(), key);
  }
  while (word.size() >= 3 && word.back() == U'ー') word.pop_back();
  return word;
}

/// The kanji of a word written in kanji and okurigana alone; empty where it is not.
std::u32string kanji_of(std::u32string_view word) {
  std::u32string kanji;
  for (const char32_t c : word) {
    if (is_kanji(c)) {
      kanji.push_back(c);
    } else if (!is_hiragana(c) || c == U'の') {
      return {};
    }
  }
  return kanji;
}

}  // namespace

std::string variant_key(std::string_view base) {
  if (const auto found = words().find(base); found != words().end()) return std::string(found->second);
  const std::u32string word = to_utf32(base);
  if (word.size() >= 2 && std::all_of(word.begin(), word.end(), is_katakana)) return to_utf8(katakana_key(word));
  if (word.empty() || !is_kanji(word[0])) return std::string(base);
  const std::u32string kanji = kanji_of(word);
  return kanji.size() >= 2 ? to_utf8(kanji) : std::string(base);
}

bool joins_as_one_word(std::string_view left, std::string_view right) {
  constexpr std::size_t kHalfBytes = 4 * 3;  // A kanji and at most three kana.
  if (left.size() > kHalfBytes || right.size() > kHalfBytes) return false;
  const std::string joined = std::string(left) + std::string(right);
  if (words().contains(joined)) return true;
  const std::u32string kanji = kanji_of(to_utf32(joined));
  // A kanji on each side: に + 申し込め is a particle before a word that is whole already.
  return kanji.size() == 2 && is_kanji(character_at(left, 0).value) && is_kanji(character_at(right, 0).value) && compounds().contains(to_utf8(kanji));
}

std::string_view variants_version() { return "v2"; }

}  // namespace sekisho::text
