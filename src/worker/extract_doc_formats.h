#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace sekisho::worker {

/// Bytes of the WordDocument stream that share a property, from `begin` up to `end`.
struct DocRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// What the formats of a doc change about its text ([MS-DOC] 2.4.6.2, 2.9.): only what a reader of the text has to know.
struct DocFormats {
  std::vector<DocRange> hidden;    ///< Characters that are not shown.
  std::vector<DocRange> deleted;   ///< Characters that a tracked change took out.
  std::vector<DocRange> row_ends;  ///< Paragraphs that are the mark at the end of a table's row.
  std::vector<DocRange> in_table;
  std::vector<DocRange> headings[9];

  /// `document` is the stream WordDocument, `table` the one that it names. Broken tables yield what is whole of them.
  [[nodiscard]] static DocFormats read(std::string_view document, std::string_view table);
};

/// Whether `at` lies in one of the ranges, which are in order.
[[nodiscard]] bool lies_in(const std::vector<DocRange>& ranges, std::uint32_t at);

}  // namespace sekisho::worker
