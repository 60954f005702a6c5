#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "gate/dlp.h"
#include "gate/dlp_table.h"

namespace sekisho::gate::dlp {

/// A number found in a stretch of text; places are its code points.
struct FoundNumber {
  PersonalKind kind = PersonalKind::kMyNumber;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool alone = false;  ///< Its check digit alone speaks for it: neither a label nor the words around.
};

/// Twelve digits without a label: how many there are, and how many pass the check of a 個人番号.
struct Twelves {
  std::int64_t all = 0;
  std::int64_t passing = 0;
};

/// The table that a code point of the stretch stands in.
using PlaceOf = std::function<TableHeads::Place(std::size_t point)>;

/// The numbers of `points`, a stretch in index form. `place_of` tells the table that a point stands in; `twelves` is added to.
[[nodiscard]] std::vector<FoundNumber> find_numbers(std::u32string_view points, const PlaceOf& place_of, Twelves& twelves);

}  // namespace sekisho::gate::dlp
