#include "library/personal_tally.h"

#include <algorithm>
#include <string>

namespace sekisho::library {
namespace {

constexpr std::size_t kPlacesTold = 50;

}  // namespace

void PersonalTally::add(std::int64_t page, std::string_view text) {
  // The level of a shelf is not asked: what is proposed is compared with it where it is shown.
  for (const gate::Finding& finding : dlp_.find(gate::DlpPlace::kFile, {}, gate::Level{}, text)) {
    findings_.push_back(finding);
    ++pages_[{page, finding.kind}];
  }
}

gate::DlpVerdict PersonalTally::verdict() const { return dlp_.decide(gate::DlpPlace::kFile, {}, gate::Level{}, findings_); }

Json PersonalTally::to_json(const gate::DlpVerdict& verdict) const {
  if (verdict.empty()) return Json();
  Json::Array places;
  for (const auto& [place, count] : pages_) {
    const bool spoken_of = std::any_of(verdict.items.begin(), verdict.items.end(), [&](const auto& item) { return item.finding.kind == place.second; });
    if (spoken_of && places.size() < kPlacesTold) places.push_back(Json::array({place.first, gate::name_of(place.second), count}));
  }
  return Json::object({{"found", verdict.counts()},
                       {"action", gate::name_of(verdict.action)},
                       {"raise_to", verdict.raise_to ? Json(policy_.rule(*verdict.raise_to).name) : Json()},
                       {"pages", Json::array(std::move(places))}});
}

}  // namespace sekisho::library
