#include "gate/dlp.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "gate/dlp_numbers.h"
#include "gate/dlp_scan.h"
#include "gate/dlp_table.h"
#include "gate/dlp_words.h"
#include "text/folded_points.h"
#include "text/utf8.h"

namespace sekisho::gate {
namespace {

constexpr std::array<std::string_view, kPersonalKinds> kNames = {"個人番号", "法人番号", "運転免許証番号", "旅券番号", "在留カード番号", "基礎年金番号", "住民票コード", "被保険者番号",
                                                                 "口座番号", "電話番号", "郵便番号", "メールアドレス", "住所", "氏名", "生年月日"};

/// How much of the text before and after a spot is looked at, for labels and for what belongs to it.
constexpr std::size_t kBefore = 360;
constexpr std::size_t kAfter = 240;
constexpr std::size_t kStretchBytes = 64 * 1024;
/// So many numbers of twelve digits, of which less than two in three pass the check, are chance: one in ten would pass.
constexpr std::int64_t kTwelvesMany = 8;

struct Candidate {
  Finding finding;
  bool alone = false;
};

/// Searches the stretches of a text around its spots.
class Search {
 public:
  explicit Search(std::string_view text) : text_(text), heads_(text) {}

  std::vector<Candidate> run() {
    std::size_t begin = 0;
    std::size_t end = 0;
    for (const dlp::Spot& spot : dlp::spots_of(text_)) {
      const std::size_t from = spot.begin > kBefore ? spot.begin - kBefore : 0;
      const std::size_t to = std::min(text_.size(), spot.end + kAfter);
      if (end > begin && (from > end || to - begin > kStretchBytes)) {
        stretch(begin, end);
        end = begin = 0;
      }
      if (end == 0) begin = from;
      end = std::max(end, to);
    }
    if (end > begin) stretch(begin, end);
    return std::move(found_);
  }
  [[nodiscard]] const dlp::Twelves& twelves() const { return twelves_; }

 private:
  void stretch(std::size_t begin, std::size_t end) {
    begin = text::character_boundary_before(text_, begin);
    end = text::character_boundary_before(text_, end);
    const text::FoldedPoints folded(text_.substr(begin, end - begin));
    const auto origin = [&](std::size_t point) { return begin + folded.origin(point); };
    const auto add = [&](PersonalKind kind, std::size_t first, std::size_t last, bool alone) {
      // What the edge of the stretch may have cut is whole in the stretch beside it.
      if ((first == 0 && begin > 0) || (last == folded.points.size() && end < text_.size())) return;
      const text::ByteRange range = folded.original(first, last);
      found_.push_back({{kind, begin + range.begin, begin + range.end}, alone});
    };
    const dlp::PlaceOf place_of = [&](std::size_t point) {
      dlp::TableHeads::Place place = heads_.place_of(origin(point));
      // From bytes of the text to points of the stretch.
      const std::size_t line = place.line_begin;
      std::size_t at = point;
      while (at > 0 && origin(at - 1) >= line) --at;
      place.line_begin = at;
      return place;
    };
    for (const dlp::FoundNumber& number : dlp::find_numbers(folded.points, place_of, twelves_)) add(number.kind, number.begin, number.end, number.alone);
    for (const dlp::FoundWords& mail : dlp::find_mails(folded.points)) add(mail.kind, mail.begin, mail.end, false);
    for (const dlp::FoundWords& address : dlp::find_addresses(folded.points)) add(address.kind, address.begin, address.end, false);
    for (const dlp::FoundWords& birth : dlp::find_births(folded.points)) add(birth.kind, birth.begin, birth.end, false);
  }

  std::string_view text_;
  dlp::TableHeads heads_;
  dlp::Twelves twelves_;
  std::vector<Candidate> found_;
};

void add_names(std::string_view text, const text::WordAnalyser& words, std::vector<Candidate>& found) {
  // By lines, so that memory stays bounded; a name does not cross them.
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(text.size(), begin + kStretchBytes);
    if (end < text.size()) {
      const std::size_t line = text.rfind('\n', end - 1);
      end = line != std::string_view::npos && line > begin ? line + 1 : text::character_boundary_before(text, end);
    }
    const text::IndexForm form = text::index_form(text.substr(begin, end - begin));
    for (const dlp::FoundWords& name : dlp::find_names(form.text, words)) {
      const text::IndexForm::Range range = form.original_range(name.begin, name.end);
      found.push_back({{PersonalKind::kName, begin + range.begin, begin + range.end}, false});
    }
    begin = end;
  }
}

/// The surest first where two overlap: by kind, as they are ordered.
std::vector<Finding> settle(std::vector<Candidate> candidates, const dlp::Twelves& twelves) {
  const bool chance = twelves.all >= kTwelvesMany && twelves.passing * 3 < twelves.all * 2;
  std::erase_if(candidates, [&](const Candidate& c) { return c.alone && chance; });
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(a.finding.begin, a.finding.kind, b.finding.end) < std::tuple(b.finding.begin, b.finding.kind, a.finding.end);
  });
  std::vector<Finding> kept;
  for (const Candidate& candidate : candidates) {
    const Finding& finding = candidate.finding;
    if (!kept.empty() && finding.begin < kept.back().end) {
      if (finding.kind < kept.back().kind) kept.back() = finding;
      continue;
    }
    kept.push_back(finding);
  }
  std::erase_if(kept, [](const Finding& finding) { return finding.kind == PersonalKind::kCorporate; });
  return kept;
}

}  // namespace

std::string_view name_of(PersonalKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

Result<PersonalKind> personal_kind_named(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return fail(ErrorCode::kInvalid, fmt::format("no kind of personal data is named \"{}\"", name));
  return static_cast<PersonalKind>(found - kNames.begin());
}

std::vector<Finding> find_personal(std::string_view text, const text::WordAnalyser* words) {
  Search search(text);
  std::vector<Candidate> found = search.run();
  if (words != nullptr) add_names(text, *words, found);
  return settle(std::move(found), search.twelves());
}

PersonalCounts count_personal(const std::vector<Finding>& findings) {
  PersonalCounts counts{};
  for (const Finding& finding : findings) ++counts[static_cast<std::size_t>(finding.kind)];
  return counts;
}

}  // namespace sekisho::gate
