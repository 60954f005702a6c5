#include "gate/dlp_labels.h"

#include <algorithm>
#include <array>
#include <vector>

#include "gate/dlp_scan.h"
#include "text/utf8.h"

namespace sekisho::gate::dlp {
namespace {

using enum PersonalKind;

/// Between a label and its number there is not more than this.
constexpr std::size_t kReach = 28;
constexpr std::size_t kReachAfter = 16;

struct Label {
  std::u32string_view words;
  std::optional<PersonalKind> kind;
  std::size_t reach = kReach;
};
constexpr std::optional<PersonalKind> kElse;

constexpr std::array kLabels = {
    Label{U"個人番号", kMyNumber}, Label{U"マイナンバー", kMyNumber}, Label{U"マイナンバ", kMyNumber}, Label{U"マイナ番号", kMyNumber}, Label{U"個人no", kMyNumber},
    Label{U"mynumber", kMyNumber}, Label{U"my_number", kMyNumber}, Label{U"my-number", kMyNumber}, Label{U"kojin_bango", kMyNumber}, Label{U"kojinbango", kMyNumber},
    Label{U"法人番号", kCorporate}, Label{U"corporatenumber", kCorporate}, Label{U"corporate_number", kCorporate},
    Label{U"免許証番号", kLicence}, Label{U"免許証の番号", kLicence}, Label{U"免許証no", kLicence}, Label{U"免許番号", kLicence}, Label{U"運転免許証", kLicence}, Label{U"運転免許", kLicence},
    Label{U"旅券番号", kPassport}, Label{U"旅券の番号", kPassport}, Label{U"旅券", kPassport}, Label{U"パスポート", kPassport}, Label{U"passport", kPassport},
    Label{U"在留カード", kResidence}, Label{U"在留番号", kResidence}, Label{U"特別永住者証明書", kResidence},
    Label{U"基礎年金番号", kPension}, Label{U"年金番号", kPension}, Label{U"年金手帳", kPension},
    Label{U"住民票コード", kResidentCode},
    Label{U"被保険者番号", kInsured}, Label{U"被保険者証", kInsured}, Label{U"保険者番号", kInsured}, Label{U"保険証番号", kInsured}, Label{U"記号番号", kInsured}, Label{U"被保険者記号", kInsured}, Label{U"資格番号", kInsured},
    Label{U"口座番号", kAccount}, Label{U"口座", kAccount}, Label{U"普通預金", kAccount}, Label{U"当座預金", kAccount}, Label{U"普通", kAccount, 2}, Label{U"当座", kAccount, 2}, Label{U"貯金番号", kAccount}, Label{U"振込先", kAccount},
    Label{U"電話番号", kPhone}, Label{U"電話", kPhone}, Label{U"携帯", kPhone}, Label{U"連絡先", kPhone}, Label{U"tel", kPhone}, Label{U"phone", kPhone}, Label{U"fax", kPhone}, Label{U"ファクス", kPhone}, Label{U"ファックス", kPhone}, Label{U"☎", kPhone}, Label{U"℡", kPhone},
    Label{U"郵便番号", kPostal}, Label{U"〒", kPostal}, Label{U"zip", kPostal},
    Label{U"生年月日", kBirth}, Label{U"誕生日", kBirth}, Label{U"生まれ", kBirth}, Label{U"birth", kBirth}, Label{U"生年", kBirth},
    Label{U"注文", kElse}, Label{U"受注", kElse}, Label{U"発注", kElse}, Label{U"伝票", kElse}, Label{U"追跡", kElse}, Label{U"問い合わせ番号", kElse}, Label{U"問合せ番号", kElse}, Label{U"問合番号", kElse}, Label{U"管理番号", kElse},
    Label{U"受付番号", kElse}, Label{U"受理番号", kElse}, Label{U"整理番号", kElse}, Label{U"製造番号", kElse}, Label{U"シリアル", kElse}, Label{U"型番", kElse}, Label{U"商品", kElse}, Label{U"品番", kElse}, Label{U"jan", kElse}, Label{U"isbn", kElse},
    Label{U"契約番号", kElse}, Label{U"会員番号", kElse}, Label{U"顧客番号", kElse}, Label{U"客様番号", kElse}, Label{U"請求", kElse}, Label{U"見積", kElse}, Label{U"文書番号", kElse}, Label{U"登録番号", kElse}, Label{U"予算", kElse}, Label{U"金額", kElse},
    Label{U"合計", kElse}, Label{U"残高", kElse}, Label{U"人口", kElse}, Label{U"総額", kElse}, Label{U"歳入", kElse}, Label{U"歳出", kElse}, Label{U"売上", kElse}, Label{U"order", kElse}, Label{U"tracking", kElse}, Label{U"invoice", kElse},
    Label{U"serial", kElse}, Label{U"バーコード", kElse}, Label{U"機器番号", kElse}, Label{U"資産番号", kElse}, Label{U"備品番号", kElse}, Label{U"地番", kElse}, Label{U"口数", kElse}, Label{U"件数", kElse}, Label{U"決裁番号", kElse}};

constexpr std::array<std::u32string_view, 24> kPerson = {U"氏名", U"本人", U"生年月日", U"住所", U"世帯", U"扶養", U"源泉徴収", U"確定申告", U"マイナ", U"通知カード", U"住民票", U"被保険者",
                                                         U"基礎年金", U"健康保険", U"さん", U"様の", U"様は", U"氏の", U"給与", U"雇用保険", U"住民税", U"届出人", U"申請者", U"職員の"};
constexpr std::array<std::u32string_view, 22> kAmountUnits = {U"円", U"ドル", U"ユーロ", U"人", U"件", U"株", U"票", U"台", U"個", U"本", U"枚", U"kg", U"km", U"トン", U"%",
                                                       U"バイト", U"byte", U"mb", U"m2", U"平方", U"千円", U"百万"};
bool is_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// The labels by the low byte of their last character, so that few are compared at each place.
const std::array<std::vector<const Label*>, 256>& labels_by_end() {
  static const auto kByEnd = [] {
    std::array<std::vector<const Label*>, 256> by_end;
    for (const Label& label : kLabels) by_end[label.words.back() & 0xFF].push_back(&label);
    return by_end;
  }();
  return kByEnd;
}

/// The longest label that ends where `text` ends; not within a longer word (tel in hotel).
const Label* label_at_end(std::u32string_view text) {
  const Label* best = nullptr;
  for (const Label* label : labels_by_end()[text.back() & 0xFF]) {
    if (!text.ends_with(label->words) || (best != nullptr && label->words.size() <= best->words.size())) continue;
    const bool in_a_word = is_letter(label->words.front()) && text.size() > label->words.size() && is_letter(text[text.size() - label->words.size() - 1]);
    if (!in_a_word) best = label;
  }
  return best;
}

bool has_digit(std::u32string_view words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (digit_value(words[i]) < 0) continue;
    // （12桁）, 第1号: a digit that counts, not a number.
    std::size_t end = i;
    while (end < words.size() && digit_value(words[end]) >= 0) ++end;
    if (end - i > 2 || end >= words.size() || (words[end] != U'桁' && words[end] != U'ケ' && words[end] != U'号' && words[end] != U'名' && words[end] != U'人')) return true;
    i = end;
  }
  return false;
}

}  // namespace

