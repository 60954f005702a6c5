#pragma once

#include <string>
#include <string_view>

#include "worker/extract_output.h"

namespace sekisho::worker {

/// Reads a document that lies within the one of `output` (an attachment, a member of an archive) with the reader for its type. What cannot be
/// read, lies too deep or unpacks to too much is noted as "inner_unread" with its name and code, and stops nothing else.
/// `label` stands before the labels of its pages. False: stop reading altogether.
[[nodiscard]] bool read_inner(std::string_view bytes, const std::string& name, std::string_view label, ExtractOutput& output);

}  // namespace sekisho::worker
