#include "chat/conversation_search.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "chat/conversation_row.h"
#include "chat/found_words.h"
#include "chat/time_place.h"
#include "search/terms.h"
#include "store/stored_id.h"

namespace sekisho::chat {
namespace {

using store::stored_id;

constexpr std::int64_t kIndexBatch = 1'000;
/// Texts that one page of results looks into, so that a word that stands everywhere ends.
constexpr std::int64_t kTexts_max = 2'000;

/// A title or a turn that the index lacks.
struct Unindexed {
  std::string conversation;
  store::Value turn;  ///< NULL: the title.
  std::string tokens;
};

/// A turn that runs is added when it has ended.
constexpr std::string_view kUnindexedTurns =
    "SELECT c.id, t.id, t.question, t.answer FROM conversation c JOIN turn t ON t.conversation_id = c.id "
    "LEFT JOIN said s ON s.turn_id = t.id AND s.terms_version = ? "
    "WHERE c.owner_id = ? AND t.state <> 'running' AND s.id IS NULL LIMIT ?";
constexpr std::string_view kUnindexedTitles =
    // The + keeps SQLite from going through all titles, which the index on turn_id has under NULL.
    "SELECT c.id, NULL, c.title, '' FROM conversation c LEFT JOIN said s ON s.conversation_id = c.id AND +s.turn_id IS NULL AND s.terms_version = ? "
    "WHERE c.owner_id = ? AND s.id IS NULL LIMIT ?";

Result<void> insert(store::Connection& connection, const Unindexed& text, const std::string& version) {
  const bool title = std::holds_alternative<std::nullptr_t>(text.turn);
  auto old = title ? connection.execute("DELETE FROM said WHERE conversation_id = ? AND +turn_id IS NULL", {text.conversation})
                   : connection.execute("DELETE FROM said WHERE turn_id = ?", {text.turn});
  if (!old) return fail(old.error());
  // It may have gone since it was read.
  auto kept = connection.execute("INSERT INTO said (conversation_id, turn_id, terms_version) SELECT id, ?, ? FROM conversation WHERE id = ?",
                                 {text.turn, version, text.conversation});
  if (!kept) return fail(kept.error());
  if (*kept == 0) return {};
  auto terms = connection.execute("INSERT INTO said_terms (rowid, terms) VALUES (last_insert_rowid(), ?)", {text.tokens});
  if (!terms) return fail(terms.error());
  return {};
}

std::size_t count_of(const std::vector<bool>& found) { return static_cast<std::size_t>(std::count(found.begin(), found.end(), true)); }

/// The hit in a turn (or, without an answer, a title): nothing where not all parts stand in it.
std::optional<SaidHit> look_into(const text::WordAnalyser& analyser, const Wanted& wanted, const std::string& question, const std::string& answer) {
  const Places asked = places_in(analyser, wanted, question);
  const Places answered = places_in(analyser, wanted, answer);
  for (std::size_t i = 0; i < wanted.parts.size(); ++i) {
    if (!asked.found[i] && !answered.found[i]) return std::nullopt;
  }
  const bool in_answer = count_of(answered.found) > count_of(asked.found);
  return SaidHit{{}, in_answer, in_answer ? snippet_of(answer, answered.ranges) : snippet_of(question, asked.ranges)};
}

/// Puts the rows of a search, which come conversation by conversation, together.
class Gathering {
 public:
  Gathering(const text::WordAnalyser& analyser, const Wanted& wanted, std::size_t limit) : analyser_(analyser), wanted_(wanted), limit_(limit) {}

  /// False: there are `limit` conversations already, and this row is of the next.
  /// `head_of` gives the row's conversation, or nothing where the asker may not read it.
  template <typename HeadOf>
  bool add(const store::Row& row, const HeadOf& head_of) {
    if (row.text(0) != current_) {
      finish();
      if (found_.size() == limit_) return false;
      current_ = row.text(0);
    }
    place_ = TimePlace{row.integer(4), current_}.text();
    if (one_.hits.size() == ConversationSearch::kHitsShown) return true;
    auto hit = look_into(analyser_, wanted_, row.text(2), row.text(3));
    if (!hit) return true;
    if (one_.hits.empty()) {
      auto head = head_of(stored_id<ConversationId>(current_));
      if (!head) return true;
      one_.head = *std::move(head);
    }
    if (!row.is_null(1)) hit->turn = stored_id<TurnId>(row.text(1));
    one_.hits.push_back(*std::move(hit));
    return true;
  }
  [[nodiscard]] FoundConversations result(bool more) {
    finish();
    return {gate::gather(std::move(found_)), std::move(ids_), more ? place_ : ""};
  }

