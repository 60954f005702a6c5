#include "text/folded_points.h"

#include "text/utf8.h"

namespace sekisho::text {

FoldedPoints::FoldedPoints(std::string_view original) : form(index_form(original)) {
  for_each_character(form.text, [&](const Character& c) {
    points.push_back(c.value);
    offsets.push_back(c.begin);
  });
  offsets.push_back(form.text.size());
}

ByteRange FoldedPoints::original(std::size_t begin, std::size_t end) const {
  const auto range = form.original_range(offsets[begin], offsets[end]);
  return {range.begin, range.end};
}

}  // namespace sekisho::text
