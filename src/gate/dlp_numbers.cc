#include "gate/dlp_numbers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "gate/dlp_checks.h"
#include "gate/dlp_labels.h"
#include "gate/dlp_run.h"
#include "text/utf8.h"

namespace sekisho::gate::dlp {
namespace {

using enum PersonalKind;

/// How many digits a labelled number of a kind has; a slip of the pen (one more, one less) is still one.
struct Sizes {
  PersonalKind kind;
  std::size_t exact;
  std::size_t min;
  std::size_t max;
};
constexpr std::array kSizes = {Sizes{kMyNumber, 12, 11, 13}, Sizes{kCorporate, 13, 13, 13}, Sizes{kLicence, 12, 11, 13},     Sizes{kPassport, 7, 7, 8},
                               Sizes{kResidence, 8, 8, 8},   Sizes{kPension, 10, 9, 11},    Sizes{kResidentCode, 11, 10, 12}, Sizes{kInsured, 8, 7, 12},
                               Sizes{kAccount, 7, 7, 8},     Sizes{kPhone, 10, 9, 12},      Sizes{kPostal, 7, 7, 7},          Sizes{kBirth, 8, 8, 8}};
constexpr std::size_t kDigits_min = 7;
constexpr std::size_t kContextPoints = 60;
constexpr std::size_t kAround = 80;
constexpr std::size_t kPiecesMost = 40;

std::u32string tight(std::u32string_view points) {
  std::u32string out;
  for (const char32_t c : points) {
    if (!text::is_space(c)) out += c;
  }
  return out;
}

int two_digits(std::string_view digits, std::size_t at) { return (digits[at] - '0') * 10 + digits[at + 1] - '0'; }

/// 20240715: a day of our time.
bool is_day(std::string_view digits) {
  const int month = two_digits(digits, 4);
  const int day = two_digits(digits, 6);
  return (digits.starts_with("18") || digits.starts_with("19") || digits.starts_with("20")) && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/// 202407151430: a date with hour and minute, twelve digits too.
bool is_moment(std::string_view digits) { return is_day(digits) && two_digits(digits, 8) < 24 && two_digits(digits, 10) < 60; }

/// One run of pieces, searched for numbers.
class RunSearch {
 public:
  RunSearch(std::u32string_view points, const Run& run, const PlaceOf& place_of, Twelves& twelves, std::vector<FoundNumber>& found)
      : points_(points), run_(run), place_of_(place_of), twelves_(twelves), found_(found), taken_(run.size(), false), denied_(run.size(), false) {}

  void search() {
    find_lettered();
    for (std::size_t i = 0; i < run_.size(); ++i) {
      if (!taken_[i] && begins(i) && may_be_number(i)) find_labelled(i);
    }
    for (const std::size_t size : {13U, 12U, 11U, 10U, 7U}) {
      for (std::size_t i = 0; i < run_.size(); ++i) {
        if (!taken_[i] && !denied_[i] && begins(i)) find_bare(i, size);
      }
    }
  }

 private:
  // ---- where numbers begin and end

  [[nodiscard]] bool is_digits(std::size_t i) const { return i < run_.size() && !run_[i].digits.empty(); }
  [[nodiscard]] bool begins(std::size_t i) const { return is_digits(i) && (i == 0 || run_[i].before != 0); }
  [[nodiscard]] bool ends(std::size_t i) const { return i + 1 == run_.size() || run_[i + 1].before != 0; }

  /// The piece with which a number of `size` digits ends that begins with piece `i`.
  [[nodiscard]] std::optional<std::size_t> end_of(std::size_t i, std::size_t size) const {
    std::size_t digits = 0;
    for (std::size_t j = i; j < std::min(run_.size(), i + kPiecesMost) && is_digits(j) && !taken_[j]; ++j) {
      digits += run_[j].digits.size();
      if (digits == size && ends(j)) return j;
      if (digits >= size) return std::nullopt;
    }
    return std::nullopt;
  }
  /// Whether at least seven digits follow each other from piece `i` on.
  [[nodiscard]] bool may_be_number(std::size_t i) const {
    std::size_t digits = 0;
    for (std::size_t j = i; j < std::min(run_.size(), i + kPiecesMost) && is_digits(j) && digits < kDigits_min; ++j) digits += run_[j].digits.size();
    return digits >= kDigits_min;
  }
  void take(PersonalKind kind, std::size_t first, std::size_t last, bool alone = false) {
    std::fill(taken_.begin() + static_cast<std::ptrdiff_t>(first), taken_.begin() + static_cast<std::ptrdiff_t>(last) + 1, true);
    found_.push_back({kind, run_[first].begin, run_[last].end, alone});
  }

  // ---- 旅券, 在留カード: letters and digits

  struct Sign {
    char digit = 0;
    char letter = 0;
    std::size_t piece = 0;
    bool piece_begins = false;
    bool piece_ends = false;
  };
  [[nodiscard]] std::vector<Sign> signs() const {
    std::vector<Sign> all;
    for (std::size_t i = 0; i < run_.size(); ++i) {
      const Piece& piece = run_[i];
      const std::size_t size = std::max(piece.digits.size(), piece.digits.empty() ? piece.letters.size() : 0);
      for (std::size_t k = 0; k < size; ++k) {
        Sign sign;
        sign.piece = i;
        sign.piece_begins = k == 0 && (i == 0 || piece.before != 0);
        sign.piece_ends = k + 1 == size && ends(i);
        if (!piece.digits.empty()) sign.digit = piece.digits[k];
        if (piece.digits.empty() || piece.digits.size() == 1) sign.letter = k < piece.letters.size() ? piece.letters[k] : '\0';
        all.push_back(sign);
      }
    }
    return all;
  }
  /// Whether `form` ("aa########aa") fits from sign `at` on.
  static bool fits(const std::vector<Sign>& signs, std::size_t at, std::string_view form) {
    if (at + form.size() > signs.size() || !signs[at].piece_begins || !signs[at + form.size() - 1].piece_ends) return false;
    for (std::size_t k = 0; k < form.size(); ++k) {
      const Sign& sign = signs[at + k];
      if (form[k] == '#' ? sign.digit == 0 : sign.letter < 'a' || sign.letter > 'z') return false;
    }
    return true;
  }
  void find_lettered() {
    if (std::none_of(run_.begin(), run_.end(), [](const Piece& piece) { return !piece.letters.empty(); })) return;
    constexpr std::string_view kResidenceForm = "aa########aa";
    constexpr std::string_view kPassportForm = "aa#######";
    const std::vector<Sign> all = signs();
    for (std::size_t at = 0; at < all.size(); ++at) {
      if (taken_[all[at].piece]) continue;
      if (fits(all, at, kResidenceForm)) {
        take(kResidence, all[at].piece, all[at + kResidenceForm.size() - 1].piece);
      } else if (fits(all, at, kPassportForm)) {
        const std::size_t first = all[at].piece;
        const std::size_t last = all[at + kPassportForm.size() - 1].piece;
        const std::optional<LabelMeaning> label = label_of(first, last);
        // Japan's own begin with T (旅券), M (2018年から) or D and O (公用).
        const bool own_form = last == first + 1 && run_[last].before == 0 && std::string_view("tmdo").find(all[at].letter) != std::string_view::npos;
        const bool labelled = label && label->kind == kPassport;
        if (labelled || (own_form && !label)) take(kPassport, first, last);
      }
    }
  }

  // ---- labels

  [[nodiscard]] std::optional<LabelMeaning> label_of(std::size_t first, std::size_t last) const {
    const std::size_t begin = run_[first].begin;
    const TableHeads::Place place = place_of_(begin);
    if (place.in_table && place.heading) return place.heading;
    std::size_t from = begin > kContextPoints ? begin - kContextPoints : 0;
    if (place.in_table) from = std::max(from, std::min(place.line_begin, begin));
    if (auto before = label_before(tight(points_.substr(from, begin - from)))) return before;
    return label_after(tight(points_.substr(run_[last].end, kContextPoints)));
  }
  void find_labelled(std::size_t i) {
    std::size_t last = i;
    while (last + 1 < run_.size() && is_digits(last + 1) && last + 1 - i < kPiecesMost && !taken_[last + 1]) ++last;
    std::optional<LabelMeaning> label = label_of(i, last);
    if (!label) {
      // 個人番号：…、…: the label goes on over a list.
      const bool goes_on = i > 0 && !found_.empty() && found_.back().end == run_[i - 1].end && labelled_;
      if (!goes_on) return;
      if (const auto end = end_of(i, sizes_of(*labelled_).exact)) take(*labelled_, i, *end);
      return;
    }
    labelled_.reset();
    if (!label->kind) {
      denied_[i] = true;
      return;
    }
    if (const auto end = labelled_end(i, *label->kind)) {
      const std::string digits = digits_of(run_, i, *end);
      if (*label->kind == kPhone && !digits.starts_with('0') && !digits.starts_with("81")) return;
      if (*label->kind == kPhone && (digits.starts_with("0120") || digits.starts_with("0570") || digits.starts_with("0800"))) return;
      if (*label->kind == kBirth && !is_day(digits)) return;
      take(is_corporate_number(digits) ? kCorporate : *label->kind, i, *end);
      labelled_ = label->kind;
    }
  }
  static const Sizes& sizes_of(PersonalKind kind) {
    const auto known = std::find_if(kSizes.begin(), kSizes.end(), [&](const Sizes& sizes) { return sizes.kind == kind; });
    return known == kSizes.end() ? kSizes.front() : *known;
  }
  [[nodiscard]] std::optional<std::size_t> labelled_end(std::size_t i, PersonalKind kind) const {
    const Sizes& sizes = sizes_of(kind);
    const auto not_an_amount = [&](std::optional<std::size_t> end) { return end && !is_amount(i, *end); };
    if (const auto exact = end_of(i, sizes.exact); not_an_amount(exact)) {
      // 03-1234-5678 has ten digits, 090-1234-5678 eleven.
      const auto longer = kind == kPhone ? end_of(i, sizes.exact + 1) : std::nullopt;
      return longer && grouping_of(run_, i, *longer) != Grouping::kUneven ? longer : exact;
    }
    for (std::size_t size = sizes.max; size >= sizes.min; --size) {
      if (const auto end = end_of(i, size); not_an_amount(end)) return end;
    }
    return std::nullopt;
  }
  [[nodiscard]] bool is_amount(std::size_t first, std::size_t last) const {
    if (begins_with_unit(tight(points_.substr(run_[last].end, 6)))) return true;
    if (first == last) return false;
    for (std::size_t i = first + 1; i <= last; ++i) {
      if (run_[i].before != ',' || run_[i].digits.size() != 3) return false;
    }
    return run_[first].digits.size() <= 3;
  }

  // ---- numbers without a label

  /// Whether pieces [first, last] are not the inside of something longer: 1234-983205673214-01, 0.983205673214.
  [[nodiscard]] bool stands_apart(std::size_t first, std::size_t last) const {
    constexpr std::u32string_view kJoining = U"-./_:*+~";
    const auto joins = [&](std::size_t at) {
      if (!is_digits(at) || !is_digits(at - 1)) return false;
      const char32_t mark = run_[at].before;
      if (first == last) return kJoining.find(mark) != std::u32string_view::npos;
      return mark == run_[first + 1].before;
    };
    return !(first > 0 && joins(first)) && !(last + 1 < run_.size() && joins(last + 1));
  }
  void find_bare(std::size_t i, std::size_t size) {
    const auto last = end_of(i, size);
    if (!last || !stands_apart(i, *last) || is_amount(i, *last)) return;
    const std::string digits = digits_of(run_, i, *last);
    const Grouping grouping = grouping_of(run_, i, *last);
    switch (size) {
      case 13:
        if (is_corporate_number(digits) && grouping != Grouping::kUneven) take(kCorporate, i, *last);
        break;
      case 12: bare_twelve(i, *last, digits, grouping); break;
      case 11:
      case 10: bare_phone(i, *last, digits, grouping); break;
      default: bare_postal(i, *last); break;
    }
  }
  void bare_twelve(std::size_t first, std::size_t last, const std::string& digits, Grouping grouping) {
    const std::size_t size = run_[first].digits.size();
    // Numbers one below the other; 192.168.100.200.
    const bool column = grouping == Grouping::kEven && size > 1 && (run_[first + 1].before == '\n' || run_[first + 1].before == '.');
    const bool misread = std::any_of(run_.begin() + static_cast<std::ptrdiff_t>(first), run_.begin() + static_cast<std::ptrdiff_t>(last) + 1,
                                     [](const Piece& piece) { return !piece.letters.empty() || piece.spelled; });
    const bool plain = (grouping == Grouping::kOne || grouping == Grouping::kEven) && !column && !misread;
    const bool passes = is_my_number(digits);
    if (plain) ++twelves_.all;
    if (plain && passes) ++twelves_.passing;
    if (!passes || (first == last && is_moment(digits))) return;
    const std::size_t from = run_[first].begin > kAround ? run_[first].begin - kAround : 0;
    const std::size_t to = std::min(points_.size(), run_[last].end + kAround);
    const bool of_a_person = speaks_of_a_person(tight(points_.substr(from, to - from)));
    if (plain || of_a_person) take(kMyNumber, first, last, !of_a_person);
  }
  void bare_phone(std::size_t first, std::size_t last, const std::string& digits, Grouping grouping) {
    if (!is_phone_number(digits)) return;
    const bool parted = last > first && last - first <= 2 && run_[first].digits.size() >= 2 && run_[last].digits.size() == 4 && run_[last].before != '\n';
    const bool mobile = digits.size() == 11 && grouping != Grouping::kUneven && grouping != Grouping::kWrapped;
    if (parted || mobile) take(kPhone, first, last);
  }
  void bare_postal(std::size_t first, std::size_t last) {
    if (last != first + 1 || run_[first].digits.size() != 3 || run_[last].before == '\n' || run_[last].before == ' ') return;
    const std::u32string after = tight(points_.substr(run_[last].end, 20));
    constexpr std::u32string_view kPlaces = U"都道府県市区町村郡";
    if (after.size() > 2 && text::is_kanji(after[0]) && after.find_first_of(kPlaces) != std::u32string::npos) take(kPostal, first, last);
  }

  std::u32string_view points_;
  const Run& run_;
  const PlaceOf& place_of_;
  Twelves& twelves_;
  std::vector<FoundNumber>& found_;
  std::vector<bool> taken_;
  std::vector<bool> denied_;  ///< A label says that it is something else.
  std::optional<PersonalKind> labelled_;
};

}  // namespace

std::vector<FoundNumber> find_numbers(std::u32string_view points, const PlaceOf& place_of, Twelves& twelves) {
  std::vector<FoundNumber> found;
  for (const Run& run : runs_of(points)) RunSearch(points, run, place_of, twelves, found).search();
  return found;
}

}  // namespace sekisho::gate::dlp
