#include "gate/dlp_words.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "gate/dlp_scan.h"
#include "text/era_date.h"
#include "text/utf8.h"

namespace sekisho::gate::dlp {
namespace {

using View = std::u32string_view;
constexpr std::size_t npos = View::npos;

bool is_word_character(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_blank(char32_t c) { return c == ' ' || c == '\t' || c == 0x3000; }

// ---- mail

/// `a@b.jp` around the @ at `at`; blanks beside the @ are a disguise.
std::optional<FoundWords> mail_at(View points, std::size_t at) {
  constexpr View kLocal = U"._%+-";
  std::size_t begin = at;
  while (begin > 0 && is_blank(points[begin - 1])) --begin;
  const std::size_t local_end = begin;
  while (begin > 0 && (is_word_character(points[begin - 1]) || kLocal.find(points[begin - 1]) != npos)) --begin;
  std::size_t end = at + 1;
  while (end < points.size() && is_blank(points[end])) ++end;
  const std::size_t domain = end;
  while (end < points.size() && (is_word_character(points[end]) || points[end] == '-' || points[end] == '.')) ++end;
  while (end > domain && (points[end - 1] == '.' || points[end - 1] == '-')) --end;
  const std::size_t dot = points.substr(0, end).rfind(U'.');
  if (begin == local_end || dot == npos || dot <= domain || end - dot < 3) return std::nullopt;
  return FoundWords{PersonalKind::kMail, begin, end};
}

// ---- address

constexpr std::array<View, 47> kPrefectures = {
    U"北海道", U"青森県", U"岩手県", U"宮城県", U"秋田県", U"山形県", U"福島県", U"茨城県", U"栃木県", U"群馬県", U"埼玉県", U"千葉県",
    U"東京都", U"神奈川県", U"新潟県", U"富山県", U"石川県", U"福井県", U"山梨県", U"長野県", U"岐阜県", U"静岡県", U"愛知県", U"三重県",
    U"滋賀県", U"京都府", U"大阪府", U"兵庫県", U"奈良県", U"和歌山県", U"鳥取県", U"島根県", U"岡山県", U"広島県", U"山口県", U"徳島県",
    U"香川県", U"愛媛県", U"高知県", U"福岡県", U"佐賀県", U"長崎県", U"熊本県", U"大分県", U"宮崎県", U"鹿児島県", U"沖縄県"};
constexpr std::size_t kPlacePoints = 40;
constexpr View kMunicipal = U"市区町村郡";

bool is_place_character(char32_t c) {
  return (text::is_kanji(c) && digit_value(c) < 0) || text::is_katakana(c) || c == U'が' || c == U'の' || c == U'つ' || c == U'ヶ' || c == U'ケ' || is_blank(c);
}

/// A house number from `at` on: 1-2-3, 2丁目1番3号, 123番地の4; its end, or `at` where there is none.
std::size_t house_end(View points, std::size_t at) {
  constexpr std::array<View, 7> kMarks = {U"丁目", U"番地", U"番", U"号室", U"号", U"の", U"-"};
  std::size_t end = at;
  std::size_t numbers = 0;
  bool named = false;
  for (std::size_t i = at; i < points.size();) {
    const std::size_t begin = i;
    while (i < points.size() && (digit_value(points[i]) >= 0 || is_numeral_unit(points[i]))) ++i;
    if (i == begin || i - begin > 5) break;
    ++numbers;
    end = i;
    const View rest = points.substr(i);
    const auto mark = std::find_if(kMarks.begin(), kMarks.end(), [&](View m) { return rest.starts_with(m); });
    if (mark == kMarks.end() && !rest.starts_with(U"ー") && !rest.starts_with(U"−")) break;
    const std::size_t size = mark == kMarks.end() ? 1 : mark->size();
    named = named || (mark != kMarks.end() && (*mark == U"丁目" || *mark == U"番地" || *mark == U"番"));
    if (mark == kMarks.end() || *mark != U"-") end = i + (rest.starts_with(U"の") ? 0 : size);
    i += size;
    while (i < points.size() && (is_blank(points[i]) || points[i] == U'の')) ++i;
  }
  return numbers >= 2 || named ? end : at;
}

/// Where the name of the place begins that ends at `house`; `house` where it is none.
std::size_t place_begin(View points, std::size_t house) {
  const std::size_t floor = house > kPlacePoints ? house - kPlacePoints : 0;
  const View before = points.substr(floor, house - floor);
  std::size_t stop = before.find_last_of(U"。、,:\n\t|\"()「」");
  const View line = before.substr(stop == npos ? 0 : stop + 1);
  const std::size_t offset = house - line.size();
  std::size_t best = npos;
  for (const View name : kPrefectures) {
    const std::size_t at = line.rfind(name);
    if (at != npos && (best == npos || at > best)) best = at;
  }
  if (best != npos) return offset + best;
  std::size_t begin = house;
  while (begin > offset && is_place_character(points[begin - 1])) --begin;
  while (begin < house && is_blank(points[begin])) ++begin;
  const View name = points.substr(begin, house - begin);
  const std::size_t municipal = name.find_first_of(kMunicipal, 1);
  return municipal != npos && name.size() <= 24 ? begin : house;
}

// ---- birth

constexpr std::size_t kBirthReach = 40;

bool speaks_of_birth(View before, View after) {
  constexpr std::array<View, 5> kBefore = {U"生年月日", U"誕生日", U"生まれ", U"birth", U"出生"};
  for (const View word : kBefore) {
    const std::size_t at = before.rfind(word);
    if (at != npos && before.substr(at).find(U'。') == npos && before.size() - at <= word.size() + 12) return true;
  }
  View rest = after;
  while (!rest.empty() && (is_blank(rest[0]) || rest[0] == U'(' || rest[0] == U')')) rest.remove_prefix(1);
  if (rest.starts_with(U"生まれ")) return true;
  // 昭和60年4月1日生: not 生産, 生活.
  return rest.starts_with(U"生") && (rest.size() == 1 || !text::is_kanji(rest[1]));
}

}  // namespace

std::vector<FoundWords> find_mails(View points) {
  std::vector<FoundWords> found;
  for (std::size_t at = points.find(U'@'); at != npos; at = points.find(U'@', at + 1)) {
    if (const auto mail = mail_at(points, at)) found.push_back(*mail);
  }
  return found;
}

std::vector<FoundWords> find_addresses(View points) {
  std::vector<FoundWords> found;
  for (std::size_t at = 0; at < points.size(); ++at) {
    if (digit_value(points[at]) < 0 || at == 0 || !(is_place_character(points[at - 1]))) continue;
    const std::size_t end = house_end(points, at);
    if (end == at) continue;
    const std::size_t begin = place_begin(points, at);
    if (begin == at) continue;
    found.push_back({PersonalKind::kAddress, begin, end});
    at = end - 1;
  }
  return found;
}

std::vector<FoundWords> find_births(View points) {
  std::vector<FoundWords> found;
  if (points.find(U"生") == npos && points.find(U"birth") == npos) return found;
  const std::string bytes = text::to_utf8(points);
  for (const text::DateMention& date : text::find_dates(bytes)) {
    if (date.day == 0 || date.year == 0) continue;
    const std::size_t begin = text::count_characters(std::string_view(bytes).substr(0, date.range.begin));
    const std::size_t end = begin + text::count_characters(date.range.of(bytes));
    const std::size_t from = begin > kBirthReach ? begin - kBirthReach : 0;
    if (speaks_of_birth(points.substr(from, begin - from), points.substr(end, 8))) found.push_back({PersonalKind::kBirth, begin, end});
  }
  return found;
}

}  // namespace sekisho::gate::dlp