 private:
  void finish() {
    if (one_.hits.empty()) return;
    ids_.push_back(one_.head.id);
    const gate::Label label = one_.head.label;
    found_.emplace_back(std::exchange(one_, {}), label);
  }

  const text::WordAnalyser& analyser_;
  const Wanted& wanted_;
  const std::size_t limit_;
  std::vector<gate::Labeled<FoundConversation>> found_;
  std::vector<ConversationId> ids_;
  FoundConversation one_;
  std::string current_;
  std::string place_;  ///< Of the conversation whose rows came last.
};

}  // namespace

ConversationSearch::ConversationSearch(store::Database& database, const text::WordAnalyser& analyser, gate::Gate& gate)
    : database_(database), analyser_(analyser), gate_(gate) {}

Result<void> ConversationSearch::sweep() {
  auto gone = database_.read([](store::Connection& connection) { return connection.query("SELECT 1 FROM said_gone LIMIT 1"); });
  if (!gone) return fail(gone.error());
  if (gone->empty()) return {};
  return database_.write([](store::Connection& connection) -> Result<void> {
    auto terms = connection.execute("DELETE FROM said_terms WHERE rowid IN (SELECT id FROM said_gone)");
    if (!terms) return fail(terms.error());
    auto done = connection.execute("DELETE FROM said_gone");
    if (!done) return fail(done.error());
    return {};
  });
}

Result<void> ConversationSearch::index_missing(const gate::Actor& actor) {
  const std::string version = search::terms_version(analyser_);
  for (const std::string_view missing : {kUnindexedTitles, kUnindexedTurns}) {
    for (;;) {
      auto rows = database_.read([&](store::Connection& connection) { return connection.query(missing, {version, actor.id.text(), kIndexBatch}); });
      if (!rows) return fail(rows.error());
      if (rows->empty()) break;
      std::vector<Unindexed> texts;
      for (const store::Row& row : *rows) {
        texts.push_back({row.text(0), row.is_null(1) ? store::Value(nullptr) : store::Value(row.text(1)),
                         owner_token(actor.id.text()) + tokens_of(analyser_, row.text(2), row.text(3))});
      }
      auto done = database_.write([&](store::Connection& connection) -> Result<void> {
        for (const Unindexed& text : texts) {
          if (auto added = insert(connection, text, version); !added) return added;
        }
        return {};
      });
      if (!done) return done;
      if (static_cast<std::int64_t>(rows->size()) < kIndexBatch) break;
    }
  }
  return {};
}

Result<FoundConversations> ConversationSearch::find(const gate::Actor& actor, std::string_view query, std::string_view after, std::size_t limit) {
  const Wanted wanted = wanted_of(analyser_, query);
  if (wanted.parts.empty()) return FoundConversations{{{}, {}}, {}, ""};
  if (auto indexed = index_missing(actor); !indexed) return fail(indexed.error());
  if (auto swept = sweep(); !swept) return fail(swept.error());
  const TimePlace place = TimePlace::parse(after);
  return database_.read([&](store::Connection& connection) -> Result<FoundConversations> {
    auto rows = connection.query(
        "SELECT c.id, s.turn_id, coalesce(t.question, c.title), coalesce(t.answer, ''), c.updated_ms FROM said_terms x JOIN said s ON s.id = x.rowid "
        "JOIN conversation c ON c.id = s.conversation_id LEFT JOIN turn t ON t.id = s.turn_id "
        "WHERE said_terms MATCH ? AND c.owner_id = ? AND c.deleted_ms IS NULL AND (c.updated_ms, c.id) < (?, ?) "
        "ORDER BY c.updated_ms DESC, c.id DESC, s.turn_id IS NOT NULL, t.sequence DESC LIMIT ?",
        {expression_of(wanted, actor.id.text()), actor.id.text(), place.ms, place.id, kTexts_max});
    if (!rows) return fail(rows.error());
    Gathering gathering(analyser_, wanted, limit);
    bool more = static_cast<std::int64_t>(rows->size()) == kTexts_max;
    for (const store::Row& row : *rows) {
      const bool taken = gathering.add(row, [&](const ConversationId& id) { return select_head(connection, gate_.policy(), actor, id); });
      if (taken) continue;
      more = true;
      break;
    }
    return gathering.result(more);
  });
}

}  // namespace sekisho::chat
