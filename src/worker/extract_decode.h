#pragma once

#include <string_view>

#include "text/encoding.h"
#include "worker/extract_output.h"

namespace sekisho::worker {

/// Decodes a text document: in the encoding that the request names, else in the one that the bytes show, with the
/// document's own `declared` name ("" = none) deciding between readings that fit both. Notes "garbled" where more than one
/// character in a hundred is unreadable, "unmapped_characters" for 外字.
[[nodiscard]] text::Decoded decode_document(std::string_view bytes, const Request& request, std::string_view declared, ExtractOutput& output);

}  // namespace sekisho::worker
