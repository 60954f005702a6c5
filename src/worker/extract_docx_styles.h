#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/extract_zip.h"

namespace sekisho::worker {

/// Which list a paragraph belongs to: w:numPr.
struct NumberingPlace {
  std::string number_id;  ///< "" = none given, "0" = explicitly none.
  int level = 0;          ///< From 0.
};

/// What word/styles.xml says about paragraph styles, as far as a reader of the text sees it.
class DocxStyles {
 public:
  /// A document without that part has no styles. Failures: bomb.
  [[nodiscard]] static tl::expected<DocxStyles, Note> read(ZipArchive& archive);

  /// Heading level from 1, 0 where the style is none: by outline level, by the names "heading 1" and 「見出し 1」, or inherited.
  [[nodiscard]] int heading_level(const std::string& style_id) const;
  [[nodiscard]] NumberingPlace numbering(const std::string& style_id) const;

  struct Style {
    std::string based_on;
    int heading_level = 0;
    NumberingPlace numbering;
  };

 private:
  std::map<std::string, Style> styles_;
};

/// The running numbers of word/numbering.xml: 第１条, (2), ア, ①.
class DocxNumbering {
 public:
  struct Level {
    std::int64_t start = 1;
    std::string format = "decimal";
    std::string text;
  };
  struct Instance {
    std::string abstract_id;
    std::map<int, std::int64_t> start_overrides;
    bool used = false;
  };

  /// Failures: bomb.
  [[nodiscard]] static tl::expected<DocxNumbering, Note> read(ZipArchive& archive);

  /// Counts one paragraph and returns the label in front of it ("第３条"), "" where there is none. Bullets are 「・」.
  [[nodiscard]] std::string next(const NumberingPlace& place);

 private:
  struct Abstract {
    std::map<int, Level> levels;
    std::map<int, std::int64_t> counters;
  };
  friend class NumberingEvents;
  std::map<std::string, Abstract> abstracts_;
  std::map<std::string, Instance> instances_;
};

/// A number in one of Word's formats ("decimalFullWidth", "japaneseCounting", "aiueoFullWidth", …); decimal where unknown.
[[nodiscard]] std::string numbered(std::int64_t value, std::string_view format);

}  // namespace sekisho::worker
