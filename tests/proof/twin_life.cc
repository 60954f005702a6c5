#include "twin_life.h"

#include <algorithm>

#include <fmt/format.h>

#include "api/access.h"
#include "base/check.h"
#include "identity/session.h"
#include "steady_random.h"

namespace sekisho::proof {
namespace {

const std::vector<std::string> kWords = {"旅費", "宿泊料", "予算", "入札", "随意契約", "文書管理", "保存期間", "災害", "避難所", "給与", "休暇", "研修", "議会",
                                         "条例", "補助金", "交付", "申請", "期限", "審査", "委員会", "港湾", "道路", "橋梁", "下水道", "水道", "学校", "図書館",
                                         "保育所", "一時預かり", "利用料", "減免", "督促", "差押", "固定資産税", "住民税", "国民健康保険", "起債", "監査", "庁舎", "公園"};

std::string sentence(Dice& dice) {
  return fmt::format("{}の{}に係る{}は、{}円とする。", some_word(dice), some_word(dice), some_word(dice), 100 * (1 + dice.below(90)));
}

template <typename T>
T value_of(Result<T> result) {
  CHECK(result.has_value());
  return *std::move(result);
}

}  // namespace

std::string some_word(Dice& dice) { return dice.one_of(kWords); }

std::string some_text(Dice& dice) {
  std::string text = fmt::format("# {}規程\n\n", some_word(dice));
  for (std::size_t article = 1; article <= 1 + dice.below(4); ++article) {
    text += fmt::format("第{}条（{}）\n", article, some_word(dice));
    for (std::size_t i = 0; i <= dice.below(3); ++i) text += sentence(dice);
    text += "\n\n";
  }
  return text;
}

std::string some_question(Dice& dice) {
  static const std::vector<std::string> forms = {"はいくらですか。", "の手続を教えてください。", "と庁舎の違いを比較してください。", "、また期限はいつですか。", "を要約してください。"};
  const std::string verb = dice.percent(8) ? "cut" : "say";
  return fmt::format("{}の{}{}!{} {}", some_word(dice), some_word(dice), dice.one_of(forms), verb, sentence(dice));
}

std::string some_file_name(Dice& dice) { return fmt::format("{}規程{}.{}", some_word(dice), dice.below(4), dice.percent(50) ? "md" : "txt"); }

Life::Life(World& world, std::uint64_t seed, Side side) : world_(world), seed_(seed), side_(side) {
  restart_random(mixed(seed, 1));
  Dice dice(mixed(seed, 2));
  main::Office& office = world.office();
  const gate::Actor shell = office.local_operator();
  for (const std::string& group : groups_) CHECK(office.accounts.add_group(shell, group).has_value());
  gate::Roles roles{gate::Role::kOfficial};
  if (dice.percent(50)) roles.add(gate::Role::kAuthor);
  if (dice.percent(30)) roles.add(gate::Role::kOperator);
  const int highest = office.policy.highest().rank;
  std::vector<std::string> own = {groups_[dice.below(3)]};
  if (dice.percent(50)) own.push_back(groups_[dice.below(3)]);
  add_person("actor", roles, gate::Level{static_cast<int>(dice.below(static_cast<std::size_t>(highest) + 1))}, own);
  add_person("keeper", {gate::Role::kOfficial, gate::Role::kAuthor, gate::Role::kOperator}, office.policy.highest(), groups_);
  add_person("other", {gate::Role::kOfficial, gate::Role::kAuthor}, office.policy.highest(), groups_);
  add_person("another", {gate::Role::kOfficial}, office.policy.highest(), {groups_[3], groups_[dice.below(3)]});
  begin_sessions();
  for (std::size_t i = 0; i < 2 + dice.below(2); ++i) {
    const gate::Level level{static_cast<int>(dice.below(static_cast<std::size_t>(actor().actor.clearance.rank) + 1))};
    const auto shelf = value_of(office.shelves.create(people_[1].actor, fmt::format("{}書架{}", some_word(dice), i), gate::Label(level, {{own.front(), groups_[3]}})));
    shelves_.push_back(shelf.id.text());
    for (std::size_t k = 0; k < 1 + dice.below(3); ++k) world.file(people_[1].actor, shelf.id, some_file_name(dice), some_text(dice));
  }
  key_ = "Authorization: Bearer " + value_of(office.api_keys.create(shell, actor().id, {.name = "自分の鍵"})).secret + "\r\n";
  const std::vector<ShelfId> bound = {value_of(ShelfId::parse(shelves_.front()))};
  bound_key_ = "Authorization: Bearer " + value_of(office.api_keys.create(shell, actor().id, {.name = "書架の鍵", .shelves = bound})).secret + "\r\n";
}

void Life::add_person(const std::string& name, gate::Roles roles, gate::Level clearance, std::vector<std::string> groups) {
  main::Office& office = world_.office();
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  const UserId id = value_of(office.accounts.create(office.local_operator(), {.name = name, .display_name = name + "さん", .roles = roles, .clearance = clearance, .groups = std::move(groups)}, std::nullopt));
  people_.push_back({name, id, {}, ""});
}

void Life::begin_sessions() {
  for (Person& person : people_) {
    const auto session = value_of(world_.office().sessions.begin(person.id));
    person.cookie = fmt::format("Cookie: {}={}\r\n{}: {}\r\n", api::kSessionCookie, session.token, api::kCsrfHeader, session.csrf_token);
    person.actor = value_of(world_.office().sessions.resolve(session.token));
  }
}

/// Above the actor's clearance, or for groups that the actor is not in.
gate::Label Life::hidden_label(Dice& dice) const {
  const gate::Level clearance = actor().actor.clearance;
  const gate::Level highest = world_.office().policy.highest();
  if (clearance < highest && dice.percent(60)) return gate::Label(highest, {groups_});
  return gate::Label(gate::Level{static_cast<int>(dice.below(static_cast<std::size_t>(highest.rank) + 1))}, {{groups_[3]}});
}

void Life::add_hidden_shelf(Dice& dice) {
  // Names that the actor's own shelves have, too, or will want to have.
  const std::string name = fmt::format("{}書架{}", some_word(dice), dice.below(3));
  auto shelf = world_.office().shelves.create(people_[1].actor, name, hidden_label(dice));
  if (!shelf) return;
  hidden_.push_back(shelf->id);
  for (std::size_t i = 0; i < dice.below(3); ++i) world_.file(people_[1].actor, shelf->id, some_file_name(dice), some_text(dice));
}

void Life::change_hidden_shelf(Dice& dice) {
  if (hidden_.empty()) return;
  const ShelfId shelf = dice.one_of(hidden_);
  main::Office& office = world_.office();
  const gate::Actor& keeper = people_[1].actor;
  const std::vector<std::string> documents = world_.ids("SELECT id FROM document WHERE shelf_id = ? AND deleted_ms IS NULL ORDER BY id", {shelf.text()});
  const std::size_t what = dice.below(4);
  if (what == 0) {
    world_.file(keeper, shelf, some_file_name(dice), some_text(dice));
  } else if (what == 1 && !documents.empty()) {
    static_cast<void>(office.documents.remove(keeper, value_of(DocumentId::parse(dice.one_of(documents)))));
  } else if (what == 2) {
    static_cast<void>(office.shelves.relabel(keeper, shelf, hidden_label(dice), "見直しのため"));
  } else if (dice.percent(20)) {
    if (office.shelves.remove(keeper, shelf)) std::erase(hidden_, shelf);
  }
}

/// Somebody else asks, and thinks something of the answer.
void Life::talk(Dice& dice) {
  const Person& person = people_[1 + dice.below(3)];
  const std::string answer = world_.ask({"POST", "/api/v1/turns", Json::object({{"question", some_question(dice)}, {"mode", dice.percent(70) ? "shelves" : "none"}}).dump(), person.cookie});
  const std::size_t at = answer.find("\"turn_id\":\"");
  if (at == std::string::npos) return;
  // An operator reads ratings of what they may read: those alone are hidden whose answer is above them.
  const std::string turn = answer.substr(at + 11, 26);
  const auto levels = world_.ids("SELECT label FROM turn WHERE id = ?", {turn});
  const auto label = levels.empty() ? Result<gate::Label>(fail(ErrorCode::kDenied, "")) : world_.office().policy.label_from_text(levels.front());
  if (!label || (actor().actor.roles.has(gate::Role::kOperator) && gate::may_read(actor().actor, *label))) return;
  if (dice.percent(70)) static_cast<void>(world_.ask({"PUT", "/api/v1/turns/" + turn + "/rating", R"({"good":false,"reasons":["wrong"],"note":"違います"})", person.cookie}));
}

void Life::keep_order(Dice& dice) {
  const Person& person = people_[1 + dice.below(3)];
  const auto ask = [&](std::string method, std::string target, const std::string& body) { static_cast<void>(world_.ask({std::move(method), std::move(target), body, person.cookie})); };
  ask("POST", "/api/v1/folders", Json::object({{"name", some_word(dice)}}).dump());
  if (!actor().actor.roles.has(gate::Role::kOperator)) ask("POST", "/api/v1/keys", Json::object({{"name", some_word(dice)}}).dump());
  ask("POST", "/api/v1/conversations/search", Json::object({{"query", some_word(dice)}}).dump());
  const auto talks = world_.ids("SELECT id FROM conversation WHERE owner_id = ? ORDER BY id", {person.id.text()});
  if (talks.empty()) return;
  if (dice.percent(50)) ask("DELETE", "/api/v1/conversations/" + dice.one_of(talks) + (dice.percent(50) ? "?forever=true" : ""), "");
  ask("PATCH", "/api/v1/conversations/" + dice.one_of(talks), Json::object({{"title", some_word(dice)}, {"pinned", dice.percent(50)}}).dump());
}

void Life::go_on(std::uint64_t round) {
  restart_random(mixed(seed_, 100 + round));
  world_.advance_ms(200'000);
  begin_sessions();
  Dice dice(mixed(mixed(seed_, 1000 + round), static_cast<std::uint64_t>(side_)));
  restart_random(mixed(mixed(seed_, 2000 + round), static_cast<std::uint64_t>(side_)));
  // One world in three is empty beside what the actor sees, so that much is held against nothing.
  const bool empty = Dice(mixed(mixed(seed_, 3), static_cast<std::uint64_t>(side_))).percent(33);
  const std::size_t things = empty ? 0 : round == 0 ? 6 : 2;
  for (std::size_t i = 0; i < things; ++i) {
    const std::size_t what = dice.below(10);
    if (what < 3 || (round == 0 && i < 2)) add_hidden_shelf(dice);
    else if (what < 5) change_hidden_shelf(dice);
    else if (what < 9) talk(dice);
    else keep_order(dice);
  }
}

std::vector<std::string> Life::hidden_ids() {
  std::vector<std::string> ids;
  const auto add = [&](const std::string& query, const store::Connection::Values& values) {
    for (std::string& id : world_.ids(query, values)) ids.push_back(std::move(id));
  };
  for (const ShelfId& shelf : hidden_) {
    ids.push_back(shelf.text());
    add("SELECT id FROM document WHERE shelf_id = ? ORDER BY id LIMIT 10", {shelf.text()});
    add("SELECT id FROM passage WHERE shelf_id = ? ORDER BY id LIMIT 10", {shelf.text()});
  }
  add("SELECT id FROM conversation WHERE owner_id <> ? ORDER BY id LIMIT 20", {actor().id.text()});
  add("SELECT t.id FROM turn t JOIN conversation c ON c.id = t.conversation_id WHERE c.owner_id <> ? ORDER BY t.id LIMIT 20", {actor().id.text()});
  add("SELECT id FROM folder WHERE owner_id <> ? ORDER BY id LIMIT 10", {actor().id.text()});
  if (!actor().actor.roles.has(gate::Role::kOperator)) add("SELECT id FROM api_key WHERE owner_id <> ? ORDER BY id LIMIT 10", {actor().id.text()});
  return ids;
}

}  // namespace sekisho::proof
