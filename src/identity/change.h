#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "audit/chain.h"
#include "base/json.h"
#include "base/result.h"
#include "gate/actor.h"

namespace sekisho::identity {

/// Records a change made by `by`. Called inside the change's transaction, so that no change is kept without its Entry.
[[nodiscard]] Result<void> append_change(audit::Chain& chain, const gate::Actor& by, std::string kind, std::vector<std::string> subjects,
                                         Json details);

/// Whether `text` is 1 to `max_characters` of valid UTF-8 without control characters and without spaces at its ends.
[[nodiscard]] bool is_plain_text(std::string_view text, std::size_t max_characters);

}  // namespace sekisho::identity
