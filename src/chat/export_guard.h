#pragma once

#include "chat/export.h"
#include "gate/dlp_policy.h"

namespace sekisho::chat {

/// Looks for personal data in all that a file will hold, and replaces what a rule masks, for good. Whoever calls writes no file where
/// the verdict's action is kBlock. Threads: pure.
[[nodiscard]] gate::DlpVerdict guard_export(const gate::Dlp& dlp, gate::Level level, ExportTalk& talk);

}  // namespace sekisho::chat
