#include "chat/export_guard.h"

#include <algorithm>

#include "gate/dlp_mask.h"

namespace sekisho::chat {

gate::DlpVerdict guard_export(const gate::Dlp& dlp, gate::Level level, ExportTalk& talk) {
  gate::DlpVerdict all;
  const auto guard = [&](std::string& text) {
    const gate::DlpVerdict verdict = dlp.judge(gate::DlpPlace::kExport, {gate::Destination::exported()}, level, text);
    text = gate::blackened(text, verdict);
    all.items.insert(all.items.end(), verdict.items.begin(), verdict.items.end());
    all.action = std::max(all.action, verdict.action);
  };
  guard(talk.title);
  for (ExportTurn& turn : talk.turns) {
    guard(turn.question);
    guard(turn.answer);
    for (std::string& source : turn.sources) guard(source);
  }
  return all;
}

}  // namespace sekisho::chat
