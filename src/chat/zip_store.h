#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sekisho::chat {

/// A zip archive of these members (name, content), uncompressed: PKWARE APPNOTE 6.3, without dates, so that the same content is the
/// same bytes. Names are ASCII; less than 4 GiB in all (CHECKed). Threads: pure.
[[nodiscard]] std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace sekisho::chat
