#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sekisho::chat {

/// Where a list that goes from the newest to the oldest stands: after the row of that time and id. Empty: before all rows.
struct TimePlace {
  std::int64_t ms = INT64_MAX;
  std::string id = "~";

  /// "MS/ID", as a client hands it back; what is not in that form stands before all rows.
  [[nodiscard]] static TimePlace parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

}  // namespace sekisho::chat
