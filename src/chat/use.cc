#include "chat/use.h"

#include <algorithm>
#include <cstddef>

#include "base/json.h"

namespace sekisho::chat {
namespace {

constexpr std::int64_t kHour_ms = 3'600'000;
constexpr std::int64_t kHours = 24;

struct Sum {
  std::vector<std::int64_t> first_text_ms;
  std::int64_t tokens = 0;
  std::int64_t writing_ms = 0;
};

void add(const Json& summary, Sum& sum) {
  const std::int64_t first_ms = summary.int_or("first_token_ms", -1);
  if (first_ms < 0) return;
  sum.first_text_ms.push_back(first_ms);
  sum.tokens += summary.int_or("output_tokens");
  sum.writing_ms += std::max<std::int64_t>(0, summary.int_or("total_ms") - first_ms);
}

}  // namespace

Result<std::vector<HourOfUse>> hourly_use(store::Database& database, std::int64_t now_ms) {
  const std::int64_t begin_ms = (now_ms / kHour_ms - kHours + 1) * kHour_ms;
  std::vector<HourOfUse> hours(kHours);
  std::vector<Sum> sums(kHours);
  for (std::size_t i = 0; i < hours.size(); ++i) hours[i].begin_ms = begin_ms + static_cast<std::int64_t>(i) * kHour_ms;
  auto read = database.read([&](store::Connection& connection) {
    return connection.for_each("SELECT created_ms, state, summary FROM turn WHERE created_ms >= ? AND state <> 'running'", {begin_ms}, [&](const store::Row& row) {
      const std::int64_t index = (row.integer(0) - begin_ms) / kHour_ms;
      if (index < 0 || index >= kHours) return;
      const auto at = static_cast<std::size_t>(index);
      ++hours[at].answers;
      if (row.text(1) == "failed") ++hours[at].failed;
      if (auto summary = Json::parse(row.text(2)); summary) add(*summary, sums[at]);
    });
  });
  if (!read) return fail(read.error());
  for (std::size_t i = 0; i < hours.size(); ++i) {
    std::vector<std::int64_t>& firsts = sums[i].first_text_ms;
    if (firsts.empty()) continue;
    const auto middle = firsts.begin() + static_cast<std::ptrdiff_t>(firsts.size() / 2);
    std::nth_element(firsts.begin(), middle, firsts.end());
    hours[i].first_text_ms = *middle;
    if (sums[i].writing_ms > 0) hours[i].tokens_per_second = static_cast<double>(sums[i].tokens) * 1000.0 / static_cast<double>(sums[i].writing_ms);
  }
  return hours;
}

}  // namespace sekisho::chat
