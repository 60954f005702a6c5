#include "chat/conversation_list.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "chat/conversation_row.h"
#include "store/stored_id.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

constexpr std::size_t kFolderNameCharacters = 50;

/// The place in the list: "pinned/updated_ms/id".
struct Place {
  std::int64_t pinned = 2;
  std::int64_t updated_ms = INT64_MAX;
  std::string id = "~";
};

Place place_of(std::string_view after) {
  Place place;
  const std::size_t first = after.find('/');
  const std::size_t second = first == std::string_view::npos ? first : after.find('/', first + 1);
  if (second == std::string_view::npos) return place;
  std::from_chars(after.data(), after.data() + first, place.pinned);
  std::from_chars(after.data() + first + 1, after.data() + second, place.updated_ms);
  place.id = after.substr(second + 1);
  return place;
}

std::string_view condition_of(View view) {
  switch (view) {
    case View::kOpen: return "c.deleted_ms IS NULL AND c.archived = 0";
    case View::kArchived: return "c.deleted_ms IS NULL AND c.archived = 1";
    case View::kDeleted: return "c.deleted_ms IS NOT NULL";
  }
  return "";
}

Result<void> check_name(std::string_view name) {
  const bool fits = !name.empty() && text::is_valid_utf8(name) && text::count_characters(name) <= kFolderNameCharacters;
  const bool clean = std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (fits && clean) return {};
  return fail(ErrorCode::kInvalid, fmt::format("name: 1 to {} characters without control characters", kFolderNameCharacters));
}

}  // namespace

Result<View> view_named(std::string_view name) {
  if (name == "open") return View::kOpen;
  if (name == "archived") return View::kArchived;
  if (name == "deleted") return View::kDeleted;
  return fail(ErrorCode::kInvalid, "view: must be open, archived or deleted");
}

ConversationList::ConversationList(store::Database& database, gate::Gate& gate, const Clock& clock)
    : database_(database), gate_(gate), clock_(clock) {}

Result<std::vector<Folder>> ConversationList::folders(store::Connection& connection, const gate::Actor& actor) const {
  auto rows = connection.query(
      "SELECT f.id, f.name, (SELECT count(*) FROM conversation c WHERE c.folder_id = f.id AND c.archived = 0 AND c.deleted_ms IS NULL) "
      "FROM folder f WHERE f.owner_id = ? ORDER BY f.name",
      {actor.id.text()});
  if (!rows) return fail(rows.error());
  std::vector<Folder> folders;
  for (const store::Row& row : *rows) folders.push_back({store::stored_id<FolderId>(row.text(0)), row.text(1), row.integer(2)});
  return folders;
}

Result<Folder> ConversationList::folder(store::Connection& connection, const gate::Actor& actor, const FolderId& id) const {
  auto all = folders(connection, actor);
  if (!all) return fail(all.error());
  const auto found = std::find_if(all->begin(), all->end(), [&](const Folder& folder) { return folder.id == id; });
  if (found == all->end()) return fail(ErrorCode::kDenied, "no such folder");
  return *found;
}

Result<ConversationPage> ConversationList::list(const gate::Actor& actor, const ListRequest& request) {
  const Place place = place_of(request.after);
  return database_.read([&](store::Connection& connection) -> Result<ConversationPage> {
    ConversationPage page;
    store::Connection::Values values = {actor.id.text(), place.pinned, place.updated_ms, place.id};
    if (request.folder) values.emplace_back(request.folder->text());
    values.emplace_back(static_cast<std::int64_t>(request.limit + 1));
    auto rows = connection.query(fmt::format("SELECT {} FROM conversation c WHERE c.owner_id = ? AND {} AND (c.pinned, c.updated_ms, c.id) < (?, ?, ?) {} "
                                             "ORDER BY c.pinned DESC, c.updated_ms DESC, c.id DESC LIMIT ?",
                                             kHeadColumns, condition_of(request.view), request.folder ? "AND c.folder_id = ?" : ""),
                                 values);
    if (!rows) return fail(rows.error());
    const std::size_t shown = std::min(rows->size(), request.limit);
    for (std::size_t i = 0; i < shown; ++i) {
      auto head = read_head(gate_.policy(), (*rows)[i]);
      if (head && gate::may_read(actor, head->label)) page.items.push_back(*std::move(head));
    }
    if (rows->size() > request.limit) {
      const store::Row& last = (*rows)[shown - 1];
      page.next = fmt::format("{}/{}/{}", last.integer(6), last.integer(4), last.text(0));
    }
    if (!request.after.empty()) return page;
    auto all = folders(connection, actor);
    if (!all) return fail(all.error());
    page.folders = *std::move(all);
    return page;
  });
}

Result<ConversationHead> ConversationList::change(const gate::Actor& actor, const ConversationId& id, const ConversationChange& change) {
  return database_.write([&](store::Connection& connection) -> Result<ConversationHead> {
    auto head = select_head(connection, gate_.policy(), actor, id);
    if (!head) return head;
    if (change.title) head->title = *change.title;
    if (change.pinned) head->pinned = *change.pinned;
    if (change.archived) head->archived = *change.archived;
    if (change.folder) {
      if (*change.folder) {
        if (auto known = folder(connection, actor, **change.folder); !known) return fail(known.error());
      }
      head->folder = *change.folder;
    }
    // A pin is for what is at hand.
    if (head->archived) head->pinned = false;
    const store::Value folder = head->folder ? store::Value(head->folder->text()) : store::Value(nullptr);
    auto done = connection.execute("UPDATE conversation SET title = ?, pinned = ?, archived = ?, folder_id = ? WHERE id = ?",
                                   {head->title, std::int64_t{head->pinned}, std::int64_t{head->archived}, folder, id.text()});
    if (!done) return fail(done.error());
    return head;
  });
}

