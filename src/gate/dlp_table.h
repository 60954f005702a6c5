#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "gate/dlp_labels.h"

namespace sekisho::gate::dlp {

/// Finds the heading of a column in tables of plain text: lines parted by tabs, commas or bars, the first of them the headings.
/// Asked in the order of the text, so that a long table is walked once. `text` must outlive it.
class TableHeads {
 public:
  explicit TableHeads(std::string_view text) : text_(text) {}

  struct Place {
    std::size_t line_begin = 0;
    bool in_table = false;               ///< A line of headings stands above.
    std::optional<LabelMeaning> heading;  ///< What it says of this column; nothing where it says nothing that we know.
  };
  [[nodiscard]] Place place_of(std::size_t offset);

 private:
  [[nodiscard]] std::size_t head_of(std::size_t line_begin, char delimiter);

  std::string_view text_;
  std::size_t known_line_ = std::string_view::npos;  ///< The last line that was asked for, and the head of its table.
  std::size_t known_head_ = 0;
};

}  // namespace sekisho::gate::dlp
