#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "gate/actor.h"
#include "gate/gate.h"
#include "store/database.h"

namespace sekisho::chat {

/// フォルダー: where a person keeps conversations together. A conversation is in one at most.
struct Folder {
  FolderId id;
  std::string name;
  std::int64_t conversations = 0;  ///< Neither archived nor deleted.
};

/// Which of a person's conversations a list shows.
enum class View { kOpen, kArchived, kDeleted };
/// "open", "archived", "deleted". Errors: kInvalid.
[[nodiscard]] Result<View> view_named(std::string_view name);

struct ListRequest {
  View view = View::kOpen;
  std::optional<FolderId> folder;  ///< Only what is in it.
  std::string after;               ///< `next` of the page before; empty: the first page.
  std::size_t limit = 50;
};

struct ConversationPage {
  std::vector<ConversationHead> items;
  std::string next;             ///< Empty: that was all.
  std::vector<Folder> folders;  ///< By name; with the first page alone.
};

/// What to change of a conversation; what is not named stays.
struct ConversationChange {
  std::optional<std::string> title;
  std::optional<bool> pinned;
  std::optional<bool> archived;
  std::optional<std::optional<FolderId>> folder;  ///< Holding nothing: out of its folder.
};

/// A person's conversations as they have ordered them: pinned, in folders, archived, deleted. Ownership and labels as in
/// `Conversations`. What is deleted can be restored for kDeletedKept_ms, and is then swept.
///
/// Threads: safe from any. Blocks: database, and one audit append for deleting and restoring.
class ConversationList {
 public:
  static constexpr std::int64_t kDeletedKept_ms = std::int64_t{7} * 24 * 60 * 60 * 1000;
  static constexpr std::size_t kFolders_max = 200;

  /// All must outlive this.
  ConversationList(store::Database& database, gate::Gate& gate, const Clock& clock);

  /// Pinned ones first, then the newest.
  [[nodiscard]] Result<ConversationPage> list(const gate::Actor& actor, const ListRequest& request);
  /// Errors: kDenied (conversation, folder).
  [[nodiscard]] Result<ConversationHead> change(const gate::Actor& actor, const ConversationId& id, const ConversationChange& change);
  /// Notes the shelf of what was attached. Errors: kDenied.
  [[nodiscard]] Result<void> attach(const gate::Actor& actor, const ConversationId& id, const ShelfId& shelf);
  /// Errors: kDenied; kConflict: an answer is being written.
  [[nodiscard]] Result<void> remove(const gate::Actor& actor, const ConversationId& id);
  /// Errors: kDenied: was not deleted, or is swept already.
  [[nodiscard]] Result<ConversationHead> restore(const gate::Actor& actor, const ConversationId& id);
  /// Deletes one for good, now, whether it was deleted before or not. Errors: kDenied; kConflict: an answer is being written.
  [[nodiscard]] Result<void> purge(const gate::Actor& actor, const ConversationId& id);

  /// Deletes for good what was deleted longer than kDeletedKept_ms ago. Returns how many.
  [[nodiscard]] Result<std::int64_t> sweep();

  /// Errors: kInvalid (name), kConflict (has that name already, or kFolders_max are there).
  [[nodiscard]] Result<Folder> make_folder(const gate::Actor& actor, std::string_view name);
  /// Errors: kDenied, kInvalid, kConflict.
  [[nodiscard]] Result<Folder> rename_folder(const gate::Actor& actor, const FolderId& id, std::string_view name);
  /// Its conversations stay. Errors: kDenied.
  [[nodiscard]] Result<void> remove_folder(const gate::Actor& actor, const FolderId& id);

 private:
  [[nodiscard]] Result<ConversationHead> either(store::Connection& connection, const gate::Actor& actor, const ConversationId& id) const;
  /// Records what is about to happen to a conversation, and does it unless an answer is being written.
  [[nodiscard]] Result<void> end(const gate::Actor& actor, const ConversationId& id, const std::string& kind,
                                 const std::function<Result<std::int64_t>(store::Connection&)>& work);
  [[nodiscard]] Result<std::vector<Folder>> folders(store::Connection& connection, const gate::Actor& actor) const;
  [[nodiscard]] Result<Folder> folder(store::Connection& connection, const gate::Actor& actor, const FolderId& id) const;

  store::Database& database_;
  gate::Gate& gate_;
  const Clock& clock_;
};

}  // namespace sekisho::chat
