#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "twin_world.h"

/// Who is in a generated world, and what they do there that one of them, the actor, may not see.
namespace sekisho::proof {

enum class Side : std::uint8_t { kLeft = 1, kRight = 2 };

/// Choices that follow from a seed alone.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  [[nodiscard]] std::size_t below(std::size_t end) { return end == 0 ? 0 : static_cast<std::size_t>(random_() % end); }
  [[nodiscard]] bool percent(std::size_t chance) { return below(100) < chance; }
  template <typename T>
  [[nodiscard]] const T& one_of(const std::vector<T>& items) { return items[below(items.size())]; }

 private:
  std::mt19937_64 random_;
};

/// Words of an office, sentences of them, and questions with what the scripted model is to say.
[[nodiscard]] std::string some_word(Dice& dice);
[[nodiscard]] std::string some_text(Dice& dice);
[[nodiscard]] std::string some_question(Dice& dice);
[[nodiscard]] std::string some_file_name(Dice& dice);

struct Person {
  std::string name;
  UserId id;
  gate::Actor actor;
  std::string cookie;  ///< Header lines of their session, CSRF included.
};

/// The people, and what is the same in both worlds; then the hidden part, which is not.
class Life {
 public:
  /// Makes the groups, the people, and the shelves and documents that the actor may read. The same for both sides.
  Life(World& world, std::uint64_t seed, Side side);

  [[nodiscard]] const Person& actor() const { return people_.front(); }
  /// Header lines of the actor's keys: one that reaches as far as they do, one for a single shelf.
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] const std::string& bound_key() const { return bound_key_; }
  [[nodiscard]] const std::vector<std::string>& shelves() const { return shelves_; }
  [[nodiscard]] const std::vector<std::string>& groups() const { return groups_; }

  /// What happens between two rounds of the actor: new sessions for all, and hidden things, which differ from side to side: shelves,
  /// documents, conversations, ratings, folders, keys come, change and go.
  void go_on(std::uint64_t round);
  /// Ids of what the actor may not see here.
  [[nodiscard]] std::vector<std::string> hidden_ids();

 private:
  void add_person(const std::string& name, gate::Roles roles, gate::Level clearance, std::vector<std::string> groups);
  void begin_sessions();
  [[nodiscard]] gate::Label hidden_label(Dice& dice) const;
  void add_hidden_shelf(Dice& dice);
  void change_hidden_shelf(Dice& dice);
  void talk(Dice& dice);
  void keep_order(Dice& dice);

  World& world_;
  const std::uint64_t seed_;
  const Side side_;
  const std::vector<std::string> groups_ = {"総務課", "財政課", "福祉課", "監察室", "秘書課"};
  std::vector<Person> people_;  ///< The actor, the keeper, and others.
  std::string key_, bound_key_;
  std::vector<std::string> shelves_;
  std::vector<ShelfId> hidden_;
};

}  // namespace sekisho::proof