Result<void> ConversationList::attach(const gate::Actor& actor, const ConversationId& id, const ShelfId& shelf) {
  return database_.write([&](store::Connection& connection) -> Result<void> {
    if (auto head = select_head(connection, gate_.policy(), actor, id); !head) return fail(head.error());
    auto done = connection.execute("UPDATE conversation SET attachments = ? WHERE id = ?", {shelf.text(), id.text()});
    if (!done) return fail(done.error());
    return {};
  });
}

Result<void> ConversationList::remove(const gate::Actor& actor, const ConversationId& id) {
  return end(actor, id, "conversation.deleted", [&](store::Connection& connection) -> Result<std::int64_t> {
    auto head = select_head(connection, gate_.policy(), actor, id);
    if (!head) return fail(head.error());
    return connection.execute("UPDATE conversation SET deleted_ms = ?, pinned = 0 WHERE id = ?", {clock_.wall_ms(), id.text()});
  });
}

Result<void> ConversationList::purge(const gate::Actor& actor, const ConversationId& id) {
  return end(actor, id, "conversation.purged",
             [&](store::Connection& connection) { return connection.execute("DELETE FROM conversation WHERE id = ?", {id.text()}); });
}

Result<ConversationHead> ConversationList::either(store::Connection& connection, const gate::Actor& actor, const ConversationId& id) const {
  auto head = select_head(connection, gate_.policy(), actor, id);
  return head ? head : select_head(connection, gate_.policy(), actor, id, Deleted::kYes);
}

Result<void> ConversationList::end(const gate::Actor& actor, const ConversationId& id, const std::string& kind,
                                   const std::function<Result<std::int64_t>(store::Connection&)>& work) {
  auto head = database_.read([&](store::Connection& connection) { return either(connection, actor, id); });
  if (!head) return fail(head.error());
  auto recorded = gate_.record(actor, kind, {id.text()}, audit::Outcome::kDone);
  if (!recorded) return fail(recorded.error());
  return database_.write([&](store::Connection& connection) -> Result<void> {
    auto now = either(connection, actor, id);
    if (!now) return fail(now.error());
    if (now->running) return fail(ErrorCode::kConflict, "an answer is being written");
    auto done = work(connection);
    if (!done) return fail(done.error());
    return {};
  });
}

Result<ConversationHead> ConversationList::restore(const gate::Actor& actor, const ConversationId& id) {
  auto deleted = database_.read([&](store::Connection& connection) { return select_head(connection, gate_.policy(), actor, id, Deleted::kYes); });
  if (!deleted) return deleted;
  auto recorded = gate_.record(actor, "conversation.restored", {id.text()}, audit::Outcome::kDone);
  if (!recorded) return fail(recorded.error());
  return database_.write([&](store::Connection& connection) -> Result<ConversationHead> {
    auto done = connection.execute("UPDATE conversation SET deleted_ms = NULL WHERE id = ?", {id.text()});
    if (!done) return fail(done.error());
    return select_head(connection, gate_.policy(), actor, id);
  });
}

Result<std::int64_t> ConversationList::sweep() {
  const std::int64_t before_ms = clock_.wall_ms() - kDeletedKept_ms;
  auto due = database_.read([&](store::Connection& connection) {
    return connection.query("SELECT id FROM conversation WHERE deleted_ms < ?", {before_ms});
  });
  if (!due) return fail(due.error());
  for (const store::Row& row : *due) {
    auto recorded = gate_.record(gate::Actor{}, "conversation.swept", {row.text(0)}, audit::Outcome::kDone);
    if (!recorded) return fail(recorded.error());
    auto done = database_.write([&](store::Connection& connection) {
      return connection.execute("DELETE FROM conversation WHERE id = ? AND deleted_ms < ?", {row.text(0), before_ms});
    });
    if (!done) return fail(done.error());
  }
  return static_cast<std::int64_t>(due->size());
}

Result<Folder> ConversationList::make_folder(const gate::Actor& actor, std::string_view name) {
  if (auto good = check_name(name); !good) return fail(good.error());
  return database_.write([&](store::Connection& connection) -> Result<Folder> {
    auto all = folders(connection, actor);
    if (!all) return fail(all.error());
    if (all->size() >= kFolders_max) return fail(ErrorCode::kConflict, fmt::format("{} folders are there already", kFolders_max));
    Folder made{FolderId::random(), std::string(name), 0};
    auto done = connection.execute("INSERT INTO folder (id, owner_id, name, created_ms) VALUES (?, ?, ?, ?)",
                                   {made.id.text(), actor.id.text(), made.name, clock_.wall_ms()});
    if (!done) return fail(done.error());
    return made;
  });
}

Result<Folder> ConversationList::rename_folder(const gate::Actor& actor, const FolderId& id, std::string_view name) {
  if (auto good = check_name(name); !good) return fail(good.error());
  return database_.write([&](store::Connection& connection) -> Result<Folder> {
    if (auto known = folder(connection, actor, id); !known) return known;
    auto done = connection.execute("UPDATE folder SET name = ? WHERE id = ?", {std::string(name), id.text()});
    if (!done) return fail(done.error());
    return folder(connection, actor, id);
  });
}

Result<void> ConversationList::remove_folder(const gate::Actor& actor, const FolderId& id) {
  return database_.write([&](store::Connection& connection) -> Result<void> {
    if (auto known = folder(connection, actor, id); !known) return fail(known.error());
    auto done = connection.execute("DELETE FROM folder WHERE id = ?", {id.text()});
    if (!done) return fail(done.error());
    return {};
  });
}

}  // namespace sekisho::chat
