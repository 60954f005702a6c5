#pragma once

#include <map>
#include <string>

#include "worker/extract_zip.h"

namespace sekisho::worker {

/// What the styles of an OpenDocument change about its text, from content.xml and styles.xml.
class OdfStyles {
 public:
  /// A document whose styles cannot be read has none.
  [[nodiscard]] static OdfStyles read(ZipArchive& archive);

  [[nodiscard]] bool hides(const std::string& name) const;      ///< A paragraph or span that is not displayed.
  [[nodiscard]] bool is_shown(const std::string& name) const;   ///< A sheet or slide that is.
  [[nodiscard]] bool is_strong(const std::string& name) const;  ///< A cell: bold or on a coloured ground.
  [[nodiscard]] bool is_narrow(const std::string& name) const;  ///< A column for a character or two.

  struct Style {
    std::string parent;
    bool hidden = false;
    bool not_displayed = false;
    bool strong = false;
    bool narrow = false;
  };

 private:
  std::map<std::string, Style> styles_;
};

/// Whether the members are encrypted, as META-INF/manifest.xml says.
[[nodiscard]] bool odf_is_encrypted(ZipArchive& archive);

}  // namespace sekisho::worker
