#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace sekisho::main {

/// Whether reading is over, either way.
[[nodiscard]] bool is_settled(const Json& document);

/// Why a document could not be read and what to do about it; `error` is {"code","detail"} with the codes of
/// process/extract_protocol.h or of an Error.
[[nodiscard]] std::string document_error_words(const Json& error);

/// What a note of the reading says, without its page.
[[nodiscard]] std::string note_words(std::string_view code);

/// A document (as the API gives it) for a person: "  ✓ 名前　12か所（3ページ）" or "  ✗ 名前　why", and below it a line for each
/// kind of thing that could not be read, with its pages.
[[nodiscard]] std::string document_words(const Json& document);

}  // namespace sekisho::main