std::optional<LabelMeaning> label_before(std::u32string_view before) {
  for (std::size_t end = before.size(); end > 0 && before.size() - end <= kReach; --end) {
    const Label* label = label_at_end(before.substr(0, end));
    if (label == nullptr || before.size() - end > label->reach) continue;
    if (has_digit(before.substr(end)) || before.substr(end).find(U'。') != std::u32string_view::npos) return std::nullopt;
    return LabelMeaning{label->kind, end - label->words.size(), end};
  }
  return std::nullopt;
}

std::optional<LabelMeaning> label_after(std::u32string_view after) {
  std::optional<LabelMeaning> best;
  const std::u32string_view near = after.substr(0, kReachAfter);
  for (const Label& label : kLabels) {
    const std::size_t at = near.find(label.words);
    if (at == std::u32string_view::npos) continue;
    if (!best || at < best->begin || (at == best->begin && at + label.words.size() > best->end)) best = LabelMeaning{label.kind, at, at + label.words.size()};
  }
  if (!best) return best;
  const std::u32string_view between = near.substr(0, best->begin);
  if (has_digit(between) || between.find(U'。') != std::u32string_view::npos) return std::nullopt;
  // Whose is it, this number's or the next one's? Ours where it stands in brackets or ends the sentence.
  constexpr std::u32string_view kOpening = U"([【〔{<";
  const bool bracketed = !between.empty() && kOpening.find(between.back()) != std::u32string_view::npos && std::all_of(between.begin(), between.end(), is_separator);
  const std::u32string_view rest = after.substr(best->end, 3);
  const bool said = rest.starts_with(U"です") || rest.starts_with(U"でし") || rest.starts_with(U"だ") || rest.starts_with(U"。") || rest.starts_with(U"とな") || rest.starts_with(U"であ");
  return bracketed || said ? best : std::nullopt;
}

bool speaks_of_a_person(std::u32string_view around) {
  return std::any_of(kPerson.begin(), kPerson.end(), [&](std::u32string_view word) { return around.find(word) != std::u32string_view::npos; });
}

bool begins_with_unit(std::u32string_view after) {
  return std::any_of(kAmountUnits.begin(), kAmountUnits.end(), [&](std::u32string_view unit) {
    if (!after.starts_with(unit)) return false;
    // 個人番号, 本人, 件名: a word that only begins like a unit.
    return unit.size() > 1 || !text::is_kanji(unit[0]) || after.size() == 1 || !text::is_kanji(after[1]);
  });
}

}  // namespace sekisho::gate::dlp
