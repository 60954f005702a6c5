#pragma once

#include <string>
#include <utility>

#include "base/check.h"

namespace sekisho::store {

/// The id in a column that our own code wrote: `stored_id<ShelfId>(row.text(0))`. Text that is no id there is our bug.
template <typename IdType>
[[nodiscard]] IdType stored_id(const std::string& text) {
  auto id = IdType::parse(text);
  CHECK(id.has_value());
  return *std::move(id);
}

}  // namespace sekisho::store
