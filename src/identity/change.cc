#include "identity/change.h"

#include <utility>

#include "text/utf8.h"

namespace sekisho::identity {

Result<void> append_change(audit::Chain& chain, const gate::Actor& by, std::string kind, std::vector<std::string> subjects, Json details) {
  audit::Entry entry;
  entry.kind = std::move(kind);
  entry.actor_id = by.id.text();
  entry.actor_name = by.name;
  entry.subjects = std::move(subjects);
  entry.details = Json::object({{"change", std::move(details)}, {"credential", name_of(by.credential)}});
  const Result<audit::EntryReceipt> receipt = chain.append(std::move(entry));
  if (!receipt) return fail(ErrorCode::kUnavailable, "no record, no change: " + receipt.error().detail);
  return {};
}

bool is_plain_text(std::string_view text, std::size_t max_characters) {
  if (text.empty() || !text::is_valid_utf8(text) || text::count_characters(text) > max_characters) return false;
  const std::vector<text::Character> characters = text::characters(text);
  for (const text::Character& character : characters) {
    if (character.value < 0x20 || (character.value >= 0x7F && character.value < 0xA0)) return false;
  }
  return !text::is_space(characters.front().value) && !text::is_space(characters.back().value);
}

}  // namespace sekisho::identity
