#pragma once

#include <string>
#include <utility>

#include "chat/conversation.h"
#include "chat/conversation_list.h"
#include "gate/gate.h"
#include "identity/test_office.h"

namespace sekisho::chat {

/// An office with two people who talk; for tests alone.
class Talk : public identity::Office {
 protected:
  static gate::Actor person(const UserId& id, int rank = 2) {
    gate::Actor actor;
    actor.id = id;
    actor.name = actor.display_name = "職員";
    actor.roles = {gate::Role::kOfficial};
    actor.clearance = gate::Level{rank};
    actor.groups = {"総務課"};
    return actor;
  }
  /// A whole turn: asked and answered, in `conversation` or in a new one.
  StoredTurn say(const gate::Actor& actor, std::string question, std::string answer, const ConversationId& conversation = {},
                 const gate::Label& label = {}) {
    StoredTurn turn;
    turn.id = TurnId::random();
    turn.conversation = conversation;
    turn.question = std::move(question);
    turn.mode = Mode::kNone;
    turn.label = label;
    clock_.advance_ms(1000);
    EXPECT_TRUE(conversations_.begin_turn(actor, turn));
    turn.state = "done";
    turn.answer = std::move(answer);
    EXPECT_TRUE(conversations_.save_turn(turn));
    return turn;
  }

  gate::Gate gate_{policy_, *chain_};
  Conversations conversations_{*database_, gate_, clock_};
  ConversationList list_{*database_, gate_, clock_};
  const gate::Actor saeki_ = person(UserId::random());
  const gate::Actor kudo_ = person(UserId::random());
};

}  // namespace sekisho::chat
