#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/result.h"
#include "gate/actor.h"
#include "gate/gate.h"
#include "gate/label.h"
#include "gate/labeled.h"
#include "store/database.h"

namespace sekisho::chat {

using FolderId = Id<struct FolderTag>;

/// How a question is to be answered.
enum class Mode {
  kShelves,  ///< From the papers on shelves and nothing else.
  kNone,     ///< 資料を使わずに: by the model alone, and said so.
};
[[nodiscard]] std::string_view name_of(Mode mode);
/// Errors: kInvalid.
[[nodiscard]] Result<Mode> mode_named(std::string_view name);

/// A conversation in a list.
struct ConversationHead {
  ConversationId id;
  std::string title;
  gate::Label label;
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;
  std::optional<TurnId> running;
  bool pinned = false;
  bool archived = false;
  std::optional<FolderId> folder;
  std::optional<std::int64_t> deleted_ms;  ///< Since when it waits to be swept; nothing for one that is opened.
  std::optional<ShelfId> attachments;      ///< The shelf of what was attached to it.
};

/// What who asked thinks of an answer.
struct Rating {
  bool good = false;
  std::vector<std::string> reasons;  ///< "wrong", "unsupported", "incomplete", "wording", "refused", "slow".
  std::string note;
};
/// As a column holds them: joined by commas.
[[nodiscard]] std::vector<std::string> reasons_of(std::string_view column);

/// One question and its answer as they are kept.
struct StoredTurn {
  TurnId id;
  ConversationId conversation;
  std::optional<TurnId> parent;  ///< The turn before it; two answers to one question have the same.
  std::string question;
  Mode mode = Mode::kShelves;
  std::vector<std::string> shelves;  ///< Ids as asked; empty: every readable one.
  std::string state;                 ///< "running", "done", "stopped", "failed".
  std::string answer;
  Json claims = Json::array();
  Json sources = Json::array();
  /// What the `done` or `failed` event said, and `because_source`, `notices`, `found_nothing`, `read` (ids of the passages read).
  Json summary = Json::object();
  gate::Label label;
  std::int64_t created_ms = 0;
  std::optional<Rating> rating;  ///< Filled in by turns() alone.
};

/// Where a turn stands: all places together are the tree of a conversation.
struct TurnPlace {
  TurnId id;
  std::optional<std::size_t> parent;  ///< Its index among the places.
};

/// A stretch of a conversation. Turns are numbered from 1 in the order asked, without a gap.
struct TurnRange {
  std::int64_t after = 0;
  std::int64_t count = INT64_MAX;
};

/// The first line of a question, shortened: what a conversation is called until somebody names it.
[[nodiscard]] std::string title_of(std::string_view question);

/// The turns on the way from the first to `last`, each the one that the next stands after; nothing where `last` is not among them.
/// `turns` of one conversation, in the order asked: a turn stands behind the one that it follows.
[[nodiscard]] std::vector<const StoredTurn*> way_to(const std::vector<StoredTurn>& turns, std::optional<TurnId> last);

/// Conversations belong to who began them and to nobody else, whatever their role. "Not there" and "not yours" are one kDenied.
/// What is in one bears its label: an owner who may no longer read that label no longer sees it.
///
/// Threads: safe from any. Blocks: database.
class Conversations {
 public:
  /// All must outlive this.
  Conversations(store::Database& database, gate::Gate& gate, const Clock& clock);

  /// Turns that a crash or a restart broke off become `failed`. Call once at start. Returns how many.
  [[nodiscard]] Result<std::int64_t> recover();

  [[nodiscard]] Result<ConversationHead> get(const gate::Actor& actor, const ConversationId& id);
  /// In the order asked.
  [[nodiscard]] Result<gate::Labeled<std::vector<StoredTurn>>> turns(const gate::Actor& actor, const ConversationId& id, const TurnRange& range = {});
  /// In the order asked: place n is turn number n + 1. Ids alone, and nothing that was said.
  [[nodiscard]] Result<std::vector<TurnPlace>> places(const gate::Actor& actor, const ConversationId& id);
  [[nodiscard]] Result<gate::Labeled<StoredTurn>> turn(const gate::Actor& actor, const TurnId& id);

  /// Keeps a new turn, durable when it returns: in `turn.conversation`, or, where that is empty, in a new conversation
  /// whose title is `title` or else the question's beginning. Fills in conversation and time. Errors: kDenied.
  [[nodiscard]] Result<ConversationHead> begin_turn(const gate::Actor& actor, StoredTurn& turn, std::string title = "");
  /// Keeps what there is of an answer: now and then while it runs, and at its end. Raises the conversation's label.
  [[nodiscard]] Result<void> save_turn(const StoredTurn& turn);

 private:
  [[nodiscard]] Result<StoredTurn> read_turn(const store::Row& row) const;

  store::Database& database_;
  gate::Gate& gate_;
  const Clock& clock_;
};

}  // namespace sekisho::chat
