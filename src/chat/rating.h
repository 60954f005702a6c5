#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "gate/actor.h"
#include "gate/gate.h"
#include "gate/labeled.h"
#include "store/database.h"

namespace sekisho::chat {

/// A rating as the operator reads it: what helps to make answers better, without the question, the answer and the name.
struct RatedTurn {
  TurnId turn;
  Rating rating;
  Mode mode = Mode::kShelves;
  std::string state;
  Json summary = Json::object();  ///< Of the turn: model, counts, reason.
  gate::Label label;
  std::int64_t created_ms = 0;
};

struct RatingPage {
  std::vector<RatedTurn> items;
  std::string next;
};

/// What people think of their answers.
///
/// Threads: safe from any. Blocks: database; set also one audit append.
class Ratings {
 public:
  /// All must outlive this.
  Ratings(store::Database& database, Conversations& conversations, gate::Gate& gate, const Clock& clock);

  /// Rates an answer of `actor`'s own, in place of an earlier rating. Errors: kDenied, kInvalid (the reason), kConflict (it is still being written).
  [[nodiscard]] Result<void> set(const gate::Actor& actor, const TurnId& turn, const Rating& rating);
  /// Takes it back. Errors: kDenied.
  [[nodiscard]] Result<void> clear(const gate::Actor& actor, const TurnId& turn);
  /// Newest first, of all people; none above what `reader` may read.
  [[nodiscard]] Result<gate::Labeled<RatingPage>> list(const gate::Actor& reader, std::string_view after, std::size_t limit);

 private:
  store::Database& database_;
  Conversations& conversations_;
  gate::Gate& gate_;
  const Clock& clock_;
};

}  // namespace sekisho::chat
