#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "worker/extract_output.h"

namespace sekisho::worker {

using process::extract::ImageRequest;

/// Draws one page of a PDF or of a file of pictures as a PNG of about 1,300 dots in height, the words of the passage that is asked for on a
/// yellow ground. A scan is recognised again for that, and shown upright.
/// Failures: damaged, encrypted, unsupported (neither, or no such page), bomb, font_missing, too_large.
[[nodiscard]] tl::expected<std::string, Note> page_image(std::string_view bytes, const ImageRequest& request);

}  // namespace sekisho::worker
