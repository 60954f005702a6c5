#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace sekisho::chat {

/// An hour of answers, in numbers alone.
struct HourOfUse {
  std::int64_t begin_ms = 0;  ///< Wall clock.
  std::int64_t answers = 0;
  std::int64_t failed = 0;
  std::int64_t first_text_ms = 0;      ///< The median time to the first text; 0 where no answer came.
  double tokens_per_second = 0;        ///< Written tokens over the time after the first text, all answers together.
};

/// The 24 hours up to `now_ms`, oldest first, hours without answers too. Blocks: database.
[[nodiscard]] Result<std::vector<HourOfUse>> hourly_use(store::Database& database, std::int64_t now_ms);

}  // namespace sekisho::chat
