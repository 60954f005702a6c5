#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "worker/extract_number_format.h"
#include "worker/extract_zip.h"

namespace sekisho::worker {

/// A sheet as xl/workbook.xml lists it.
struct XlsxSheet {
  std::string name;
  std::string relation;  ///< Id in the workbook's relations.
  bool hidden = false;
};

struct XlsxWorkbook {
  std::vector<XlsxSheet> sheets;
  DateSystem dates = DateSystem::k1900;

  [[nodiscard]] static tl::expected<XlsxWorkbook, Note> read(ZipArchive& archive, const std::string& part);
};

/// How cells of a style look, as far as it changes what they say.
struct XlsxStyle {
  std::string format = "General";
  bool strong = false;  ///< Bold or on a coloured ground.
  bool white = false;   ///< White letters on no ground: nobody sees them.
};

/// xl/styles.xml: index of a cell's style → XlsxStyle. Empty where the part is missing or broken.
[[nodiscard]] std::vector<XlsxStyle> xlsx_styles(ZipArchive& archive, const std::string& part);

/// xl/sharedStrings.xml: texts without their furigana. Failures: bomb.
[[nodiscard]] tl::expected<std::vector<std::string>, Note> xlsx_strings(ZipArchive& archive, const std::string& part);

}  // namespace sekisho::worker
