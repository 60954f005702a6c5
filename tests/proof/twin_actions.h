#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "twin_life.h"

/// What the actor does: every route of the server, with ids that they know, that exist in one of the worlds alone, or nowhere.
namespace sekisho::proof {

/// What an id names.
enum class Of : std::uint8_t { kShelf, kDocument, kPassage, kConversation, kTurn, kFolder, kKey };

struct Action {
  Call call;
  bool brings = false;   ///< A document that is to be read before anything else happens.
  Of found = Of::kTurn;  ///< What a member "id" of the answer names.
};

/// The actor's hands: chooses the next action by seed and number and by what the answers so far have told, so that equal answers make
/// equal actions.
class Hands {
 public:
  explicit Hands(const Life& life);

  /// Ids of which some exist in one world alone.
  void learn_foreign(std::vector<std::string> ids) { foreign_ = std::move(ids); }
  [[nodiscard]] Action next(std::uint64_t seed, std::uint64_t number);
  /// Remembers the ids and places that an answer tells.
  void learn(const Action& action, const std::string& answer);

 private:
  using Make = Action (Hands::*)(Dice&);
  [[nodiscard]] std::string id(Of of, Dice& dice) const;
  [[nodiscard]] std::string place(Dice& dice) const;
  [[nodiscard]] std::string credential(Dice& dice) const;
  [[nodiscard]] std::string shelves_json(Dice& dice) const;
  void remember(Of of, std::string id);

  Action list(Dice& dice);
  Action look(Dice& dice);
  Action administer(Dice& dice);
  Action search(Dice& dice);
  Action ask(Dice& dice);
  Action ask_openai(Dice& dice);
  Action order(Dice& dice);
  Action keep_shelves(Dice& dice);
  Action bring(Dice& dice);
  Action stray(Dice& dice);

  const Life& life_;
  std::map<Of, std::vector<std::string>> known_;
  std::vector<std::string> places_;
  std::vector<std::string> foreign_;
};

}  // namespace sekisho::proof
