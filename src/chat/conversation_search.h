#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/conversation.h"
#include "gate/actor.h"
#include "gate/gate.h"
#include "gate/labeled.h"
#include "store/database.h"
#include "text/words.h"

namespace sekisho::chat {

/// A part of a text: what was found, or what stands around it.
struct Piece {
  std::string text;
  bool hit = false;
};

/// Where the words were found.
struct SaidHit {
  std::optional<TurnId> turn;  ///< Nothing: in the title.
  bool in_answer = false;      ///< Or in the question.
  std::vector<Piece> snippet;
};

struct FoundConversation {
  ConversationHead head;
  std::vector<SaidHit> hits;  ///< The title first, then the newest turns; at most kHitsShown.
};

struct FoundConversations {
  gate::Labeled<std::vector<FoundConversation>> items;  ///< The newest first, under the join of their labels.
  std::vector<ConversationId> ids;                      ///< Of `items`, for the Entry.
  std::string next;                                     ///< Empty: that was all.
};

/// Finds words in the titles, questions and answers of a person's own conversations, archived ones included.
///
/// Words between spaces must all occur in one title or one turn. A word is found as it is written (width, kana and 異体字 folded,
/// inside longer words too, from one kanji on) and in its variants: 申込 finds 申し込み. Nothing is ranked, so that nobody's search
/// depends on what others wrote. The index is a table of term keys (search/terms.h); turns that it lacks are added by the search.
///
/// Threads: safe from any. Blocks: database; the first search after many turns reads those turns.
class ConversationSearch {
 public:
  static constexpr std::size_t kHitsShown = 3;

  /// All must outlive this.
  ConversationSearch(store::Database& database, const text::WordAnalyser& analyser, gate::Gate& gate);

  /// `after` is `next` of the page before, or empty. A query without a word finds nothing.
  [[nodiscard]] Result<FoundConversations> find(const gate::Actor& actor, std::string_view query, std::string_view after, std::size_t limit);

  /// Forgets the terms of what is gone. A search does it too.
  [[nodiscard]] Result<void> sweep();

 private:
  /// Adds what the index lacks of this person's conversations.
  [[nodiscard]] Result<void> index_missing(const gate::Actor& actor);

  store::Database& database_;
  const text::WordAnalyser& analyser_;
  gate::Gate& gate_;
};

}  // namespace sekisho::chat
