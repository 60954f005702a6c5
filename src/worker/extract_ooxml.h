#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "worker/extract_xml.h"
#include "worker/extract_zip.h"

/// What the office formats of ECMA-376 have in common.
namespace sekisho::worker {

/// Where a part points to. What lies outside of the archive is never among them.
struct Relation {
  std::string type;    ///< The last word of its URL: "worksheet", "notesSlide", "drawing".
  std::string target;  ///< Name of a member of the archive.
};

/// The relations of `part` by their ids; none where it has none.
[[nodiscard]] std::map<std::string, Relation> relations_of(ZipArchive& archive, const std::string& part);

/// Paragraphs of drawn text (a:p) in a part: text boxes, diagrams. Empty ones are left out; a part that cannot be read has none.
[[nodiscard]] std::vector<std::string> drawn_paragraphs(ZipArchive& archive, const std::string& part);

/// "A1" → row 0, column 0. False where it is no reference.
[[nodiscard]] bool cell_place(std::string_view reference, std::int64_t& row, std::int64_t& column);

/// The number that begins `text`, within the bounds; `otherwise` where there is none.
[[nodiscard]] std::int64_t number_or(std::string_view text, std::int64_t otherwise);

/// Whether an attribute says yes: "1", "true", "on".
[[nodiscard]] bool is_true(std::string_view value);

}  // namespace sekisho::worker
