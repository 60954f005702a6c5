#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "worker/extract_zip.h"

namespace sekisho::worker {

/// What an XML part says, in order. Names are without their namespace prefix ("p", "tbl").
class XmlEvents {
 public:
  /// Looks up an attribute of the element that has just begun by its local name, or by its whole name ("r:id"); "" where it is missing.
  using Attribute = std::function<std::string(const char* name)>;

  virtual ~XmlEvents() = default;
  /// Returns false to leave out the whole element with all that is in it (`end` is not called for it).
  virtual bool begin(std::string_view name, const Attribute& attribute) = 0;
  virtual void end(std::string_view name) = 0;
  virtual void text(std::string_view text) = 0;
  /// Whether to go on reading.
  virtual bool wants_more() { return true; }
};

/// Reads a part of an office document as a stream: no DTD (a part that has one is refused, so entities cannot multiply),
/// no network, bounded depth, memory independent of its size.
/// Returns false where the part broke off: what came before has been told. Failures: damaged (nothing could be read, or a DTD), bomb, encrypted.
[[nodiscard]] tl::expected<bool, Note> read_xml(ZipArchive& archive, const std::string& part, XmlEvents& events);

/// The same for text that is UTF-8 already, whatever its declaration says of its encoding. `name` is for the detail of a failure.
[[nodiscard]] tl::expected<bool, Note> read_xml_text(std::string_view text, const std::string& name, XmlEvents& events);

}  // namespace sekisho::worker
